import type { AlertTimes } from '../store/alert-times.ts'

/** Of so many delays the middle one, those that a tenth and a hundredth exceed, and the longest; ms. */
export type Delay = { count: number; p50: number; p90: number; p99: number; longest: number }

/** How long what took; null where it never happened. */
export type Delays = {
  /** From what a camera saw to an alert, of what was seen as it happened; and its two parts. */
  alert: Delay | null
  arrival: Delay | null
  judging: Delay | null
  /** From an alert to whoever took notice of it, and to what it turned out to be. */
  acknowledged: Delay | null
  resolved: Delay | null
  /** Alerts that told of what was, and alerts that nobody took notice of or resolved. */
  past: number
  unacknowledged: number
  unresolved: number
}

export function delaysOf(times: readonly AlertTimes[]): Delays {
  const live = times.filter(({ past }) => !past)
  const until = (event: (times: AlertTimes) => number | null) =>
    delayOf(
      times.flatMap((alert) => {
        const at = event(alert)
        return at === null ? [] : at - alert.raisedAt
      }),
    )
  const noticed = ({ acknowledgedAt, resolvedAt }: AlertTimes) => acknowledgedAt ?? resolvedAt
  return {
    alert: delayOf(live.map(({ capturedAt, raisedAt }) => raisedAt - capturedAt)),
    arrival: delayOf(live.map(({ capturedAt, receivedAt }) => receivedAt - capturedAt)),
    judging: delayOf(live.map(({ receivedAt, raisedAt }) => raisedAt - receivedAt)),
    acknowledged: until(noticed),
    resolved: until(({ resolvedAt }) => resolvedAt),
    past: times.length - live.length,
    unacknowledged: times.filter((alert) => noticed(alert) === null).length,
    unresolved: times.filter(({ resolvedAt }) => resolvedAt === null).length,
  }
}

/** By nearest rank: each figure is a delay that there was. Clocks may differ: none is below nothing. */
export function delayOf(delays: readonly number[]): Delay | null {
  if (delays.length === 0) return null
  const sorted = Float64Array.from(delays, (delay) => Math.max(0, delay)).sort()
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!
  return {
    count: sorted.length,
    p50: rank(0.5),
    p90: rank(0.9),
    p99: rank(0.99),
    longest: sorted.at(-1)!,
  }
}
