import { vi } from 'vitest'

/** For anything that a machine with much to do may be late with. */
const PATIENCE_MS = 30_000

/** Resolves when `condition` holds; looks again every few milliseconds, and gives up in time. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const deadline = Date.now() + patienceMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`still not so after ${patienceMs} ms: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** What `assertions` gives once it no longer throws; what it threw last when patience is at an end. */
export function eventually<T>(
  assertions: () => T | Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  return vi.waitFor(assertions, { timeout: patienceMs, interval: 10 })
}
