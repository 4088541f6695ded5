import type { Clock, Timer } from '@vedette/shared/clock'

/** Bounds of the heartbeat that a server may wish for, milliseconds. */
const [SHORTEST_BEAT_MS, LONGEST_BEAT_MS] = [1000, 60_000]
/** Beats without a word after which the peer has gone silent. */
const MOST_MISSED = 2

export type PulseOptions = {
  /** Milliseconds between pings, as the server wishes. */
  heartbeat: number
  clock: Clock
  ping: (n: number) => void
  onSilence: () => void
}

/** Pings as often as the server wishes, within reason, and tells when it has gone silent. */
export class Pulse {
  readonly #options: PulseOptions
  readonly #interval: number
  #heard = true
  #missed = 0
  #n = 0
  #timer: Timer

  constructor(options: PulseOptions) {
    this.#options = options
    this.#interval = Math.min(Math.max(options.heartbeat, SHORTEST_BEAT_MS), LONGEST_BEAT_MS)
    this.#timer = options.clock.after(this.#interval, () => this.#beat())
  }

  /** Something came from the server. */
  feed(): void {
    this.#heard = true
  }

  stop(): void {
    this.#timer.cancel()
  }

  #beat(): void {
    this.#missed = this.#heard ? 0 : this.#missed + 1
    this.#heard = false
    if (this.#missed >= MOST_MISSED) {
      this.#options.onSilence()
      return
    }
    this.#options.ping(++this.#n)
    this.#timer = this.#options.clock.after(this.#interval, () => this.#beat())
  }
}
