import { overdue } from '../../alerts/trust.tsx'
import { may } from '../../session.ts'
import { Time } from '../../time.tsx'
import { useWords } from '../../words.ts'

/** Cameras from which nothing can come now, above what came; nothing where there are none. */
export function Overdue() {
  const t = useWords('alerts')
  const all = overdue.value
  if (all.length === 0) return null
  return (
    <section class="problem overdue" aria-label={t('overdue.title')}>
      <h2>{t('overdue.title')}</h2>
      <ul>
        {all.map(({ agent, camera, stateSince, passedAt }) => (
          <li key={`${agent}/${camera}`}>
            {may('cameras.view') ? (
              <a href={`/fleet?agent=${encodeURIComponent(agent)}`}>
                {agent}/{camera}
              </a>
            ) : (
              <strong>
                {agent}/{camera}
              </strong>
            )}{' '}
            <span>
              {t('overdue.row')} <Time at={stateSince} utc={false} />,{' '}
              {passedAt === null ? (
                t('overdue.never')
              ) : (
                <>
                  {t('overdue.last')} <Time at={passedAt} utc={false} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
