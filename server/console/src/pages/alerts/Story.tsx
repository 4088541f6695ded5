import type { Step } from '@vedette/server/store/alerts'
import type { EvidenceFrame } from '@vedette/server/store/evidence'
import type { Item } from '../../alerts/queue.ts'
import { urlOf } from '../../desk.ts'
import { localTime, Time } from '../../time.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'

/** The frames of the walk, and all that happened since. */
export function Story({ item }: { item: Item }) {
  const t = useWords('alerts')
  const path = `/alerts/${item.id}`
  // Asked anew with every change: the number only makes the path another one.
  const frames = useDesk<EvidenceFrame[]>(`${path}/frames?seq=${item.seq}`)
  const life = useDesk<Step[]>(`${path}/life?seq=${item.seq}`)
  return (
    <>
      <section>
        <h3>{t('frames')}</h3>
        <ol class="frames">
          {frames.data?.map(({ track, shot, capturedAt, score, threshold }) => (
            <li key={`${track}/${shot}`}>
              <img
                src={urlOf(`${path}/frames/${encodeURIComponent(track)}/${shot}`)}
                alt={t('frameOf', { time: localTime(capturedAt) })}
                loading="lazy"
              />
              <span class="small number">{localTime(capturedAt)}</span>
              <span class="small quiet number">
                {score.toFixed(3)} {t(score >= threshold ? 'reaches' : 'isBelow')}
              </span>
            </li>
          ))}
        </ol>
        {frames.data?.length === 0 && <p class="quiet">{t('noFrames')}</p>}
      </section>
      <section>
        <h3>{t('life')}</h3>
        <ol class="life">
          {life.data?.map((step) => (
            <li key={step.seq}>
              <Time at={step.at} utc={false} />
              <span>
                <strong>{t(`step.${step.kind}`)}</strong>
                {step.outcome && <> · {t(`outcome.${step.outcome}`)}</>}
                {step.by && <> · {step.by}</>}
                {step.note && <div class="quiet">{step.note}</div>}
                {step.why && <div class="quiet">{step.why}</div>}
              </span>
            </li>
          ))}
        </ol>
      </section>
    </>
  )
}
