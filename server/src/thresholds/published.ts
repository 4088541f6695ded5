import { similarityAt } from '@vedette/models/calibration'

/** Share of comparisons of two strangers (false match rate) that reach a similarity. */
export type Calibration = readonly { falseMatchRate: number; similarity: number }[]

/**
 * The similarity that a probe must reach so that a stranger walking past is taken for anybody on a
 * list of `entries` with probability `falsePositiveRate` (FPIR): every entry is another chance, so
 * each may have its share only.
 * Source: ISO/IEC 19795-1, 1:N error rates from 1:1 rates under independence.
 */
export function thresholdFor(
  calibration: Calibration,
  entries: number,
  falsePositiveRate: number,
): number {
  return similarityAt(calibration, falsePositiveRate / Math.max(1, entries))
}

/** A face of a narrower box, pixels, is tiny: about fourteen pixels between the eyes. */
const TINY_SIDE = 38
const TINY_DOUBT = 0.5

/**
 * Strangers' tiny faces reach a similarity as often as others reach one lower by so many decades, held
 * against faces seen from afar (decision 16). `side` is the longer one of the face's box, pixels.
 */
export function doubtOf(side: number): number {
  return side < TINY_SIDE ? TINY_DOUBT : 0
}

/** Rates between which `decade` is taken: where thresholds of lists lie. */
const STRICT = { from: 1e-4, to: 1e-6 }

/** By how much similarity rises where strangers who reach it become ten times rarer. */
export function decade(calibration: Calibration): number {
  const [from, to] = [STRICT.from, STRICT.to].map((rate) => thresholdFor(calibration, 1, rate))
  return (to! - from!) / Math.log10(STRICT.from / STRICT.to)
}
