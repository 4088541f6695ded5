/** First wait after an attempt that failed, and the longest, milliseconds. */
const BASE_MS = 2000
const CAP_MS = 15 * 60_000

/**
 * How long to wait after so many failures in a row, milliseconds: full jitter, drawn after the cap.
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function waitAfter(failures: number, random: () => number): number {
  return Math.round(random() * Math.min(CAP_MS, BASE_MS * 2 ** Math.min(failures - 1, 30)))
}
