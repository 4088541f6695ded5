import { logBetween, survival } from './pareto.ts'

/** The shape is likely this near to 0, and certainly within ±0.5. */
const SHAPE = { spread: 0.2, most: 0.5 }
/** What weighs less than this share of the heaviest is left out. */
const NEGLIGIBLE = 1e-5

/** What is known of the scores from the beginning of the tail on, as excesses over it. */
export type Sample = {
  /** Where each bin begins and ends, and its count. */
  bins: readonly { from: number; to: number; count: number }[]
  /** Sum of these counts. */
  exceedances: number
  /** Comparisons of which scores were counted up to an excess only. */
  compared: readonly { upTo: number; comparisons: number }[]
  /** How many scores there were beyond. */
  least: number
  most: number
}

/** A tail that may be the true one: its probability, and comparisons whose scores were counted. */
export type Cell = { shape: number; scale: number; weight: number; effective: number }

/** Where the posterior is looked at. */
type Axis = { from: number; to: number; steps: number }

/**
 * Generalised Pareto distributions with the probability of each given `sample`; weights sum to 1.
 * The number of exceedances is Poisson's, the prior keeps the shape near 0. First over all that is
 * possible, then closely where the weight lies.
 * Sources: Coles and Powell 1996, International Statistical Review 64(1), for posteriors of
 * extremes; Martins and Stedinger 2001, Water Resources Research 37(10), for Pareto, Poisson and a
 * prior of the shape.
 */
export function posteriorOf(sample: Sample): Cell[] {
  const { bins, exceedances } = sample
  const mean = bins.reduce((sum, { from, to, count }) => sum + ((from + to) / 2) * count, 0)
  const scale = Math.log(mean / exceedances)
  const scales = { from: scale - Math.log(4), to: scale + Math.log(8), steps: 36 }
  const coarse = grid(sample, { from: -SHAPE.most, to: SHAPE.most, steps: 20 }, scales)
  return grid(
    sample,
    around(
      coarse.map((cell) => cell.shape),
      0.05,
    ),
    around(
      coarse.map((cell) => Math.log(cell.scale)),
      Math.log(32) / 36,
    ),
  )
}

function grid(sample: Sample, shapes: Axis, scales: Axis): Cell[] {
  const cells = along(shapes)
    .filter((shape) => Math.abs(shape) <= SHAPE.most)
    .flatMap((shape) => along(scales).map((log) => weighed(sample, shape, Math.exp(log))))
  const highest = cells.reduce((high, { weight }) => Math.max(high, weight), -Infinity)
  const heavy = cells
    .map((cell) => ({ ...cell, weight: Math.exp(cell.weight - highest) }))
    .filter(({ weight }) => weight > NEGLIGIBLE)
  const sum = heavy.reduce((total, { weight }) => total + weight, 0)
  return heavy.map((cell) => ({ ...cell, weight: cell.weight / sum }))
}

/** A cell whose weight is a logarithm still. */
function weighed(sample: Sample, shape: number, scale: number): Cell {
  const { bins, exceedances, compared, least, most } = sample
  let weight = -((shape / SHAPE.spread) ** 2) / 2
  for (const { from, to, count } of bins) {
    const share = survival(from, shape, scale) - survival(to, shape, scale)
    weight += count * Math.log(Math.max(0, share))
  }
  let [all, effective] = [0, 0]
  for (const { upTo, comparisons } of compared) {
    all += comparisons
    if (upTo > 0) effective += comparisons * (1 - survival(upTo, shape, scale))
  }
  weight -= exceedances * Math.log(effective)
  weight += logBetween(least, most, (exceedances * (all - effective)) / effective)
  return { shape, scale, weight: Number.isNaN(weight) ? -Infinity : weight, effective }
}

function along({ from, to, steps }: Axis): number[] {
  return Array.from({ length: steps + 1 }, (_, i) => from + ((to - from) * i) / steps)
}

function around(values: readonly number[], step: number): Axis {
  return { from: Math.min(...values) - step, to: Math.max(...values) + step, steps: 24 }
}
