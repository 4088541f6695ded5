import { Bell } from '@vedette/shared/bell'
import type { Clock } from '@vedette/shared/clock'
import { TokenBucket } from './bucket.ts'
import type { Rate } from './limits.ts'

/** How long to hold back when too much waits already, milliseconds: at least, and drawn on top. */
const [BACKED_UP_MS, BACKED_UP_SPREAD_MS] = [250, 250]

export type PaceOptions = {
  /** Of all the agent's cameras together. */
  rate: Rate
  /** Questions that wait or are worked on, at most. */
  most: number
  clock: Clock
  random: () => number
}

/** How fast one agent may ask, and how much of it may wait. */
export class Pace {
  readonly #options: PaceOptions
  readonly #bucket: TokenBucket
  readonly #change = new Bell()
  #open = 0
  #stopped = false

  constructor(options: PaceOptions) {
    this.#options = options
    this.#bucket = new TokenBucket(options.rate, options.clock)
  }

  /** Questions taken and not done with. */
  get open(): number {
    return this.#open
  }

  /**
   * Takes one question, 0; or gives how many milliseconds to hold back. None is taken of an agent that
   * was told to hold back and goes on all the same.
   */
  take(held = false): number {
    const { most, rate, random } = this.#options
    if (this.#open >= most) return Math.round(BACKED_UP_MS + random() * BACKED_UP_SPREAD_MS)
    // Whoever comes back for a single token at a time asks most of its questions twice.
    if (this.#bucket.waitFor(1) > 0) return this.#bucket.waitFor(rate.burst / 2)
    if (held) return 1
    this.#bucket.take()
    this.#open++
    return 0
  }

  /** Takes one question as soon as it may; false when it is over before. */
  async taken(): Promise<boolean> {
    const { clock } = this.#options
    while (!this.#stopped) {
      if (this.take() === 0) return true
      const timer = clock.after(Math.max(1, this.#bucket.waitFor(1)), () => this.#change.ring())
      await this.#change.wait()
      timer.cancel()
    }
    return false
  }

  /** Resolves after `ms`, or when it is over. */
  async pause(ms: number): Promise<void> {
    const { clock } = this.#options
    const until = clock.now() + ms
    const timer = clock.after(ms, () => this.#change.ring())
    while (!this.#stopped && clock.now() < until) await this.#change.wait()
    timer.cancel()
  }

  /** One question is done with. */
  done(): void {
    this.#open--
    this.#change.ring()
  }

  /** Nobody asks any more. */
  stop(): void {
    this.#stopped = true
    this.#change.ring()
  }
}
