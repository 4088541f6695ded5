import type { EntryBehaviour } from '@vedette/server/gallery/behaviour'
import type { Added } from '@vedette/server/thresholds/added'
import { amount } from '../../amount.ts'
import { Tag, type Tone } from '../../parts/Tag.tsx'
import { useWords } from '../../words.ts'
import { behaviourWords } from './verdict-words.ts'

const TONES: Record<EntryBehaviour['kind'], Tone> = {
  ordinary: 'good',
  wolf: 'danger',
  lamb: 'warn',
  unknown: 'plain',
}
const SHOWN = 8

/** How the entry would do among strangers. */
export function Behaviour({ behaviour }: { behaviour: EntryBehaviour | null }) {
  const t = useWords('wanted')
  if (behaviour === null) return null
  return (
    <p class="wanted-behaviour">
      <Tag tone={TONES[behaviour.kind]}>{t(`behaviour.${behaviour.kind}`)}</Tag>{' '}
      {behaviourWords(behaviour)}
    </p>
  )
}

/** False alerts that the entry adds at each camera, the most first. */
export function Forecast({ forecast }: { forecast: readonly Added[] }) {
  const t = useWords('wanted')
  if (forecast.length === 0) return <p class="quiet">{t('forecast.none')}</p>
  const sorted = forecast.toSorted((p, q) => q.forecast.expected - p.forecast.expected)
  const rows = (some: readonly Added[]) => (
    <ul class="wanted-forecast">
      {some.map(({ agent, camera, forecast: { expected, low, high } }) => (
        <li key={`${agent}/${camera}`}>
          <strong>
            {agent}/{camera}
          </strong>{' '}
          {low === null || high === null
            ? t('forecast.published', { expected: amount(expected) })
            : t('forecast.between', {
                expected: amount(expected),
                low: amount(low),
                high: amount(high),
              })}
        </li>
      ))}
    </ul>
  )
  return (
    <>
      {rows(sorted.slice(0, SHOWN))}
      {sorted.length > SHOWN && (
        <details>
          <summary>{t('forecast.more', { count: sorted.length - SHOWN })}</summary>
          {rows(sorted.slice(SHOWN))}
        </details>
      )}
    </>
  )
}
