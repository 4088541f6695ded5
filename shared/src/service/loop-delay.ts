const STEP_MS = 100

/**
 * Measures how long the event loop stands still, from now on. Not perf_hooks' histogram: that loses
 * what happens right after it was read.
 */
export function watchLoop(): { delay: () => number; stop: () => void } {
  let last = performance.now()
  let most = 0
  const tick = () => {
    const now = performance.now()
    most = Math.max(most, now - last - STEP_MS)
    last = now
  }
  const timer = setInterval(tick, STEP_MS).unref()
  return {
    /** Milliseconds and no more than true, the longest since this was asked last. */
    delay: () => {
      tick()
      const found = most
      most = 0
      return found
    },
    stop: () => clearInterval(timer),
  }
}
