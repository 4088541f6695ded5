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
  const wanted = Math.log10(falsePositiveRate / Math.max(1, entries))
  const points = calibration
    .map(({ falseMatchRate, similarity }) => ({ rate: Math.log10(falseMatchRate), similarity }))
    .toSorted((p, q) => q.rate - p.rate)
  const above = points.findIndex(({ rate }) => rate <= wanted)
  const end = above === -1 ? points.length - 1 : Math.max(1, above)
  const [from, to] = [points[end - 1]!, points[end]!]
  const slope = (to.similarity - from.similarity) / (to.rate - from.rate)
  return from.similarity + slope * (wanted - from.rate)
}

/** Rates between which `decade` is taken: where thresholds of lists lie. */
const STRICT = { from: 1e-4, to: 1e-6 }

/** By how much similarity rises where strangers who reach it become ten times rarer. */
export function decade(calibration: Calibration): number {
  const [from, to] = [STRICT.from, STRICT.to].map((rate) => thresholdFor(calibration, 1, rate))
  return (to! - from!) / Math.log10(STRICT.from / STRICT.to)
}
