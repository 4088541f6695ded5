import { Bell } from '@vedette/shared/bell'
import type { Question } from './lookout.ts'

export type OutboxItem = { id: number; question: Question }

/**
 * Questions that the server has not acknowledged, oldest first. Bounded: when it is full the oldest
 * goes and is counted.
 */
export class Outbox {
  readonly #limit: number
  readonly #items = new Map<number, OutboxItem>()
  #nextId = 1
  readonly #news = new Bell()
  dropped = 0

  constructor(limit = 1000) {
    this.#limit = limit
  }

  get size(): number {
    return this.#items.size
  }

  add(question: Question): void {
    const item = { id: this.#nextId++, question }
    this.#items.set(item.id, item)
    if (this.#items.size > this.#limit) {
      const [oldest] = this.#items.keys()
      this.#items.delete(oldest!)
      this.dropped++
    }
    this.#news.ring()
  }

  /** The server has committed what came of `id`. */
  settle(id: number): void {
    this.#items.delete(id)
  }

  /** Every item with an id above `after`, oldest first, waiting for more until the signal aborts. */
  async *from(signal: AbortSignal): AsyncGenerator<OutboxItem, void, undefined> {
    let last = 0
    const stop = () => this.#news.ring()
    signal.addEventListener('abort', stop)
    try {
      while (!signal.aborted) {
        const next = this.#after(last)
        if (next !== undefined) {
          last = next.id
          yield next
        } else {
          await this.#news.wait()
        }
      }
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  #after(id: number): OutboxItem | undefined {
    for (const [key, item] of this.#items) if (key > id) return item
    return undefined
  }
}
