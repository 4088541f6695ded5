import { useCameraWords } from '../../cameras/words.ts'
import { figure } from './figure.ts'

type SparklineProps = {
  /** By the minute, oldest first; null: nothing was heard. */
  values: readonly (number | null)[]
  /** What they are, for whoever does not see it. */
  label: string
  digits?: number
  unit?: string
}

const [WIDTH, HEIGHT] = [72, 24]

/** How a figure went in the last two hours; gaps are gaps. The last value stands beside it. */
export function Sparkline({ values, label, digits = 0, unit = '' }: SparklineProps) {
  const c = useCameraWords()
  const known = values.filter((value) => value !== null)
  const last = known.at(-1)
  if (last === undefined) return <span class="quiet small">{c('nothingHeard')}</span>
  const most = Math.max(...known, 10 ** -digits)
  const text = (value: number) => `${figure(value, digits)}${unit && ` ${unit}`}`
  const summary = c('spark', {
    label,
    now: text(last),
    least: text(Math.min(...known)),
    most: text(Math.max(...known)),
  })
  return (
    <span class="spark" title={summary}>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        width={WIDTH}
        height={HEIGHT}
        role="img"
        aria-label={summary}
      >
        {runsOf(values).map((run) => (
          <path key={run.from} d={pathOf(run, values.length, most)} />
        ))}
      </svg>
      <span class="number" aria-hidden="true">
        {text(last)}
      </span>
    </span>
  )
}

type Run = { from: number; values: number[] }

function runsOf(values: readonly (number | null)[]): Run[] {
  const runs: Run[] = []
  for (const [i, value] of values.entries()) {
    if (value === null) continue
    if (i > 0 && values[i - 1] !== null) runs.at(-1)?.values.push(value)
    else runs.push({ from: i, values: [value] })
  }
  return runs
}

function pathOf({ from, values }: Run, length: number, most: number): string {
  const points = values.map((value, i) => {
    const x = ((from + i) / Math.max(1, length - 1)) * (WIDTH - 4) + 2
    const y = HEIGHT - 3 - (value / most) * (HEIGHT - 6)
    return `${x.toFixed(1)} ${y.toFixed(1)}`
  })
  // A minute that stands alone is a dot.
  return `M${points.join('L')}${points.length === 1 ? 'h.1' : ''}`
}
