import type { Clock, Timer } from '@vedette/shared/clock'
import type { Log } from '@vedette/shared/log'
import type { EntranceRefusal } from './entrance.ts'

/** A crowd must not fill the disk with log lines: one line says how many came meanwhile. */
const SUMMARY_MS = 10_000

/** Logs who was turned away before TLS: the first at once, then sums. */
export class TurnedAway {
  readonly #clock: Clock
  readonly #log: Log
  #counts: Partial<Record<EntranceRefusal, number>> = {}
  #lastAddress = ''
  #timer: Timer | undefined

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  note(reason: EntranceRefusal, address: string): void {
    this.#counts[reason] = (this.#counts[reason] ?? 0) + 1
    this.#lastAddress = address
    if (this.#timer === undefined) this.#tell()
  }

  stop(): void {
    this.#timer?.cancel()
    if (Object.keys(this.#counts).length > 0) this.#tell()
    this.#timer?.cancel()
  }

  #tell(): void {
    this.#log.warn({ ...this.#counts, address: this.#lastAddress }, 'gate.turned-away')
    this.#counts = {}
    this.#timer = this.#clock.after(SUMMARY_MS, () => {
      this.#timer = undefined
      if (Object.keys(this.#counts).length > 0) this.#tell()
    })
  }
}
