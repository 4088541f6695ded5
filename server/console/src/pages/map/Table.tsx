import type { FloorPlan } from '@vedette/server/store/plans'
import { Mark } from '../../cameras/Mark.tsx'
import { reasonOf, useCameraWords } from '../../cameras/words.ts'
import { relative } from '../../time.tsx'
import { useWords } from '../../words.ts'
import { NO_VIEW, type Spot, stateOf } from './spots.ts'

type TableProps = {
  spots: readonly Spot[]
  plans: readonly FloorPlan[]
  onSelect: (name: string) => void
}

/** All that the map shows, in words and numbers. */
export function Table({ spots, plans, onSelect }: TableProps) {
  const t = useWords('map')
  const c = useCameraWords()
  return (
    <div class="scroll-x card">
      <table>
        <caption class="unseen">{t('table.caption')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('table.camera')}</th>
            <th scope="col">{t('table.state')}</th>
            <th scope="col">{t('table.alerts')}</th>
            <th scope="col">{t('table.position')}</th>
            <th scope="col">{t('table.looks')}</th>
            <th scope="col">{t('table.plan')}</th>
          </tr>
        </thead>
        <tbody>
          {spots.map((spot) => {
            const { bearing, fieldOfView, range } = spot.place?.view ?? NO_VIEW
            const place = spot.place?.place
            const plan = plans.find(({ id }) => id === spot.place?.plan?.plan)
            return (
              <tr key={spot.name}>
                <th scope="row">
                  <button type="button" class="camera-link" onClick={() => onSelect(spot.name)}>
                    {spot.name}
                  </button>
                </th>
                <td>
                  <span class="row state">
                    <Mark state={stateOf(spot)} /> {c(`short.${stateOf(spot)}`)}
                  </span>
                  <span class="small quiet">
                    {spot.status ? reasonOf(c, spot.status) : t('neverAnnounced')}
                    {spot.status && ` (${relative(spot.status.stateSince)})`}
                  </span>
                </td>
                <td class="number">{spot.alerts.length}</td>
                <td class="number">
                  {place ? `${place.latitude.toFixed(5)}, ${place.longitude.toFixed(5)}` : '–'}
                  {spot.place?.address && <div class="small quiet">{spot.place.address}</div>}
                </td>
                <td class="number">
                  {bearing === null ? '–' : `${bearing}°`}
                  {fieldOfView !== null && `, ${t('table.wide', { degrees: fieldOfView })}`}
                  {range !== null && `, ${t('table.far', { metres: range })}`}
                </td>
                <td>{plan?.name ?? '–'}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
