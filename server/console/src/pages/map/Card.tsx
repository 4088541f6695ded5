import { useSignal } from '@preact/signals'
import type { NamedAlert } from '@vedette/server/desk/named'
import type { Permission } from '@vedette/server/operators/permissions'
import type { TroubleRecord } from '@vedette/server/store/troubles'
import type { ComponentChildren } from 'preact'
import { Mark } from '../../cameras/Mark.tsx'
import { reasonOf, TONES, useCameraWords } from '../../cameras/words.ts'
import { urlOf } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Tag } from '../../parts/Tag.tsx'
import { may } from '../../session.ts'
import { relative, Time } from '../../time.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { type Spot, stateOf } from './spots.ts'

/** So many open alerts are listed; the page of alerts has all. */
const MOST = 5

/** What there is to know of one camera. */
export function Card({
  spot,
  onClose,
  children,
}: {
  spot: Spot
  onClose: () => void
  children?: ComponentChildren
}) {
  const t = useWords('map')
  const c = useCameraWords()
  const { agent, camera, status, alerts } = spot
  const here = new URLSearchParams({ agent, camera })
  const alertsPath = may('alerts.view') ? `/alerts?${here}&limit=1` : undefined
  const last = useDesk<NamedAlert[]>(alertsPath)
  const [seen] = last.data ?? []
  const state = stateOf(spot)
  return (
    <section class="card stack" aria-label={t('card', { name: spot.name })}>
      <div class="row spread">
        <h2 class="row">
          <Mark state={state} /> {spot.name}
        </h2>
        <Button kind="quiet" aria-label={t('closeCard')} onClick={onClose}>
          ×
        </Button>
      </div>
      <div>
        <Tag tone={TONES[state]}>{c(`state.${state}`)}</Tag>{' '}
        {status && <span class="quiet small">{relative(status.stateSince)}</span>}
        <p class="why">{status ? reasonOf(c, status) : t('neverAnnounced')}</p>
        {status && status.why !== 'well' && <p class="quiet small">{c(`todo.${status.why}`)}</p>}
      </div>
      <dl class="facts">
        <dt>{t('lastFace')}</dt>
        <dd>{status?.passedAt ? <Time at={status.passedAt} /> : t('never')}</dd>
        <dt>{t('lastSighting')}</dt>
        <dd>
          {seen ? (
            <a href={`/alerts?id=${seen.id}`}>
              {seen.name ?? t('nameless')}, <Time at={seen.capturedAt} />
            </a>
          ) : (
            t('noSighting')
          )}
        </dd>
        <dt>{t('where')}</dt>
        <dd>{whereOf(spot, t('nowhere'))}</dd>
      </dl>
      {alerts.length > 0 && (
        <div>
          <h3>{t('open', { count: alerts.length })}</h3>
          <ul class="alerts-here">
            {alerts.slice(0, MOST).map(({ id, name, listName, capturedAt, entryId }) => (
              <li key={id}>
                <a href={`/alerts?id=${id}`}>{name ?? t('nameless')}</a>{' '}
                <span class="quiet small">
                  {listName} · {relative(capturedAt)} ·{' '}
                  <a href={`/map?person=${entryId}`}>{t('trail.show')}</a>
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {(status?.troubles.length ?? 0) > 0 && <Troubles agent={agent} camera={camera} />}
      <div class="row">
        {may('cameras.watch' as Permission) && (
          <a class="button" href={`/live?cameras=${encodeURIComponent(spot.name)}`}>
            {t('live')}
          </a>
        )}
        <a class="button" href={`/history?camera=${encodeURIComponent(spot.name)}`}>
          {t('history')}
        </a>
        <a class="button" href={`/fleet?agent=${encodeURIComponent(agent)}`}>
          {t('machine')}
        </a>
      </div>
      {children}
    </section>
  )
}

/** What it showed when it went wrong: each look at a picture is recorded, so it is asked for. */
function Troubles({ agent, camera }: { agent: string; camera: string }) {
  const t = useWords('map')
  const c = useCameraWords()
  const here = new URLSearchParams({ agent, camera, standing: 'true', limit: '5' })
  const { data = [] } = useDesk<TroubleRecord[]>(`/cameras/troubles?${here}`)
  const open = useSignal<string | undefined>(undefined)
  return (
    <ul class="alerts-here">
      {data.map(({ id, kind, since, pictures }) => (
        <li key={id}>
          {c(`trouble.${kind}`)} <span class="quiet small">{relative(since)}</span>{' '}
          {pictures.begin && open.value !== id && (
            <Button
              onClick={() => {
                open.value = id
              }}
            >
              {t('showPicture')}
            </Button>
          )}
          {open.value === id && (
            <img
              src={urlOf(`/cameras/troubles/${id}/begin`)}
              alt={t('pictureOf', { name: `${agent}/${camera}` })}
            />
          )}
        </li>
      ))}
    </ul>
  )
}

function whereOf({ place }: Spot, nowhere: string): string {
  const spot = place?.place
  if (spot) {
    const point = `${spot.latitude.toFixed(5)}, ${spot.longitude.toFixed(5)}`
    return spot.address ? `${spot.address} (${point})` : point
  }
  return place?.address ?? (place?.plan ? '' : nowhere)
}
