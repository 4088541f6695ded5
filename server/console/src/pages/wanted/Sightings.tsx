import type { NamedAlert } from '@vedette/server/desk/named'
import { urlOf } from '../../desk.ts'
import { Problem } from '../../parts/Problem.tsx'
import { Tag, type Tone } from '../../parts/Tag.tsx'
import { may } from '../../session.ts'
import { Time } from '../../time.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { Score } from './LookAlikes.tsx'
import { useNews } from './use-news.ts'

const SHOWN = 12

/** Where an entry was seen, the latest first. */
export function Sightings({ entry }: { entry: string }) {
  const t = useWords('wanted')
  const { data, problem, reload } = useDesk<NamedAlert[]>(`/alerts?entry=${entry}&limit=${SHOWN}`)
  useNews(['alert'], reload, ({ alert }) => alert.entryId === entry)
  return (
    <section class="card stack">
      <div class="row spread">
        <h3>{t('sightings.title')}</h3>
        {data && data.length > 0 && (
          <div class="row">
            <a class="button" href={`/map?person=${entry}`}>
              {t('sightings.trail')}
            </a>
            <a class="button" href={`/history?entry=${entry}`}>
              {t('sightings.all')}
            </a>
          </div>
        )}
      </div>
      <Problem problem={problem} onRetry={reload} />
      {data?.length === 0 && <p class="quiet">{t('sightings.none')}</p>}
      <ul class="wanted-sightings">
        {data?.map((alert) => {
          const { id, agent, camera, capturedAt, score, threshold } = alert
          const { words, tone } = endOf(alert)
          return (
            <li key={id}>
              <a href={`/alerts?id=${id}`} aria-label={t('sightings.open', { camera })}>
                <img
                  class="wanted-face"
                  src={urlOf(`/alerts/${id}/chip`)}
                  alt=""
                  width={72}
                  height={72}
                  loading="lazy"
                />
              </a>
              <div class="stack">
                <div class="row spread">
                  <a href={`/alerts?id=${id}`}>
                    {agent}/{camera}
                  </a>
                  <Tag tone={tone}>{t(`sightings.${words}`)}</Tag>
                </div>
                <Time at={capturedAt} />
                <Score score={score} threshold={threshold} />
                {may('entries.enrol') && (
                  <a class="small" href={`/wanted/add?to=${entry}&alert=${id}`}>
                    {t('sightings.add')}
                  </a>
                )}
              </div>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

function endOf({ outcome, certainty }: NamedAlert): {
  words: 'true' | 'false' | 'unresolved' | 'provisional' | 'confirmed' | 'withdrawn'
  tone: Tone
} {
  if (outcome === 'true') return { words: 'true', tone: 'good' }
  if (outcome === 'false') return { words: 'false', tone: 'plain' }
  if (outcome === 'unresolved') return { words: 'unresolved', tone: 'plain' }
  return { words: certainty, tone: certainty === 'confirmed' ? 'danger' : 'warn' }
}
