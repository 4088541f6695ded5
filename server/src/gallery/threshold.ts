/** Share of comparisons of two strangers (false match rate) that reach a similarity. */
export type Calibration = readonly { falseMatchRate: number; similarity: number }[]

/**
 * The similarity that a probe must reach so that a stranger walking past is taken for anybody on a
 * list of `entries` with probability `falsePositiveRate` (FPIR): every entry is another chance, so
 * each may have its share only. Between the measured points the logarithm of the rate is straight,
 * beyond them it goes on as it was.
 * Source: ISO/IEC 19795-1, 1:N error rates from 1:1 rates under independence.
 */
export function thresholdFor(
  calibration: Calibration,
  entries: number,
  falsePositiveRate: number,
): number {
  const wanted = -Math.log10(falsePositiveRate / Math.max(1, entries))
  return along(
    calibration.map(({ falseMatchRate, similarity }) => [-Math.log10(falseMatchRate), similarity]),
    wanted,
  )
}

/** The false match rate at `similarity`: what `thresholdFor` asks of one entry, turned around. */
export function falseMatchRateAt(calibration: Calibration, similarity: number): number {
  const points = calibration.map((point): [number, number] => [
    point.similarity,
    Math.log10(point.falseMatchRate),
  ])
  return Math.min(1, 10 ** along(points, similarity))
}

/** The line through `points` at `x`; before the first and behind the last it goes straight on. */
function along(points: [x: number, y: number][], x: number): number {
  const sorted = points.toSorted(([p], [q]) => p - q)
  const above = sorted.findIndex(([at]) => at >= x)
  const end = above === -1 ? sorted.length - 1 : Math.max(1, above)
  const [[x0, y0], [x1, y1]] = [sorted[end - 1]!, sorted[end]!]
  return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0)
}

/** Rates between which `decade` is taken: where thresholds of lists lie. */
const STRICT = { from: 1e-4, to: 1e-6 }

/** By how much similarity rises where strangers who reach it become ten times rarer. */
export function decade(calibration: Calibration): number {
  const [from, to] = [STRICT.from, STRICT.to].map((rate) => thresholdFor(calibration, 1, rate))
  return (to! - from!) / Math.log10(STRICT.from / STRICT.to)
}
