import { useWords } from '../../words.ts'

/** Strangers score about nothing, and nobody is asked for less than this below what is needed. */
const ROOM = 0.12

/** A score beside what it had to reach: a bar with a mark, and both figures. Never a per cent. */
export function Score({ score, needed }: { score: number; needed: number }) {
  const t = useWords('history')
  const [low, high] = [needed - ROOM, Math.max(needed + ROOM, score)]
  const at = (value: number) => `${(100 * Math.max(0, value - low)) / (high - low)}%`
  return (
    <div class="past-score">
      <div class="track" aria-hidden="true" data-reached={score >= needed}>
        <span class="value" style={{ width: at(score) }} />
        <span class="mark" style={{ insetInlineStart: at(needed) }} />
      </div>
      <span class="small number">
        {t(score >= needed ? 'score.reached' : 'score.below', {
          score: score.toFixed(3),
          needed: needed.toFixed(3),
        })}
      </span>
    </div>
  )
}
