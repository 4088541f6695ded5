import type { Calibration } from './manifest.ts'

/**
 * The similarity that a share `rate` of comparisons of two strangers reaches. Between the measured
 * points the logarithm of the rate is straight, beyond them it goes on as it was.
 */
export function similarityAt(points: Readonly<Calibration['points']>, rate: number): number {
  const wanted = Math.log10(rate)
  const sorted = points
    .map(({ falseMatchRate, similarity }) => ({ rate: Math.log10(falseMatchRate), similarity }))
    .toSorted((p, q) => q.rate - p.rate)
  const above = sorted.findIndex((point) => point.rate <= wanted)
  const end = above === -1 ? sorted.length - 1 : Math.max(1, above)
  const [from, to] = [sorted[end - 1]!, sorted[end]!]
  const slope = (to.similarity - from.similarity) / (to.rate - from.rate)
  return from.similarity + slope * (wanted - from.rate)
}
