import type { Clock, Timer } from '@vedette/shared/clock'

/**
 * How often the clock is looked at while anything is held open, milliseconds: it may jump, and a
 * timer could not sleep for as long as a certificate lives.
 */
const CHECK_MS = 2000

/** What a certificate holds open: to be ended when the certificate ends. */
export type Held = { notAfter: number; expire(): void }

/** Node judges a certificate once, when a connection begins; this ends those that it outlives. */
export class Expiry {
  readonly #clock: Clock
  readonly #held = new Set<Held>()
  #timer: Timer | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(held: Held): void {
    this.#held.add(held)
    this.#timer ??= this.#next()
  }

  remove(held: Held): void {
    this.#held.delete(held)
    if (this.#held.size > 0) return
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #next(): Timer {
    const now = this.#clock.now()
    const first = Math.min(...[...this.#held].map(({ notAfter }) => notAfter - now))
    return this.#clock.after(Math.min(Math.max(first, 0), CHECK_MS), () => this.#check())
  }

  #check(): void {
    const now = this.#clock.now()
    for (const held of this.#held) {
      if (held.notAfter > now) continue
      this.#held.delete(held)
      held.expire()
    }
    this.#timer = this.#held.size > 0 ? this.#next() : undefined
  }
}
