import { Bell } from '@vedette/shared/bell'
import type { Clock } from '@vedette/shared/clock'
import { IntegrityFault } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import { encodeMessage, parseFromAgent, type Sequenced } from '@vedette/shared/message'
import type { Metrics } from '@vedette/shared/metrics'
import { v7 as newId } from 'uuid'
import { countOutbox, type OutboxCounters } from './figures.ts'
import { type DropReason, OutboxFile, type OutboxState } from './file.ts'
import { openOutboxKey } from './key.ts'
import { type Item, type OutboxLimits, Row } from './row.ts'
import { Saver } from './saver.ts'

/** Numbers reserved at a time: so many may be skipped when the agent is killed. */
const BLOCK = 1000
/** Drops within this time of one another are one burst, and are told once. */
const BURST_MS = 60_000

/** A message that is to be numbered, kept and delivered once. */
export type Outgoing = Unnumbered<Sequenced>
type Unnumbered<M> = M extends Sequenced ? Omit<M, 'seq' | 'lost'> : never

export type OutboxOptions = {
  /** Where it lives; made if it is not there. */
  folder: string
  limits: OutboxLimits
  /** Holds the key that seals it; one in `folder` if left out. */
  keyFile?: string | undefined
  clock: Clock
  log: Log
  metrics: Metrics
}

/**
 * What the server has not acknowledged, in order. It is handed over at once and goes to disk, in
 * groups, where no acknowledgement came in time, and at once where none is to be expected: a good link
 * costs no write, a bad one no sighting. Bounded in size and age: the oldest goes first, is counted,
 * and the next one tells.
 */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #file: OutboxFile
  readonly #counters: OutboxCounters
  readonly #state: OutboxState
  readonly #row: Row
  readonly #saver: Saver
  readonly #news = new Bell()
  #readers = 0
  readonly #first: number
  #next: number
  #droppedAt = Number.NEGATIVE_INFINITY
  /** Something that this run numbered has been handed over. */
  #begun = false

  /**
   * Opens what the last run left. A damaged file, or one whose key is gone, is given up: the agent
   * must go on. Throws ConfigFault, Unavailable `store.*`, IntegrityFault `store.newer-schema`.
   */
  static open(options: OutboxOptions): Outbox {
    const { folder, keyFile, log } = options
    const { key, made } = openOutboxKey(folder, keyFile)
    if (made) OutboxFile.remove(folder)
    try {
      return new Outbox(options, OutboxFile.open(folder, key))
    } catch (error) {
      if (!(error instanceof IntegrityFault) || error.code !== 'store.damaged') throw error
      log.error({ code: error.code, message: error.message }, 'outbox.given-up')
      OutboxFile.remove(folder)
      return new Outbox(options, OutboxFile.open(folder, key))
    }
  }

  private constructor(options: OutboxOptions, file: OutboxFile) {
    this.#options = options
    this.#file = file
    const none = { size: 0, age: 0, damaged: 0 }
    this.#state = file.state() ?? { stream: newId(), reserved: 0, untold: 0, dropped: none }
    this.#row = new Row(this.#state, file.stored(), (reason, count) => this.#tell(reason, count))
    this.#saver = new Saver(this.#row, file, options)
    this.#next = this.#state.reserved + 1
    this.#first = this.#next
    this.#counters = countOutbox(options.metrics, this.#state.dropped, () => ({
      waiting: this.size,
      unsaved: this.unsaved,
      bytes: this.#row.room,
      oldest: this.#age,
    }))
    this.#reserve()
  }

  /** Whom the numbers belong to. */
  get stream(): string {
    return this.#state.stream
  }

  /** The first number that this run of the agent gives out. */
  get first(): number {
    return this.#first
  }

  get size(): number {
    return this.#row.size
  }

  /** Those that wait in memory only. */
  get unsaved(): number {
    return this.#row.unsaved
  }

  /** How many were dropped since the file was made. */
  get dropped(): number {
    return this.#row.dropped
  }

  /** Numbers `message` and keeps it, on disk unless an acknowledgement may be near; gives the number. */
  add(message: Outgoing): number {
    if (this.#next > this.#state.reserved) this.#reserve()
    const seq = this.#next++
    const body = encodeMessage({ ...message, seq } as Sequenced)
    this.#row.add(seq, this.#options.clock.now(), body)
    if (this.#hopeful) this.#saver.hold()
    else this.flush()
    this.#news.ring()
    return seq
  }

  /** The server has committed what came of number `seq`. */
  settle(seq: number): void {
    if (this.#row.settle(seq) && this.#row.stale) this.#saver.tidy()
  }

  /**
   * The server is done with number `done` of this stream. True where this run has yet to give that one
   * out, as when an older file was put back: then all that waits belongs to a new stream.
   */
  outrun(done: number): boolean {
    if (this.#begun || done < this.#first) return false
    this.#options.log.error({ done, first: this.#first }, 'outbox.outrun')
    this.#state.stream = newId()
    this.#row.lift((seq) => this.#file.body(seq))
    this.flush()
    return true
  }

  /** Every message that waits, oldest first, and those that come, until the signal aborts. */
  async *from(signal: AbortSignal): AsyncGenerator<Sequenced, void, undefined> {
    const stop = () => this.#news.ring()
    signal.addEventListener('abort', stop)
    this.#readers++
    let last = 0
    try {
      while (!signal.aborted) {
        for (const item of this.#row.items()) {
          if (item.seq <= last) continue
          last = item.seq
          const message = this.#message(item)
          if (message === undefined) continue
          this.#row.fly(item.seq)
          if (item.seq >= this.#first) this.#begun = true
          yield message
          if (signal.aborted) return
        }
        await this.#news.wait()
      }
    } finally {
      this.#readers--
      signal.removeEventListener('abort', stop)
    }
  }

  /** Nothing that was handed over is in flight any more: the connection is over. */
  landed(): void {
    this.#row.land()
  }

  /** Drops what is beyond the limits, and brings the disk up to date; a full one is tried again. */
  flush(): void {
    this.#saver.flush()
  }

  /** As `flush`, to see whether the disk takes it. Throws Unavailable and IntegrityFault `store.*`. */
  check(): void {
    this.#saver.check()
  }

  /** Puts everything on disk. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#state.reserved = this.#next - 1
    this.#saver.close()
  }

  /** Whether what comes now may be acknowledged before it would be on disk: then it need not go there. */
  get #hopeful(): boolean {
    return this.#readers > 0 && this.size === this.unsaved
  }

  /** Of the oldest, milliseconds. */
  get #age(): number | undefined {
    const { oldest } = this.#row
    return oldest === undefined ? undefined : Math.max(0, this.#options.clock.now() - oldest)
  }

  #message(item: Item): Sequenced | undefined {
    const body = item.body ?? this.#file.body(item.seq)
    try {
      const message = body && (parseFromAgent(body) as Sequenced)
      if (message !== undefined) return item.lost > 0 ? { ...message, lost: item.lost } : message
    } catch {} // written by a Vedette that spoke otherwise: as good as damaged
    this.#row.drop([item], 'damaged')
    this.#saver.hold()
    return undefined
  }

  #tell(reason: DropReason, count: number): void {
    this.#counters.dropped(reason, count)
    const now = this.#options.clock.now()
    if (now - this.#droppedAt > BURST_MS) {
      this.#options.log.warn({ reason, dropped: this.dropped }, 'outbox.dropped')
    }
    this.#droppedAt = now
  }

  /** Numbers are given out once, whatever becomes of this process. */
  #reserve(): void {
    this.#state.reserved = this.#next + BLOCK - 1
    this.flush()
  }
}
