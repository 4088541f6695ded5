import { Bell } from '@vedette/shared/bell'
import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, IntegrityFault, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import { encodeMessage, parseFromAgent, type Sequenced } from '@vedette/shared/message'
import type { Metrics } from '@vedette/shared/metrics'
import { v7 as newId } from 'uuid'
import {
  DROP_REASONS,
  type DropReason,
  OutboxFile,
  type OutboxState,
  roomFor,
} from './outbox-file.ts'
import { openOutboxKey } from './outbox-key.ts'
import { countOutbox, type OutboxCounters } from './outbox-metrics.ts'

/** What is not acknowledged by then goes to disk, milliseconds: acknowledgements take one beat of 40. */
const HOLD_MS = 50
/** What has been acknowledged is removed from disk by then. */
const TIDY_MS = 1000
/** What is too old is looked for this often. */
const SWEEP_MS = 60_000
/** Numbers reserved at a time: so many may be skipped when the agent is killed. */
const BLOCK = 1000
/** Drops within this time of one another are one burst, and are told once. */
const BURST_MS = 60_000

/** A message that is to be numbered, kept and delivered once. */
export type Outgoing = Unnumbered<Sequenced>
type Unnumbered<M> = M extends Sequenced ? Omit<M, 'seq' | 'lost'> : never

export type OutboxLimits = {
  /** Room on disk, bytes. */
  size: number
  /** Milliseconds. */
  age: number
}

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

/** One that waits. `body` is in memory until it is on disk. */
type Item = {
  seq: number
  at: number
  /** So many directly before it were dropped. */
  lost: number
  room: number
  body: Uint8Array | undefined
}

/**
 * What the server has not acknowledged, in order. It is handed over at once and goes to disk, in
 * groups, where no acknowledgement came within HOLD_MS, and at once where none is to be expected: a
 * good link costs no write, a bad one no sighting. Bounded in size and age: the oldest goes first, is counted, and the next one tells.
 */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #file: OutboxFile
  readonly #counters: OutboxCounters
  readonly #state: OutboxState
  readonly #items = new Map<number, Item>()
  /** Those of them that are not on disk. */
  readonly #unsaved = new Map<number, Item>()
  /** Sent on the connection that is open, and not acknowledged: these are not dropped. */
  readonly #flying = new Set<number>()
  /** To be removed from disk. */
  readonly #gone = new Set<number>()
  /** To be told on disk. */
  readonly #told = new Map<number, number>()
  readonly #news = new Bell()
  #readers = 0
  readonly #first: number
  #next: number
  #room = 0
  #timer: Timer | undefined
  #due = Number.POSITIVE_INFINITY
  /** Disk is behind by more than what is young. */
  #stale = false
  #failing = false
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
    for (const { seq, at, lost, bytes } of file.stored()) {
      this.#keep({ seq, at, lost, room: roomFor(bytes), body: undefined })
    }
    this.#next = this.#state.reserved + 1
    this.#first = this.#next
    this.#counters = countOutbox(options.metrics, this.#state.dropped, () => ({
      waiting: this.size,
      unsaved: this.unsaved,
      bytes: this.#room,
      oldest: this.#oldest,
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
    return this.#items.size
  }

  /** Those that wait in memory only. */
  get unsaved(): number {
    return this.#unsaved.size
  }

  /** How many were dropped since the file was made. */
  get dropped(): number {
    return DROP_REASONS.reduce((sum, reason) => sum + this.#state.dropped[reason], 0)
  }

  /** Numbers `message` and keeps it, on disk unless an acknowledgement may be near; gives the number. */
  add(message: Outgoing): number {
    if (this.#next > this.#state.reserved) this.#reserve()
    const seq = this.#next++
    const body = encodeMessage({ ...message, seq } as Sequenced)
    const lost = this.#state.untold
    this.#state.untold = 0
    const at = this.#options.clock.now()
    const item = { seq, at, lost, room: roomFor(body.length), body }
    this.#keep(item)
    this.#unsaved.set(seq, item)
    if (this.#hopeful) this.#wake(HOLD_MS)
    else this.flush()
    this.#news.ring()
    return seq
  }

  /** The server has committed what came of number `seq`. */
  settle(seq: number): void {
    const item = this.#items.get(seq)
    if (item === undefined) return
    if (item.lost > 0 || !this.#unsaved.has(seq)) this.#stale = true
    this.#forget(item)
    if (this.#stale) this.#wake(TIDY_MS)
  }

  /**
   * The server is done with number `done` of this stream. True where this run has yet to give that one
   * out, as when an older file was put back: then all that waits belongs to a new stream.
   */
  outrun(done: number): boolean {
    if (this.#begun || done < this.#first) return false
    this.#options.log.error({ done, first: this.#first }, 'outbox.outrun')
    this.#state.stream = newId()
    for (const item of this.#items.values()) this.#lift(item)
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
        for (const item of this.#items.values()) {
          if (item.seq <= last) continue
          last = item.seq
          const message = this.#message(item)
          if (message === undefined) continue
          this.#flying.add(item.seq)
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
    this.#flying.clear()
  }

  /** Drops what is beyond the limits, and brings the disk up to date; a full one is tried again. */
  flush(): void {
    try {
      this.check()
    } catch (error) {
      const fault = { code: codeOf(error), message: messageOf(error), unsaved: this.unsaved }
      if (!this.#failing) this.#options.log.error(fault, 'outbox.unsaved')
      this.#failing = true
    }
    this.#rest()
  }

  /** As `flush`, to see whether the disk takes it. Throws Unavailable and IntegrityFault `store.*`. */
  check(): void {
    this.#trim()
    const put = [...this.#unsaved.values()].map((item) => ({ ...item, body: item.body! }))
    this.#file.write({ put, gone: [...this.#gone], lost: this.#told, state: this.#state })
    for (const item of this.#unsaved.values()) item.body = undefined
    this.#unsaved.clear()
    this.#gone.clear()
    this.#told.clear()
    this.#stale = false
    this.#failing = false
    if (this.#items.size === 0) this.#file.shrink()
  }

  /** Puts everything on disk. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#state.reserved = this.#next - 1
    this.flush()
    this.#timer?.cancel()
    this.#file.close()
  }

  /** Whether what comes now may be acknowledged before it would be on disk: then it need not go there. */
  get #hopeful(): boolean {
    return this.#readers > 0 && this.#items.size === this.#unsaved.size
  }

  get #oldest(): number | undefined {
    const [oldest] = this.#items.values()
    return oldest && Math.max(0, this.#options.clock.now() - oldest.at)
  }

  #keep(item: Item): void {
    this.#items.set(item.seq, item)
    this.#room += item.room
  }

  #forget(item: Item): void {
    const { seq } = item
    if (!this.#items.delete(seq)) return
    this.#room -= item.room
    this.#flying.delete(seq)
    this.#told.delete(seq)
    if (!this.#unsaved.delete(seq)) this.#gone.add(seq)
  }

  #message(item: Item): Sequenced | undefined {
    const body = item.body ?? this.#file.body(item.seq)
    try {
      const message = body && (parseFromAgent(body) as Sequenced)
      if (message !== undefined) return item.lost > 0 ? { ...message, lost: item.lost } : message
    } catch {} // written by a Vedette that spoke otherwise: as good as damaged
    this.#drop([item], 'damaged')
    this.#wake(HOLD_MS)
    return undefined
  }

  /** The oldest that are too old, or for which there is no room. */
  #trim(): void {
    const { clock, limits } = this.#options
    const old: Record<'size' | 'age', Item[]> = { size: [], age: [] }
    let room = this.#room
    for (const item of this.#items.values()) {
      if (this.#flying.has(item.seq)) continue
      const reason = room > limits.size ? 'size' : clock.now() - item.at > limits.age && 'age'
      if (!reason) break
      old[reason].push(item)
      room -= item.room
    }
    this.#drop(old.size, 'size')
    this.#drop(old.age, 'age')
  }

  /** Items that follow one another; the next one tells of them. */
  #drop(items: readonly Item[], reason: DropReason): void {
    const last = items.at(-1)
    if (last === undefined) return
    const lost = items.reduce((sum, item) => sum + item.lost, items.length)
    for (const item of items) this.#forget(item)
    const next = [...this.#items.values()].find(({ seq }) => seq > last.seq)
    if (next === undefined) this.#state.untold += lost
    else {
      next.lost += lost
      if (!this.#unsaved.has(next.seq)) this.#told.set(next.seq, next.lost)
    }
    this.#stale = true
    this.#state.dropped[reason] += items.length
    this.#counters.dropped(reason, items.length)
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

  /** Takes an item from disk into memory, to be written anew. */
  #lift(item: Item): void {
    if (this.#unsaved.has(item.seq)) return
    item.body = this.#file.body(item.seq)
    if (item.body === undefined) this.#drop([item], 'damaged')
    else {
      this.#unsaved.set(item.seq, item)
      this.#gone.add(item.seq)
    }
  }

  /** Looks after the disk in `ms`, or sooner where that was said before. */
  #wake(ms: number): void {
    const due = this.#options.clock.now() + ms
    if (due >= this.#due) return
    this.#timer?.cancel()
    this.#due = due
    this.#timer = this.#options.clock.after(ms, () => {
      this.#trim()
      // What was the oldest may have been acknowledged since, and what is younger may be soon.
      if (this.#stale || this.#youth === 0) this.flush()
      else this.#rest()
    })
  }

  /** When there is something to do next. */
  #rest(): void {
    this.#timer?.cancel()
    this.#due = Number.POSITIVE_INFINITY
    if (this.#failing) this.#wake(TIDY_MS)
    else if (this.#youth !== undefined) this.#wake(this.#youth)
    else if (this.#items.size > 0) this.#wake(SWEEP_MS)
  }

  /** How long the oldest in memory may still wait for its acknowledgement there, milliseconds. */
  get #youth(): number | undefined {
    const [oldest] = this.#unsaved.values()
    if (oldest === undefined) return undefined
    const age = this.#options.clock.now() - oldest.at
    return age < 0 ? 0 : Math.max(0, HOLD_MS - age)
  }
}
