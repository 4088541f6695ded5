import { survival } from './pareto.ts'
import { posteriorOf, type Sample } from './posterior.ts'
import { BIN, type Scores } from './scores.ts'

/** Exceedances below which a fit is no evidence. */
export const LEAST = 50
/** Share of all scores that the tail is fitted to … */
const TOP = 0.1
/** … as long as these are no more than this: with more, the rarer tell more about the rarest. */
const MOST = 500
/** Share of the walks past the longest lists that may reach the tail: there, walks are no longer
 * comparisons, as one walk counts once however many entries it resembles. */
const SATURATED = 0.25
/** Bins that the tail is looked at in, about. */
const GROUPS = 40
/** Standard normal quantiles in the middle of seven equal shares. */
const SEVENTHS = [-1.465, -0.792, -0.366, 0, 0.366, 0.792, 1.465]

/** How often impostors reach a score: what the evidence says, and how sure that is. */
export type Tail = {
  /** Scores from here on were fitted. */
  from: number
  /** How many were counted there. */
  exceedances: number
  /** Comparisons that they were the highest of. */
  comparisons: number
  /** Means. Shape 0 is an exponential tail, a negative one has an end; scale is a similarity. */
  shape: number
  scale: number
  /** The share of comparisons that reaches `score` (at least `from`), as is to be expected. */
  rate(score: number): number
  /** Between which shares it lies with the probability `confidence`. */
  interval(score: number, confidence: number): [low: number, high: number]
}

/** Where the tail of `scores` begins, and how many were counted there. */
export function tailOf(scores: Scores): Pick<Tail, 'from' | 'exceedances' | 'comparisons'> {
  const bins = [...scores.bins()]
  const counted = bins.reduce((sum, { count }) => sum + count, 0)
  const comparisons = [...scores.thresholds()].reduce((sum, met) => sum + met.comparisons, 0)
  // Σ entries² / Σ entries is the length of the list that a typical comparison was made with.
  const unsaturated = (SATURATED * comparisons ** 2) / scores.squares
  const wanted = Math.min(MOST, TOP * counted, unsaturated)
  let [from, exceedances] = [1, 0]
  for (const bin of bins.reverse()) {
    if (exceedances >= wanted) break
    from = bin.from
    exceedances += bin.count
  }
  return { from, exceedances, comparisons }
}

/**
 * Fits a generalised Pareto distribution to the highest scores, or gives nothing where there are
 * fewer than LEAST.
 */
export function fitTail(scores: Scores): Tail | undefined {
  const { from, exceedances, comparisons } = tailOf(scores)
  if (exceedances < LEAST) return undefined
  const least = scores.above(from)
  const sample: Sample = {
    bins: grouped([...scores.bins()], from),
    exceedances,
    compared: [...scores.thresholds()].map((met) => ({
      upTo: met.threshold - from,
      comparisons: met.comparisons,
    })),
    least,
    most: least + scores.doubtful,
  }
  const cells = posteriorOf(sample).map(({ shape, scale, weight, effective }) => {
    const reaching = (score: number) =>
      (exceedances / effective) * survival(Math.max(0, score - from), shape, scale)
    return { shape, scale, weight, reaching }
  })
  const spread = SEVENTHS.map((z) => Math.exp(z / Math.sqrt(exceedances)))
  return {
    from,
    exceedances,
    comparisons,
    shape: cells.reduce((sum, { weight, shape }) => sum + weight * shape, 0),
    scale: cells.reduce((sum, { weight, scale }) => sum + weight * scale, 0),
    rate: (score) => cells.reduce((sum, { weight, reaching }) => sum + weight * reaching(score), 0),
    interval(score, confidence) {
      const rates = cells.flatMap(({ weight, reaching }) => {
        const rate = reaching(score)
        return spread.map((factor) => ({ rate: rate * factor, weight: weight / spread.length }))
      })
      rates.sort((p, q) => p.rate - q.rate)
      return [quantile(rates, (1 - confidence) / 2), quantile(rates, (1 + confidence) / 2)]
    },
  }
}

/** Neighbouring bins put together where the tail is long. */
function grouped(bins: readonly { from: number; count: number }[], from: number): Sample['bins'] {
  const excesses = bins
    .map((bin) => ({ index: Math.round((bin.from - from) / BIN), count: bin.count }))
    .filter(({ index }) => index >= 0)
  const width = Math.ceil((excesses.at(-1)!.index + 1) / GROUPS)
  const counts = new Map<number, number>()
  for (const { index, count } of excesses) {
    const group = Math.floor(index / width)
    counts.set(group, (counts.get(group) ?? 0) + count)
  }
  const edge = (group: number) => group * width * BIN
  return [...counts].map(([group, count]) => ({ from: edge(group), to: edge(group + 1), count }))
}

function quantile(sorted: readonly { rate: number; weight: number }[], share: number): number {
  let sum = 0
  for (const { rate, weight } of sorted) {
    sum += weight
    if (sum >= share) return rate
  }
  return sorted.at(-1)!.rate
}
