import { type Clock, systemClock, type Timer } from '@vedette/shared/clock'

type Due = { at: number; fn: () => void }

/** Time as it passes in a scene: it stands still until it is told how late it is. */
export class SceneClock implements Clock {
  #now: number
  readonly #waiting = new Set<Due>()

  constructor(start: number) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  /** What sleeps waits for a disk, and disks keep the time of the machine. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal)
  }

  after(ms: number, fn: () => void): Timer {
    const due = { at: this.#now + ms, fn }
    this.#waiting.add(due)
    return { cancel: () => void this.#waiting.delete(due) }
  }

  /** Lets time pass until `at`, epoch milliseconds; what falls due on the way happens in its turn. */
  advance(at: number): void {
    for (;;) {
      const [next] = [...this.#waiting]
        .filter((due) => due.at <= at)
        .toSorted((p, q) => p.at - q.at)
      if (next === undefined) break
      this.#waiting.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.fn()
    }
    this.#now = Math.max(this.#now, at)
  }
}
