import type { Clock, Timer } from '@vedette/shared/clock'

/** An envelope that was begun is whole within this time, milliseconds. */
const WHOLE_MS = 10_000
/** What must have come of it by half of that, bytes: 1 KiB a second. */
const HALF_BYTES = (WHOLE_MS / 2 / 1000) * 1024

/** Cuts off a peer that begins an envelope and dribbles, or never ends it. */
export class Patience {
  readonly #clock: Clock
  readonly #onSlow: () => void
  #bytes = 0
  #timer: Timer | undefined

  constructor(clock: Clock, onSlow: () => void) {
    this.#clock = clock
    this.#onSlow = onSlow
  }

  /** There is nothing to read, and `bytes` of an envelope have come. */
  waits(bytes: number): void {
    this.#bytes = bytes
    if (bytes === 0) this.over()
    else this.#timer ??= this.#clock.after(WHOLE_MS / 2, () => this.#half())
  }

  /** The envelope is whole, or the talk is over. */
  over(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #half(): void {
    if (this.#bytes < HALF_BYTES) this.#onSlow()
    else this.#timer = this.#clock.after(WHOLE_MS / 2, this.#onSlow)
  }
}
