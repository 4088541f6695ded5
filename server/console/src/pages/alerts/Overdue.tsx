import { overdue, overdueRemedy, overdueSince } from '../../alerts/trust.tsx'
import { may } from '../../session.ts'
import { useWords } from '../../words.ts'

/** As many as leave room for what waits. */
const NAMED = 3

/** Cameras from which nothing can come now, above what came; nothing where there are none. */
export function Overdue() {
  const t = useWords('alerts')
  const all = overdue.value
  if (all.length === 0) return null
  const others = all.length - NAMED
  return (
    <section class="problem overdue" aria-label={t('overdue.title')}>
      <h2>{t('overdue.title')}</h2>
      <ul>
        {all.slice(0, NAMED).map((camera) => (
          <li key={`${camera.agent}/${camera.camera}`}>
            <strong>{overdueSince(camera)}</strong>
            <span>{overdueRemedy(camera)}</span>
            {may('cameras.view') && (
              <a href={`/fleet?agent=${encodeURIComponent(camera.agent)}`}>{t('overdue.fleet')}</a>
            )}
          </li>
        ))}
      </ul>
      {others > 0 && <p>{t('trust.others', { count: others })}</p>}
    </section>
  )
}
