import type { Account } from '@vedette/server/report/account'
import { FATES, sumOf } from '../../plots/fates.ts'

const [WIDTH, HEIGHT] = [780, 120]

type DayPlotProps = { days: Account['days']; label: string }

/** Alerts of each day by what became of them, as a drawing that is printed and saved. */
export function DayPlot({ days, label }: DayPlotProps) {
  const most = Math.max(1, ...days.map(sumOf))
  const each = WIDTH / Math.max(1, days.length)
  return (
    <svg class="day-plot" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      {days.map((day, i) => {
        let below = 0
        return FATES.map((fate) => {
          const height = (HEIGHT * day[fate]) / most
          below += height
          return height === 0 ? null : (
            <rect
              key={`${day.day} ${fate}`}
              data-fate={fate}
              x={i * each + each * 0.1}
              y={HEIGHT - below}
              width={each * 0.8}
              height={height}
            />
          )
        })
      })}
      <line x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
    </svg>
  )
}
