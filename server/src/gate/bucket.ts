import type { Clock } from '@vedette/shared/clock'
import type { Rate } from './limits.ts'

/** Tokens that come back at a rate and of which a burst can be saved up. */
export class TokenBucket {
  readonly #rate: number
  readonly #burst: number
  readonly #clock: Clock
  #tokens: number
  #at: number

  /** `saved` tokens are there from the start. */
  constructor({ rate, burst }: Rate, clock: Clock, saved = burst) {
    this.#rate = rate
    this.#burst = burst
    this.#clock = clock
    this.#tokens = saved
    this.#at = clock.now()
  }

  /** Takes a token; false when there is none. */
  take(): boolean {
    this.#refill()
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  /** Milliseconds until there are so many tokens, 0 when there are; no more than a burst ever are. */
  waitFor(tokens: number): number {
    this.#refill()
    const missing = Math.min(tokens, this.#burst) - this.#tokens
    return missing <= 0 ? 0 : Math.ceil((missing / this.#rate) * 1000)
  }

  #refill(): void {
    const now = this.#clock.now()
    // A clock that was set back takes nothing away.
    const passed = Math.max(0, now - this.#at)
    this.#at = now
    this.#tokens = Math.min(this.#burst, this.#tokens + (passed / 1000) * this.#rate)
  }
}
