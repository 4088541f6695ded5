import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Candidate } from '../gallery/gallery.ts'
import { merge, type NearMisses, type NearMissStore } from '../store/near-misses.ts'
import type { Walk } from './walk.ts'

const FLUSH_MS = 60_000

/** Counts near misses, and writes the counts down now and then: no write tells when somebody passed. */
export class NearMissLog {
  readonly #store: NearMissStore
  readonly #clock: Clock
  readonly #log: Log
  readonly #counted = new Map<string, NearMisses>()
  #timer: Timer | undefined

  constructor(store: NearMissStore, clock: Clock, log: Log) {
    this.#store = store
    this.#clock = clock
    this.#log = log
  }

  add({ agent, camera, lastSeen }: Walk, { entryId, templateId, score }: Candidate): void {
    const seen = { walks: 1, highest: score, templateId, lastAt: lastSeen }
    this.#keep({ entryId, agent, camera, ...seen })
  }

  /** Writes down what was counted; what cannot be written is tried again with the next. */
  async flush(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    const rows = [...this.#counted.values()]
    this.#counted.clear()
    try {
      await this.#store.add(rows)
    } catch (error) {
      for (const row of rows) this.#keep(row)
      this.#log.warn({ code: codeOf(error), message: messageOf(error) }, 'near-misses.waiting')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush()
    this.#timer?.cancel()
  }

  #keep(row: NearMisses): void {
    const key = [row.entryId, row.agent, row.camera].join('/')
    const known = this.#counted.get(key)
    this.#counted.set(key, known === undefined ? row : merge(known, row))
    this.#timer ??= this.#clock.after(FLUSH_MS, () => void this.flush())
  }
}
