import { Thread, threadModule } from '../thread.ts'
import type { SearchOptions, SearchReply, SearchRequest } from './search-thread.ts'

/** What a row stands for, and how similar it is. */
export type Named<T> = T & { score: number }

/**
 * Rows dealt out over threads, each of which searches its share: row r is row ⌊r / n⌋ of thread
 * r mod n. Every thread does what it is asked in turn.
 */
export class Shards {
  readonly #length: number
  readonly #threads: readonly Thread<SearchRequest, SearchReply>[]

  constructor(options: SearchOptions, count: number) {
    const module = threadModule('search-thread', import.meta.url)
    this.#length = options.length
    this.#threads = Array.from({ length: count }, () => new Thread(module, options))
  }

  /** Fills empty shards: vector i becomes row i. */
  async load(vectors: readonly Float32Array[]): Promise<void> {
    const count = this.#threads.length
    await this.#all((thread, shard) => {
      const mine = this.#inOne(vectors.filter((_, row) => row % count === shard))
      return thread.ask({ do: 'load', vectors: mine }, [mine.buffer])
    })
  }

  async put(row: number, vector: Float32Array): Promise<void> {
    await this.#of(row).ask({ do: 'put', row: this.#within(row), vector })
  }

  /** Resolves when no search that could still find the row is under way in its shard. */
  async remove(row: number): Promise<void> {
    await this.#of(row).ask({ do: 'remove', row: this.#within(row) })
  }

  /**
   * What stands behind the `k` rows most similar to each probe, best first. `name` is asked the moment
   * a shard answers: later the row may be somebody else's.
   */
  async search<T extends object>(
    probes: readonly Float32Array[],
    k: number,
    name: (row: number) => T | undefined,
  ): Promise<Named<T>[][]> {
    const all = this.#inOne(probes)
    const parts = await this.#all(async (thread, shard) => {
      const { rows, scores } = (await thread.ask({ do: 'search', probes: all, k }))!
      return probes.map((_, i) =>
        this.#named({ rows, scores, from: i * k, to: i * k + k }, shard, name),
      )
    })
    if (parts.length === 1) return parts[0]!
    return probes.map((_, i) =>
      parts
        .flatMap((part) => part[i]!)
        .sort((a, b) => b.score - a.score)
        .slice(0, k),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#all((thread) => thread[Symbol.asyncDispose]())
  }

  #named<T extends object>(
    { rows, scores, from, to }: NonNullable<SearchReply> & { from: number; to: number },
    shard: number,
    name: (row: number) => T | undefined,
  ): Named<T>[] {
    const named: Named<T>[] = []
    for (let i = from; i < to && rows[i]! >= 0; i++) {
      const what = name(rows[i]! * this.#threads.length + shard)
      if (what !== undefined) named.push({ ...what, score: scores[i]! })
    }
    return named
  }

  #inOne(vectors: readonly Float32Array[]): Float32Array<ArrayBuffer> {
    const all = new Float32Array(vectors.length * this.#length)
    for (const [i, vector] of vectors.entries()) all.set(vector, i * this.#length)
    return all
  }

  #all<R>(work: (thread: Thread<SearchRequest, SearchReply>, shard: number) => Promise<R>) {
    return Promise.all(this.#threads.map(work))
  }

  #of(row: number): Thread<SearchRequest, SearchReply> {
    return this.#threads[row % this.#threads.length]!
  }

  #within(row: number): number {
    return Math.floor(row / this.#threads.length)
  }
}
