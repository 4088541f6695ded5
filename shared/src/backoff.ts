export type BackoffOptions = {
  /** First wait, milliseconds. */
  base: number
  /** Longest wait, milliseconds. */
  cap: number
  /** Uniform in [0, 1). */
  random: () => number
}

/**
 * Equal-jitter back-off: half of the capped exponential wait is kept, the other half is drawn, so
 * that a fleet that lost its server together does not return together.
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export class Backoff {
  readonly #options: BackoffOptions
  #attempt = 0

  constructor(options: BackoffOptions) {
    this.#options = options
  }

  /** The next wait in milliseconds, within [b/2, b) for b = min(cap, base · 2ⁿ). */
  next(): number {
    const { base, cap, random } = this.#options
    const bound = Math.min(cap, base * 2 ** this.#attempt)
    this.#attempt = Math.min(this.#attempt + 1, 30)
    return bound / 2 + (random() * bound) / 2
  }

  /** Says that an attempt succeeded: the next wait is a short one. */
  reset(): void {
    this.#attempt = 0
  }
}
