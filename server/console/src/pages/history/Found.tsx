import type { Answer, Sighted } from '@vedette/server/past/answer'
import type { Coverage, Gap } from '@vedette/server/past/coverage'
import { span } from '../../amount.ts'
import { urlOf } from '../../desk.ts'
import { Empty } from '../../parts/Empty.tsx'
import { percent } from '../../plots/Interval.tsx'
import { Time } from '../../time.tsx'
import { useWords } from '../../words.ts'
import { Score } from './Score.tsx'

/** What came of a search of the past: who looks like it, and how much of the time can be spoken of. */
export function Found({ answer }: { answer: Answer }) {
  const t = useWords('history')
  const { sightings, alerts, walks, elsewhere, more, since, until } = answer
  return (
    <section class="stack" aria-label={t('found.title')}>
      <p role="status">
        {t('found.searched', { count: walks })} {t('found.seen', { count: sightings.length })}{' '}
        {more && t('found.more')} {elsewhere > 0 && t('found.elsewhere', { count: elsewhere })}
      </p>
      <p class="quiet small">
        <Time at={since} /> – <Time at={until} />
      </p>
      {sightings.length > 0 && (
        <ul class="sightings" aria-label={t('found.title')}>
          {sightings.map((sighted) => (
            <li key={sighted.sighting ?? `${sighted.agent}/${sighted.camera}`} class="card">
              <Sighting sighted={sighted} />
            </li>
          ))}
        </ul>
      )}
      {alerts.length > 0 && (
        <>
          <h2>{t('found.alerts')}</h2>
          <ul class="sightings">
            {alerts.map(({ id, agent, camera, list, capturedAt, score, needed }) => (
              <li key={id} class="card">
                <a class="chip" href={`/alerts?id=${id}`} aria-label={t('open', { name: id })}>
                  <img
                    class="face"
                    src={urlOf(`/alerts/${id}/chip`)}
                    alt=""
                    width="96"
                    height="96"
                  />
                </a>
                <div class="about">
                  <span class="small">
                    {list} · {agent}/{camera}
                  </span>
                  <Time at={capturedAt} />
                  <Score score={score} needed={needed} />
                </div>
              </li>
            ))}
          </ul>
        </>
      )}
      {sightings.length + alerts.length === 0 && (
        <Empty title={t('found.nobody')}>
          <p>{t('found.nobodyText')}</p>
        </Empty>
      )}
      <h2>{t('found.coverage')}</h2>
      <p class="quiet">{t('found.coverageText')}</p>
      {answer.cameras.length === 0 && <p>{t('found.noCameras')}</p>}
      <ul class="coverages">
        {answer.cameras.map((camera) => (
          <li key={`${camera.agent}/${camera.camera}`}>
            <Covered camera={camera} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Sighting({ sighted }: { sighted: Sighted }) {
  const t = useWords('history')
  const { sighting, agent, camera, from, until, score, needed, side, pictured } = sighted
  const seconds = Math.max(1, Math.round((until - from) / 1000))
  return (
    <>
      <span class="chip">
        {pictured && sighting ? (
          <img
            class="face"
            src={urlOf(`/past/sightings/${sighting}/picture`)}
            alt={t('found.seenAt', { camera: `${agent}/${camera}` })}
            width="96"
            height="96"
          />
        ) : (
          <span class="small quiet">{t('found.noPicture')}</span>
        )}
      </span>
      <div class="about">
        <strong>
          {agent}/{camera}
        </strong>
        <Time at={from} />
        <Score score={score} needed={needed} />
        <span class="small quiet">
          {sighting === null
            ? t('found.now')
            : t('found.facts', { seconds, side: Math.round(side) })}
        </span>
      </div>
    </>
  )
}

function Covered({ camera }: { camera: Coverage }) {
  const t = useWords('history')
  const { stretches, share } = camera
  const [first, last] = [stretches[0]?.from ?? 0, stretches.at(-1)?.to ?? 1]
  const gaps = new Map<Gap, number>()
  for (const { gap, from, to } of stretches) {
    if (gap !== null) gaps.set(gap, (gaps.get(gap) ?? 0) + to - from)
  }
  return (
    <>
      <span>
        {camera.agent}/{camera.camera}
      </span>
      <span class="stretches" aria-hidden="true">
        {stretches.map(({ from, to, gap }) => (
          <span
            key={from}
            data-gap={gap !== null}
            style={{ width: `${(100 * (to - from)) / (last - first)}%` }}
          />
        ))}
      </span>
      <span class="small">
        {t('found.watched', { share: percent(share) })}
        {[...gaps].map(([gap, ms]) => `; ${t(`gap.${gap}`)} ${span(ms)}`)}
      </span>
    </>
  )
}
