import { type Forecast, forecastAt } from './budget.ts'
import type { Learned } from './learned.ts'
import { type Common, type Report, termsOf } from './report.ts'

/** What a plot of a camera's scores needs. All are numbers of a week. */
export type Curves = {
  /** Walks whose score lies in the bin that begins at `score`. */
  histogram: { score: number; walks: number }[]
  /** Walks that were counted with at least `score`, as many as there would be on today's list. */
  counted: { score: number; alerts: number }[]
  /** False alerts that a threshold of `score` would raise. */
  forecast: ({ score: number } & Forecast)[]
}

/** Points of a curve: fine enough that it looks smooth. */
const POINTS = 60
/** How far below its threshold the published calibration is shown. */
const BELOW = 0.03

export function curvesOf(learned: Learned | undefined, report: Report, common: Common): Curves {
  const { week, entries, threshold } = report
  const terms = termsOf(report.budget.budget, entries, learned, common)
  const from = terms.tail?.from ?? threshold - BELOW
  const to = Math.min(1, threshold + (threshold - from) / 3)
  const forecast = Array.from({ length: POINTS + 1 }, (_, i) => {
    const score = from + ((to - from) * i) / POINTS
    return { score, ...forecastAt(score, terms) }
  })
  if (learned === undefined) return { histogram: [], counted: [], forecast }
  const bins = [...learned.scores.bins()]
  const scored = bins.reduce((sum, { count }) => sum + count, 0)
  const thresholds = [...learned.scores.thresholds()]
  const counted = bins
    .filter((bin) => bin.from >= from)
    .map(({ from: score }) => {
      const reached = bins.reduce((sum, bin) => sum + (bin.from >= score ? bin.count : 0), 0)
      const compared = thresholds.reduce(
        (sum, met) => sum + (met.threshold > score ? met.comparisons : 0),
        0,
      )
      return { score, alerts: (reached * week.walks * entries) / compared }
    })
  const histogram = bins.map(({ from: score, count }) => ({
    score,
    walks: (count * week.walks) / scored,
  }))
  return { histogram, counted, forecast }
}
