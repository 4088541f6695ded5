import type { Clock } from '@vedette/shared/clock'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { AuditStore } from '../store/audit.ts'
import type { Act } from './act.ts'

const RETRY_MS = 1000
/** Acts that wait for the disk; whoever comes and goes without end does not fill the memory. */
const MOST_WAITING = 100_000

export type PatientNotesOptions = { store: Pick<AuditStore, 'note'>; clock: Clock; log: Log }

/** Records what happens whether it can be recorded or not: it waits until the disk takes it. */
export class PatientNotes {
  readonly #options: PatientNotesOptions
  readonly #stop = new AbortController()
  #waiting: Act[] = []
  #writing: Promise<void> | undefined

  constructor(options: PatientNotesOptions) {
    this.#options = options
  }

  /** Returns at once. */
  note(act: Act): void {
    if (this.#waiting.length >= MOST_WAITING) return
    this.#waiting.push(act)
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
    })
  }

  /** Resolves when nothing waits; what the disk does not take by then is given up. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#writing
  }

  async #write(): Promise<void> {
    const { store, clock, log } = this.#options
    while (this.#waiting.length > 0) {
      const acts = this.#waiting
      this.#waiting = []
      const settled = await Promise.allSettled(acts.map((act) => store.note(act)))
      const failed = acts.filter((_, i) => settled[i]?.status === 'rejected')
      if (failed.length === 0) continue
      const error = settled.find((one) => one.status === 'rejected')?.reason
      log.error({ code: codeOf(error), message: messageOf(error) }, 'audit.waiting')
      if (this.#stop.signal.aborted) return
      this.#waiting = [...failed, ...this.#waiting]
      await clock.sleep(RETRY_MS, this.#stop.signal).catch(() => {})
    }
  }
}
