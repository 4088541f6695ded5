import { Refusal } from '@vedette/shared/errors'
import { type Comparison, crossValidated } from './folds.ts'
import { type OperatingPoint, operatingPoints, pointAt, thinned } from './operating-points.ts'

/** Verification (1:1); all rates are shares in [0, 1]. */
export type Verification = {
  pairs: number
  genuine: number
  impostors: number
  /** Pairs without a score. */
  failures: number
  /** Mean over the folds, each at the threshold that is best on the others. */
  accuracy: number
  /** Standard error of `accuracy` over the folds. */
  accuracyError: number
  /** Chance that a genuine pair scores higher than an impostor pair; a tie is half of one. */
  auc: number
  /** Where FMR = FNMR, on straight lines between operating points. */
  eer: number
  /** The TAR at the lowest threshold whose FAR is at most `far`. */
  tar: { far: number; tar: number; threshold: number }[]
  /** From the strictest threshold to the laxest, at most 400 points. */
  curve: { threshold: number; fmr: number; fnmr: number }[]
}

const FARS = [1e-1, 1e-2, 1e-3]
/** Given only if there are impostor pairs enough for one of them to be this share. */
const RARE_FAR = 1e-4
const MOST_POINTS = 400

/**
 * Error rates of verification; a pair matches if score ≥ threshold. A genuine pair without a score
 * is a false non-match at every threshold and ranks below every impostor pair; an impostor pair
 * without one never is a false match, but the accuracy counts it as wrong. O(n log n).
 * Throws Refusal 'evaluate.too-few' without genuine or impostor pairs or if all are in one fold, a
 * RangeError if a score is not finite. Source: ISO/IEC 19795-1; TAR = 1 − FNMR and FAR = FMR, both
 * with failures, as NIST FRTE 1:1 counts them.
 */
export function verify(comparisons: readonly Comparison[]): Verification {
  const genuine = comparisons.filter(({ same }) => same)
  const impostors = comparisons.filter(({ same }) => !same)
  if (genuine.length === 0 || impostors.length === 0) {
    throw new Refusal(
      'evaluate.too-few',
      `${genuine.length} genuine and ${impostors.length} impostor pairs, one of each needed at least`,
    )
  }
  const points = operatingPoints(
    { genuine: scoresOf(genuine), impostors: scoresOf(impostors) },
    { genuine: genuine.length, impostors: impostors.length },
  )
  const fars = impostors.length * RARE_FAR >= 1 ? [...FARS, RARE_FAR] : FARS
  return {
    pairs: comparisons.length,
    genuine: genuine.length,
    impostors: impostors.length,
    failures: comparisons.filter(({ score }) => score === undefined).length,
    ...crossValidated(comparisons),
    auc: areaUnder(points),
    eer: equalErrorRate(points),
    tar: fars.map((far) => {
      const { threshold, falseNegative } = pointAt(points, far)
      return { far, tar: 1 - falseNegative, threshold }
    }),
    curve: thinned(points, MOST_POINTS).map(({ threshold, falsePositive, falseNegative }) => ({
      threshold,
      fmr: falsePositive,
      fnmr: falseNegative,
    })),
  }
}

function scoresOf(comparisons: readonly Comparison[]): number[] {
  return comparisons.flatMap(({ score }) => score ?? [])
}

/** Area under the ROC, which goes on level from its last point to a FAR of 1. */
function areaUnder(points: readonly OperatingPoint[]): number {
  const last = points.at(-1)!
  return points.slice(1).reduce(
    (area, { falsePositive, falseNegative }, i) => {
      const before = points[i]!
      const height = 1 - (falseNegative + before.falseNegative) / 2
      return area + (falsePositive - before.falsePositive) * height
    },
    (1 - last.falsePositive) * (1 - last.falseNegative),
  )
}

/** With so many failures that the two rates never meet, the FNMR that no threshold goes below. */
function equalErrorRate(points: readonly OperatingPoint[]): number {
  const lead = ({ falsePositive, falseNegative }: OperatingPoint) => falseNegative - falsePositive
  const at = points.findIndex((point) => lead(point) <= 0)
  if (at === -1) return points.at(-1)!.falseNegative
  const [before, after] = [points[at - 1]!, points[at]!]
  const share = lead(before) / (lead(before) - lead(after))
  return before.falsePositive + share * (after.falsePositive - before.falsePositive)
}
