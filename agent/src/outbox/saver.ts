import type { Clock } from '@vedette/shared/clock'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import { Alarm } from './alarm.ts'
import type { OutboxFile } from './file.ts'
import type { OutboxLimits, Row } from './row.ts'

/** What is not acknowledged by then goes to disk, milliseconds: acknowledgements take one beat of 40. */
const HOLD_MS = 50
/** What has been acknowledged is removed from disk by then. */
const TIDY_MS = 1000
/** What is too old is looked for this often. */
const SWEEP_MS = 60_000

export type SaverOptions = { limits: OutboxLimits; clock: Clock; log: Log }

/** Brings the disk up to date with the row: in groups, and within the limits. */
export class Saver {
  readonly #row: Row
  readonly #file: OutboxFile
  readonly #options: SaverOptions
  readonly #alarm: Alarm
  #failing = false

  constructor(row: Row, file: OutboxFile, options: SaverOptions) {
    this.#row = row
    this.#file = file
    this.#options = options
    this.#alarm = new Alarm(options.clock, () => this.#look())
  }

  /** Something came, or is to be dropped, that the disk need not know of at once. */
  hold(): void {
    this.#alarm.set(HOLD_MS)
  }

  /** Something is on disk that need not be there. */
  tidy(): void {
    this.#alarm.set(TIDY_MS)
  }

  /** Drops what is beyond the limits, and brings the disk up to date; a full one is tried again. */
  flush(): void {
    try {
      this.check()
    } catch (error) {
      const [code, message] = [codeOf(error), messageOf(error)]
      const fault = { code, message, unsaved: this.#row.unsaved }
      if (!this.#failing) this.#options.log.error(fault, 'outbox.unsaved')
      this.#failing = true
    }
    this.#rest()
  }

  /** As `flush`, to see whether the disk takes it. Throws Unavailable and IntegrityFault `store.*`. */
  check(): void {
    this.#trim()
    this.#file.write(this.#row.changes)
    this.#row.saved()
    this.#failing = false
    if (this.#row.size === 0) this.#file.shrink()
  }

  /** Puts everything on disk, and ends. */
  close(): void {
    this.flush()
    this.#alarm.off()
    this.#file.close()
  }

  #trim(): void {
    this.#row.trim(this.#options.limits, this.#options.clock.now())
  }

  #look(): void {
    this.#trim()
    // What was the oldest may have been acknowledged since, and what is younger may be soon.
    if (this.#row.stale || this.#youth === 0) this.flush()
    else this.#rest()
  }

  /** When there is something to do next. */
  #rest(): void {
    this.#alarm.off()
    if (this.#failing) this.#alarm.set(TIDY_MS)
    else if (this.#youth !== undefined) this.#alarm.set(this.#youth)
    else if (this.#row.size > 0) this.#alarm.set(SWEEP_MS)
  }

  /** How long the oldest in memory may still wait for its acknowledgement there, milliseconds. */
  get #youth(): number | undefined {
    const since = this.#row.oldestUnsaved
    if (since === undefined) return undefined
    const age = this.#options.clock.now() - since
    return age < 0 ? 0 : Math.max(0, HOLD_MS - age)
  }
}
