import type { Clock, Timer } from '@vedette/shared/clock'

/**
 * An acknowledgement leaves this long after its request came, whatever came of it, milliseconds:
 * what a match costs more than a miss must not be readable from the clock by a stolen camera.
 */
const BEAT_MS = 40

type Due = { seq: number; at: number }

/** Sends acknowledgements on the beat: one beat after the request, or the next after it is done. */
export class Acks {
  readonly #send: (seq: number) => void
  readonly #clock: Clock
  #due: Due[] = []
  #timer: Timer | undefined
  #stopped = false

  constructor(clock: Clock, send: (seq: number) => void) {
    this.#clock = clock
    this.#send = send
  }

  /** Request `seq`, which came at `receivedAt`, is done with. */
  done(seq: number, receivedAt: number): void {
    const beats = Math.max(1, Math.ceil((this.#clock.now() - receivedAt) / BEAT_MS))
    this.#due.push({ seq, at: receivedAt + beats * BEAT_MS })
    this.#arm()
  }

  /** Acknowledgements that wait for their beat. */
  get waiting(): number {
    return this.#due.length
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
    this.#due = []
  }

  /** Waits for the earliest that is due, which may have changed. */
  #arm(): void {
    this.#timer?.cancel()
    if (this.#stopped || this.#due.length === 0) return
    const next = Math.min(...this.#due.map(({ at }) => at))
    this.#timer = this.#clock.after(Math.max(0, next - this.#clock.now()), () => {
      const now = this.#clock.now()
      const late = this.#due.filter(({ at }) => at <= now)
      this.#due = this.#due.filter(({ at }) => at > now)
      for (const { seq } of late) this.#send(seq)
      this.#arm()
    })
  }
}
