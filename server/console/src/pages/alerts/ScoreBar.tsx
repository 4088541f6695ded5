import type { NamedAlert } from '@vedette/server/desk/named'
import { useWords } from '../../words.ts'

type Scored = Pick<NamedAlert, 'score' | 'threshold' | 'runnerUp'>

/** Of the way from what is needed to the same face: just above, clearly, and far above it. */
const CLEAR = 0.25
const FAR = 0.6

/**
 * The score on a bar whose middle is what had to be reached, whatever that is: the same place on it
 * means the same on every alert, where the same number would not.
 */
export function ScoreBar({ alert }: { alert: Scored }) {
  const t = useWords('alerts')
  const { score, threshold, runnerUp } = alert
  const at = (value: number) => {
    const half = Math.max(1e-6, 1 - threshold)
    return Math.max(0, Math.min(100, 50 + (50 * (value - threshold)) / half))
  }
  const band = bandOf(alert)
  const margin =
    runnerUp === null
      ? t('score.alone')
      : t('score.next', { next: digits(runnerUp), by: digits(score - runnerUp) })
  const words = t('score.words', { score: digits(score), threshold: digits(threshold) })
  return (
    <div class="score">
      <div class="row spread">
        <strong>{t(`score.${band}`)}</strong>
        <span class="quiet small number">{words}</span>
      </div>
      <div class="track" role="img" aria-label={`${t(`score.${band}`)}. ${words}. ${margin}`}>
        <span class="reached" style={{ width: `${at(score)}%` }} data-band={band} />
        <span class="needed" />
        {runnerUp !== null && (
          <span class="runner" style={{ insetInlineStart: `${at(runnerUp)}%` }} />
        )}
      </div>
      <div class="row spread small quiet number">
        <span>{margin}</span>
        <span>{t('score.needed')}</span>
      </div>
    </div>
  )
}

export function bandOf({ score, threshold }: Scored): 'below' | 'just' | 'clear' | 'far' {
  const way = (score - threshold) / Math.max(1e-6, 1 - threshold)
  if (way < 0) return 'below'
  if (way < CLEAR) return 'just'
  return way < FAR ? 'clear' : 'far'
}

function digits(score: number): string {
  return score.toFixed(3)
}
