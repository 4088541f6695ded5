import { monitorEventLoopDelay } from 'node:perf_hooks'

const RESOLUTION_MS = 20

/** Measures how long the event loop stands still, from now on. */
export function watchLoop(): { delay: () => number; stop: () => void } {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  return {
    delay: () => {
      const most = Math.max(0, histogram.max / 1e6 - RESOLUTION_MS)
      histogram.reset()
      return Number.isFinite(most) ? most : 0
    },
    stop: () => void histogram.disable(),
  }
}
