/** How far an agent has come with its outbox, as it is kept on disk. */
export type Progress = {
  /** Id of the outbox. */
  stream: string
  /** Every number up to this one is done, or never comes. Numbers begin at 1. */
  done: number
  /** Messages of this agent that never came, from all its outboxes. */
  lost: number
}

/** What came of a message: done now, done before, or not done: then it must come again. */
export type Taken = 'done' | 'repeat' | 'undone'

/** One that is numbered, as the gate sees it. */
export type Numbered = { seq: number; lost?: number | undefined }

/**
 * What has been done of one agent's outbox, over all its connections: each number once, whatever
 * connection it comes on, and what never came is counted.
 */
export class Delivery {
  readonly #onLost: (count: number, before: number) => void
  #progress: Progress
  /** The highest number that came. */
  #highest: number
  /** First number of the agent's present run: it may have skipped some before it. */
  #first = 0
  /** Whether all that came before is known: what was loaded may be a moment old. */
  #exact = false
  #connected = false
  /** Came, and not done: what is worked on, and what has to come again. */
  readonly #open = new Map<number, Promise<boolean> | undefined>()
  /** Done, above what is done in a row. */
  readonly #above = new Set<number>()

  constructor(progress: Progress | undefined, onLost: (count: number, before: number) => void) {
    this.#progress = progress ?? { stream: '', done: 0, lost: 0 }
    this.#highest = this.#progress.done
    this.#onLost = onLost
  }

  get progress(): Progress {
    return this.#progress
  }

  /** A connection begins on which the numbers are of `stream`; gives the highest that is done. */
  begin({ stream, first }: { stream: string; first: number }): number {
    if (stream !== this.#progress.stream) {
      this.#progress = { ...this.#progress, stream, done: 0 }
      this.#highest = 0
      this.#exact = true
      this.#open.clear()
      this.#above.clear()
    }
    this.#first = first
    this.#connected = false
    return Math.max(this.#progress.done, ...this.#above)
  }

  /** Has `work` done for a message unless it was before; false of `work` says that it was not. */
  async take({ seq, lost = 0 }: Numbered, work: () => Promise<boolean>): Promise<Taken> {
    this.#arrived(seq, lost)
    for (;;) {
      if (seq <= this.#progress.done || this.#above.has(seq)) return 'repeat'
      const other = this.#open.get(seq)
      if (other === undefined) break
      // On another connection of the same agent: if that fails it is ours to do.
      await other
    }
    const { stream } = this.#progress
    const mine = work()
    this.#open.set(
      seq,
      mine.catch(() => false),
    )
    const done = await mine.catch((error) => {
      this.#undone(seq, stream)
      throw error
    })
    if (!done) this.#undone(seq, stream)
    else if (stream === this.#progress.stream) this.#done(seq, lost)
    return done ? 'done' : 'undone'
  }

  #arrived(seq: number, lost: number): void {
    if (!this.#connected) {
      // What failed and does not come again was given up; the agent tells of it.
      for (const [open, work] of this.#open) {
        if (open < seq && work === undefined) this.#open.delete(open)
      }
    }
    this.#connected = true
    if (seq <= this.#highest) return
    const skipped = this.#highest < this.#first && seq >= this.#first
    const missing = seq - 1 - this.#highest - lost
    if (this.#exact && !skipped && missing > 0) this.#lose(missing, seq)
    this.#exact = true
    this.#highest = seq
  }

  #done(seq: number, lost: number): void {
    this.#open.delete(seq)
    this.#above.add(seq)
    if (lost > 0) this.#lose(lost, seq)
    const done = Math.min(this.#highest, ...[...this.#open.keys()].map((open) => open - 1))
    for (const above of this.#above) if (above <= done) this.#above.delete(above)
    this.#progress = { ...this.#progress, done: Math.max(done, this.#progress.done) }
  }

  #undone(seq: number, stream: string): void {
    if (stream === this.#progress.stream) this.#open.set(seq, undefined)
  }

  #lose(count: number, before: number): void {
    const lost = Math.min(this.#progress.lost + count, Number.MAX_SAFE_INTEGER)
    this.#progress = { ...this.#progress, lost }
    this.#onLost(count, before)
  }
}
