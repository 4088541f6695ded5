import type { Calibration } from './manifest.ts'

type Points = readonly Calibration['points'][number][]

/**
 * The similarity that a share `rate` of comparisons of two strangers reaches. Between the measured
 * points the logarithm of the rate is straight, beyond them it goes on as it was.
 */
export function similarityAt(points: Points, rate: number): number {
  return along(
    points.map(({ falseMatchRate, similarity }) => [-Math.log10(falseMatchRate), similarity]),
    -Math.log10(rate),
  )
}

/** The share of comparisons of two strangers that reach `similarity`: `similarityAt`, turned around. */
export function falseMatchRateAt(points: Points, similarity: number): number {
  const rates = points.map((point): [number, number] => [
    point.similarity,
    Math.log10(point.falseMatchRate),
  ])
  return Math.min(1, 10 ** along(rates, similarity))
}

/** The line through `points` at `x`; before the first and behind the last it goes straight on. */
function along(points: [x: number, y: number][], x: number): number {
  const sorted = points.toSorted(([p], [q]) => p - q)
  const above = sorted.findIndex(([at]) => at >= x)
  const end = above === -1 ? sorted.length - 1 : Math.max(1, above)
  const [[x0, y0], [x1, y1]] = [sorted[end - 1]!, sorted[end]!]
  return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0)
}
