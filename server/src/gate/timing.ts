/** Clocks that differ by less are taken for equal: a hello takes a moment to arrive. */
const EQUAL_MS = 2000
/** Clocks that differ by more say nothing of when a picture was taken. */
const MOST_SKEW_MS = 86_400_000

/**
 * By how much the clock of an agent is behind ours, whose hello of `sentAt` arrived at `now`; 0 where
 * they are as good as equal, undefined where no agreeing is possible. Milliseconds.
 */
export function skewOf(sentAt: number, now: number): number | undefined {
  const skew = now - sentAt
  if (Math.abs(skew) > MOST_SKEW_MS) return undefined
  return Math.abs(skew) > EQUAL_MS ? skew : 0
}

/** When a picture was taken by our clock; never after it came. Epoch milliseconds. */
export function takenAt(capturedAt: number, skew: number, receivedAt: number): number {
  return Math.min(capturedAt + skew, receivedAt)
}
