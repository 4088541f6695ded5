import type { Share } from '@vedette/server/report/figures'
import { useWords } from '../words.ts'

/** Judged alerts below which a share is no figure yet. */
const FEW = 20

const WIDTH = 120

/** So many of so many, and between which shares it lies with 95 % confidence; honest where that is little. */
export function Precision({
  right,
  wrong,
  share,
}: {
  right: number
  wrong: number
  share: Share | null
}) {
  const t = useWords('shell')
  const judged = right + wrong
  if (share === null || judged === 0) return <span class="quiet">{t('plot.none')}</span>
  const few = judged < FEW
  const words = { right, judged, low: percent(share.low), high: percent(share.high) }
  return (
    <>
      <span class="number">{t(few ? 'plot.tooFew' : 'plot.precision', words)}</span>
      <svg class="share-interval" viewBox={`0 0 ${WIDTH} 16`} aria-hidden="true">
        <line class="rail" x1="0" y1="8" x2={WIDTH} y2="8" />
        <line class="reach" x1={WIDTH * share.low} y1="8" x2={WIDTH * share.high} y2="8" />
        {!few && <circle cx={WIDTH * share.value} cy="8" r="4" />}
      </svg>
    </>
  )
}

/** Whole per cent, but neither all nor nothing where it is not. */
export function percent(share: number): string {
  const whole = Math.round(share * 100)
  if (whole === 100 && share < 1) return '99 %'
  if (whole === 0 && share > 0) return '< 1 %'
  return `${whole} %`
}
