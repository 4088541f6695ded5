import type { Clock, Timer } from '@vedette/shared/clock'

/** How often an agent is to show that it is alive, milliseconds. */
export const HEARTBEAT_MS = 15_000
/** Silence after which an agent is gone: two heartbeats missed. */
const SILENCE_MS = 2.5 * HEARTBEAT_MS

/** Tells when nothing has been heard for too long; what is not read yet is not silence. */
export class Silence {
  readonly #clock: Clock
  readonly #onSilence: () => void
  #heardAt = 0
  #timer: Timer | undefined
  /** False while what comes waits to be read. */
  reading = true

  constructor(clock: Clock, onSilence: () => void) {
    this.#clock = clock
    this.#onSilence = onSilence
  }

  /** From here on the agent is to be heard. */
  start(): void {
    this.heard()
    this.#listen(SILENCE_MS)
  }

  heard(): void {
    this.#heardAt = this.#clock.now()
  }

  stop(): void {
    this.#timer?.cancel()
  }

  #listen(after: number): void {
    this.#timer = this.#clock.after(after, () => {
      if (!this.reading) this.heard()
      const left = this.#heardAt + SILENCE_MS - this.#clock.now()
      if (left > 0) this.#listen(left)
      else this.#onSilence()
    })
  }
}
