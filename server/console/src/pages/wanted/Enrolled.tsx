import type { AddedTo, EnrolAnswer } from '@vedette/server/gallery/enrolment-answer'
import { Button } from '../../parts/Button.tsx'
import { Tag } from '../../parts/Tag.tsx'
import { Time } from '../../time.tsx'
import { useWords } from '../../words.ts'
import { day, figure } from './format.ts'
import { Photo } from './Photo.tsx'

type EnrolledProps = {
  answer: EnrolAnswer | AddedTo
  into: string | undefined
  onAgain: () => void
}

/** What came of it, and where the person was seen in the past. */
export function Enrolled({ answer, into, onAgain }: EnrolledProps) {
  const t = useWords('wanted')
  const { entry, past } = answer
  if (entry === null) return null
  const waits = entry.state === 'pending' || ('request' in answer && answer.request !== undefined)
  return (
    <section class="wanted-done card" role="status" aria-label={t('done.label')}>
      <Photo entry={entry.id} alt={entry.name} size={160} />
      <div class="stack">
        <h2>
          {t(into === undefined ? 'done.title' : 'done.added', {
            name: entry.name,
            count: entry.photos,
          })}
        </h2>
        {waits ? (
          <p>
            <Tag tone="accent">{t('states.pending')}</Tag> {t('done.waits')}
          </p>
        ) : (
          <p>
            <Tag tone="good">{t('states.live')}</Tag>{' '}
            {t('done.until', { day: day(entry.expiresAt) })}
          </p>
        )}
        {past?.fault && <p>{t('done.pastLater')}</p>}
        {past && !past.fault && past.walks > 0 && (
          <>
            <h3>{t('done.past')}</h3>
            {past.seen.length === 0 ? (
              <p class="quiet">{t('done.notSeen', { count: past.walks })}</p>
            ) : (
              <ul>
                {past.seen.map(({ id, agent, camera, at, score, needed }) => (
                  <li key={id}>
                    <a href={`/alerts?id=${id}`}>
                      {agent}/{camera}
                    </a>{' '}
                    <Time at={at} />{' '}
                    <span class="small quiet">
                      {t('alike.score', { score: figure(score), threshold: figure(needed) })}
                    </span>
                  </li>
                ))}
              </ul>
            )}
          </>
        )}
        <div class="row">
          <a class="button" data-kind="primary" href={`/wanted/${entry.id}`}>
            {t('done.open')}
          </a>
          {into === undefined && <Button onClick={onAgain}>{t('done.again')}</Button>}
        </div>
      </div>
    </section>
  )
}
