/** So many at most, and none shorter than an hour. */
const MOST = 64
const SHORTEST_MS = 3_600_000

/** The time from `since` up to `until` in parts that follow one another, to be looked at one by one. */
export function* partsOf(
  since: number,
  until: number,
  most = MOST,
): Generator<{ since: number; until: number }> {
  const length = Math.max(SHORTEST_MS, Math.ceil((until - since) / most))
  for (let at = since; at < until; at += length) {
    yield { since: at, until: Math.min(until, at + length) }
  }
}
