import { Refusal } from '@vedette/shared/errors'

/** One pair compared; no score is a failure to enrol or acquire of either picture. */
export type Comparison = { score: number | undefined; same: boolean; fold: number | undefined }

type Scored = Comparison & { score: number }

/** Folds that comparisons without one are dealt out to. */
const FOLDS = 10

/**
 * Accuracy by cross-validation: of each fold at the threshold that is best on all others. `accuracy`
 * is the mean over the folds, `accuracyError` the standard error of that mean. Comparisons without a
 * fold are dealt out to ten in turn, the genuine first and then the impostors, so that no order of
 * the list can part the two. A failure is wrong at every threshold. O(n log n + n · folds).
 * Throws Refusal 'evaluate.too-few' if there is one fold only.
 * Source: Huang et al. 2007, Labeled Faces in the Wild, view 2.
 */
export function crossValidated(comparisons: readonly Comparison[]): {
  accuracy: number
  accuracyError: number
} {
  const folded = dealt(comparisons)
  const folds = [...new Set(folded.map(({ fold }) => fold))]
  if (folds.length < 2) throw new Refusal('evaluate.too-few', 'all pairs are in one fold')
  const sorted = folded.filter(isScored).toSorted((p, q) => q.score - p.score)
  const shares = folds.map((fold) => {
    const threshold = bestThreshold(sorted.filter((comparison) => comparison.fold !== fold))
    const tested = folded.filter((comparison) => comparison.fold === fold)
    return tested.filter((comparison) => isRight(comparison, threshold)).length / tested.length
  })
  const accuracy = sum(shares) / shares.length
  const variance = sum(shares.map((share) => (share - accuracy) ** 2)) / (shares.length - 1)
  return { accuracy, accuracyError: Math.sqrt(variance / shares.length) }
}

function dealt(comparisons: readonly Comparison[]): Comparison[] {
  const without = comparisons.filter(({ fold }) => fold === undefined)
  const inTurn = [...without.filter(({ same }) => same), ...without.filter(({ same }) => !same)]
  return [
    ...comparisons.filter(({ fold }) => fold !== undefined),
    ...inTurn.map((comparison, i) => ({ ...comparison, fold: i % FOLDS })),
  ]
}

function isScored(comparison: Comparison): comparison is Scored {
  return comparison.score !== undefined
}

function isRight({ score, same }: Comparison, threshold: number): boolean {
  return score !== undefined && score >= threshold === same
}

/**
 * The threshold that decides most of `sorted` (best first) rightly, in the middle between two
 * scores; of several, the strictest. ±∞ if it is best to accept all or none.
 */
function bestThreshold(sorted: readonly Scored[]): number {
  let right = sorted.filter(({ same }) => !same).length
  let most = right
  let best = Number.POSITIVE_INFINITY
  for (const [i, { score, same }] of sorted.entries()) {
    right += same ? 1 : -1
    const next = sorted[i + 1]?.score ?? Number.NEGATIVE_INFINITY
    if (next === score || right <= most) continue
    most = right
    best = middle(score, next)
  }
  return best
}

/** Between `above` and `below`, never `below` itself; −∞ if that is. */
function middle(above: number, below: number): number {
  if (below === Number.NEGATIVE_INFINITY) return below
  const mean = below + (above - below) / 2
  return mean > below ? mean : above
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
