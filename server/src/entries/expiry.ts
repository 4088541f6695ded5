import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { EntryChangeStore } from '../store/entry-changes.ts'
import type { Register } from './register.ts'

const TICK_MS = 1000
const DAY_MS = 86_400_000
/** Who expires within this time is told of, milliseconds. */
export const AHEAD_MS = 7 * DAY_MS

export type ExpiryOptions = {
  register: Pick<Register, 'sweep'>
  store: Pick<EntryChangeStore, 'expiring'>
  clock: Clock
  log: Log
}

/**
 * Looks every second whose time is over by the clock on the wall: a timer set for that time would be
 * wrong once the machine has slept or its clock was put right.
 */
export class Expiry {
  readonly #options: ExpiryOptions
  #timer: Timer | undefined
  #looking: Promise<void> = Promise.resolve()
  #toldAt = Number.NEGATIVE_INFINITY
  #failing = false

  constructor(options: ExpiryOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer = this.#options.clock.after(TICK_MS, () => {
      this.#looking = this.#look()
      this.start()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.cancel()
    await this.#looking
  }

  async #look(): Promise<void> {
    await this.#looking
    const { register, log } = this.#options
    try {
      await register.sweep()
      await this.#tellAhead()
      this.#failing = false
    } catch (error) {
      // Who is over does not match meanwhile: that is judged at every match.
      if (!this.#failing)
        log.error({ code: codeOf(error), message: messageOf(error) }, 'expiry.failed')
      this.#failing = true
    }
  }

  async #tellAhead(): Promise<void> {
    const { store, clock, log } = this.#options
    const now = clock.now()
    if (Math.abs(now - this.#toldAt) < DAY_MS) return
    this.#toldAt = now
    const entries = await store.expiring(now + AHEAD_MS)
    if (entries === 0) return
    const hint = 'see: vedette entries list --expires-within 7d'
    log.warn({ entries, days: AHEAD_MS / DAY_MS, hint }, 'entries.expiring')
  }
}
