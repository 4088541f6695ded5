import type { Clock, Timer } from '@vedette/shared/clock'

/** Rings once, at the earliest time that it was set for. */
export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #timer: Timer | undefined
  #due = Number.POSITIVE_INFINITY

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** Rings in `ms`, or sooner where that was said before. */
  set(ms: number): void {
    const due = this.#clock.now() + ms
    if (due >= this.#due) return
    this.off()
    this.#due = due
    this.#timer = this.#clock.after(ms, () => {
      this.#due = Number.POSITIVE_INFINITY
      this.#ring()
    })
  }

  off(): void {
    this.#timer?.cancel()
    this.#due = Number.POSITIVE_INFINITY
  }
}
