import { Mark } from '../../cameras/Mark.tsx'
import { useCameraWords } from '../../cameras/words.ts'
import { useWords } from '../../words.ts'
import { CAMERA, isOn, type Layer, type Spot, stateOf } from './spots.ts'

type ListProps = {
  spots: readonly Spot[]
  layer: Layer
  selected: string | undefined
  /** They can be dragged onto the map. */
  movable: boolean
  onSelect: (name: string) => void
}

/** Every camera: those on this layer, those that are elsewhere, those that nobody has placed. */
export function List({ spots, layer, selected, movable, onSelect }: ListProps) {
  const t = useWords('map')
  const here = spots.filter((spot) => isOn(spot, layer))
  const isPlaced = ({ place }: Spot) => Boolean(place?.place || place?.plan)
  const elsewhere = spots.filter((spot) => !isOn(spot, layer) && isPlaced(spot))
  const unplaced = spots.filter((spot) => !isPlaced(spot))
  const groups = [
    [t('list.here'), here],
    [t('list.unplaced'), unplaced],
    [t('list.elsewhere'), elsewhere],
  ] as const
  return (
    <div class="card stack tight camera-list">
      {spots.length === 0 && <p class="quiet">{t('list.none')}</p>}
      {groups.map(
        ([title, group]) =>
          group.length > 0 && (
            <section key={title} aria-label={title}>
              <h3 class="row spread">
                {title} <span class="quiet small number">{group.length}</span>
              </h3>
              <ul>
                {group.map((spot) => (
                  <Item key={spot.name} {...{ spot, selected, movable, onSelect }} />
                ))}
              </ul>
            </section>
          ),
      )}
    </div>
  )
}

type ItemProps = Pick<ListProps, 'selected' | 'movable' | 'onSelect'> & { spot: Spot }

function Item({ spot, selected, movable, onSelect }: ItemProps) {
  const t = useWords('map')
  const c = useCameraWords()
  const state = stateOf(spot)
  return (
    <li>
      <button
        type="button"
        draggable={movable}
        onDragStart={(event) => event.dataTransfer?.setData(CAMERA, spot.name)}
        aria-current={spot.name === selected ? 'true' : undefined}
        onClick={() => onSelect(spot.name)}
      >
        <Mark state={state} />
        <span class="name">{spot.name}</span>
        <span class="unseen">{c(`short.${state}`)}</span>
        {spot.alerts.length > 0 && (
          <span class="count">{t('list.alerts', { count: spot.alerts.length })}</span>
        )}
      </button>
    </li>
  )
}
