import {
  type Changes,
  DROP_REASONS,
  type DropReason,
  type OutboxState,
  roomFor,
  type Stored,
} from './file.ts'

export type OutboxLimits = {
  /** Room on disk, bytes. */
  size: number
  /** Milliseconds. */
  age: number
}

/** One that waits. `body` is in memory until it is on disk. */
export type Item = {
  seq: number
  at: number
  /** So many directly before it were dropped. */
  lost: number
  room: number
  body: Uint8Array | undefined
}

/** What waits, in order, and what of that the disk has yet to be told. */
export class Row {
  readonly #state: OutboxState
  readonly #onDrop: (reason: DropReason, count: number) => void
  readonly #items = new Map<number, Item>()
  /** Those of them that are not on disk. */
  readonly #unsaved = new Map<number, Item>()
  /** Sent on the connection that is open, and not acknowledged: these are not dropped. */
  readonly #flying = new Set<number>()
  /** To be removed from disk. */
  readonly #gone = new Set<number>()
  /** To be told on disk. */
  readonly #told = new Map<number, number>()
  #room = 0
  #stale = false

  /** A row as it is on disk; `state` counts on from there. */
  constructor(
    state: OutboxState,
    stored: readonly Stored[],
    onDrop: (reason: DropReason, count: number) => void,
  ) {
    this.#state = state
    this.#onDrop = onDrop
    for (const { seq, at, lost, bytes } of stored) {
      this.#keep({ seq, at, lost, room: roomFor(bytes), body: undefined })
    }
  }

  get size(): number {
    return this.#items.size
  }

  /** Those that wait in memory only. */
  get unsaved(): number {
    return this.#unsaved.size
  }

  /** Room that all take on disk, bytes. */
  get room(): number {
    return this.#room
  }

  /** Disk is behind by more than what is young. */
  get stale(): boolean {
    return this.#stale
  }

  /** When the oldest came, epoch milliseconds. */
  get oldest(): number | undefined {
    const [oldest] = this.#items.values()
    return oldest?.at
  }

  /** When the oldest came that is not on disk, epoch milliseconds. */
  get oldestUnsaved(): number | undefined {
    const [oldest] = this.#unsaved.values()
    return oldest?.at
  }

  /** How many were dropped since the file was made. */
  get dropped(): number {
    return DROP_REASONS.reduce((sum, reason) => sum + this.#state.dropped[reason], 0)
  }

  /** Oldest first; what is added meanwhile comes, too, and what goes does not. */
  items(): IterableIterator<Item> {
    return this.#items.values()
  }

  /** At the end of the row, in memory. */
  add(seq: number, at: number, body: Uint8Array): void {
    const lost = this.#state.untold
    this.#state.untold = 0
    const item = { seq, at, lost, room: roomFor(body.length), body }
    this.#keep(item)
    this.#unsaved.set(seq, item)
  }

  /** Number `seq` is delivered; false where it does not wait. */
  settle(seq: number): boolean {
    const item = this.#items.get(seq)
    if (item === undefined) return false
    if (item.lost > 0 || !this.#unsaved.has(seq)) this.#stale = true
    this.#forget(item)
    return true
  }

  /** Number `seq` is under way. */
  fly(seq: number): void {
    this.#flying.add(seq)
  }

  /** Nothing is under way any more. */
  land(): void {
    this.#flying.clear()
  }

  /** The oldest that are too old at `now`, or for which there is no room. */
  trim(limits: OutboxLimits, now: number): void {
    const old: Record<'size' | 'age', Item[]> = { size: [], age: [] }
    let room = this.#room
    for (const item of this.#items.values()) {
      if (this.#flying.has(item.seq)) continue
      const reason = room > limits.size ? 'size' : now - item.at > limits.age && 'age'
      if (!reason) break
      old[reason].push(item)
      room -= item.room
    }
    this.drop(old.size, 'size')
    this.drop(old.age, 'age')
  }

  /** Items that follow one another; the next one tells of them. */
  drop(items: readonly Item[], reason: DropReason): void {
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
    this.#onDrop(reason, items.length)
  }

  /** Takes all from disk into memory, to be written anew; what `bodyOf` does not have is dropped. */
  lift(bodyOf: (seq: number) => Uint8Array | undefined): void {
    for (const item of this.#items.values()) {
      if (this.#unsaved.has(item.seq)) continue
      item.body = bodyOf(item.seq)
      if (item.body === undefined) this.drop([item], 'damaged')
      else {
        this.#unsaved.set(item.seq, item)
        this.#gone.add(item.seq)
      }
    }
  }

  /** What the disk has yet to be told. */
  get changes(): Changes {
    const put = [...this.#unsaved.values()].map((item) => ({ ...item, body: item.body! }))
    return { put, gone: [...this.#gone], lost: this.#told, state: this.#state }
  }

  /** The disk has taken the changes. */
  saved(): void {
    for (const item of this.#unsaved.values()) item.body = undefined
    this.#unsaved.clear()
    this.#gone.clear()
    this.#told.clear()
    this.#stale = false
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
}
