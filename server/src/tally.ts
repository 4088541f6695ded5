import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'

const FLUSH_MS = 60_000

export type TallyOptions<Row> = {
  /** What is counted, for the log. */
  of: string
  keyOf: (row: Row) => string
  /** Both counts in one. */
  merge: (one: Row, other: Row) => Row
  write: (rows: readonly Row[]) => Promise<void>
  clock: Clock
  log: Log
}

/** Counts, and writes the counts down now and then: no write tells when somebody passed. */
export class Tally<Row> {
  readonly #options: TallyOptions<Row>
  readonly #counted = new Map<string, Row>()
  #timer: Timer | undefined

  constructor(options: TallyOptions<Row>) {
    this.#options = options
  }

  add(row: Row): void {
    const { keyOf, merge, clock } = this.#options
    const key = keyOf(row)
    const known = this.#counted.get(key)
    this.#counted.set(key, known === undefined ? row : merge(known, row))
    this.#timer ??= clock.after(FLUSH_MS, () => void this.flush())
  }

  /** Writes down what was counted; what cannot be written is tried again with the next. */
  async flush(): Promise<void> {
    const { of, write, log } = this.#options
    this.#timer?.cancel()
    this.#timer = undefined
    const rows = [...this.#counted.values()]
    this.#counted.clear()
    try {
      await write(rows)
    } catch (error) {
      for (const row of rows) this.add(row)
      log.warn({ of, code: codeOf(error), message: messageOf(error) }, 'tally.waiting')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush()
    this.#timer?.cancel()
  }
}
