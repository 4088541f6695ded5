import { falseMatchRateAt } from '@vedette/models/calibration'
import { type Calibration, thresholdFor } from './published.ts'
import type { Tail } from './tail.ts'

export const WEEK_MS = 7 * 24 * 3_600_000
const DAY_MS = WEEK_MS / 7
/** No budget is so large that more of the walks may be false alerts. */
const MOST_SHARE = 0.5
/** Share of the comparisons in which one false alert is allowed that must have been seen. */
const ENOUGH = 0.5
/** Probability with which a forecast lies between its low and its high. */
export const CONFIDENCE = 0.9

/** What a threshold follows from. */
export type Terms = {
  /** False alerts that one camera may raise in a week. */
  budget: number
  /** Walks past it in a week. */
  walks: number
  /** Entries that each of them is compared with. */
  entries: number
  /** No lower similarity is a match. */
  floor: number
  calibration: Calibration
  /** The camera's own impostors, where there is evidence enough. */
  tail: Tail | undefined
}

/** How many of its walks may be false alerts, and of its comparisons: shares. */
export function allowed({ budget, walks, entries }: Pick<Terms, 'budget' | 'walks' | 'entries'>): {
  share: number
  rate: number
} {
  const share = Math.min(MOST_SHARE, budget / walks)
  return { share, rate: -Math.log1p(-share) / Math.max(1, entries) }
}

/** Comparisons that must have been seen before a tail may say where the rate `rate` is reached. */
export function comparisonsNeeded(rate: number): number {
  return ENOUGH / rate
}

export type Origin = 'published' | 'measured' | 'floor'

/** False alerts in a week; the published calibration says nothing of its confidence. */
export type Forecast = { expected: number; low: number | null; high: number | null }

export type Verdict = {
  threshold: number
  origin: Origin
  /** What the budget alone asks for, were there no floor. */
  wanted: number
}

/** The lowest threshold that keeps the budget. */
export function verdictOf(terms: Terms): Verdict {
  const { entries, floor, calibration, tail } = terms
  const { share, rate } = allowed(terms)
  const wanted =
    tail === undefined ? thresholdFor(calibration, entries, share) : reachedBy(tail, rate)
  const threshold = Math.min(1, Math.max(floor, wanted))
  const origin = threshold > wanted ? 'floor' : tail === undefined ? 'published' : 'measured'
  return { threshold, origin, wanted }
}

/** False alerts in a week at `threshold`, which is not below the tail where there is one. */
export function forecastAt(
  threshold: number,
  { walks, entries, calibration, tail }: Omit<Terms, 'budget' | 'floor'>,
): Forecast {
  const alerts = (rate: number) => -walks * Math.expm1(-entries * rate)
  if (tail === undefined) {
    const expected = alerts(falseMatchRateAt(calibration, threshold))
    return { expected, low: null, high: null }
  }
  const [low, high] = tail.interval(threshold, CONFIDENCE)
  return { expected: alerts(tail.rate(threshold)), low: alerts(low), high: alerts(high) }
}

/**
 * Walks in a week: as many as were seen, once a week was watched. Before that one may have seen the
 * quiet days only, so no fewer than `assumed`, and less than a day counts as one.
 */
export function walksAWeek(
  { walks, watchedMs }: { walks: number; watchedMs: number },
  assumed: number,
): { walks: number; measured: boolean } {
  const seen = Math.max(1, (walks * WEEK_MS) / Math.max(watchedMs, DAY_MS))
  if (watchedMs >= WEEK_MS || seen > assumed) return { walks: seen, measured: true }
  return { walks: assumed, measured: false }
}

/** The lowest score from the beginning of the tail on that at most the share `rate` reaches. */
function reachedBy(tail: Tail, rate: number): number {
  let [low, high] = [tail.from, 1]
  if (tail.rate(low) <= rate) return low
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2
    if (tail.rate(middle) > rate) low = middle
    else high = middle
  }
  return high
}
