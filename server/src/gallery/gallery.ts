import type { Embedding } from '@vedette/shared/embedding'
import type { Template } from '../store/entries.ts'
import { Thread, threadModule } from '../thread.ts'
import { MOST_PROBES } from './product.ts'
import type { SearchOptions, SearchReply, SearchRequest } from './search-thread.ts'

/** Templates looked at for one probe: enough for the best entries whatever photos each has. */
const DEPTH = 16
/** Batches with the search thread at a time: the next is there when it has finished one. */
const MOST_BATCHES = 2

/** An entry that a probe resembles, by its nearest template. */
export type Candidate = { entryId: string; templateId: string; score: number }

type Owner = { entryId: string; templateId: string }
type Waiting = {
  probe: Embedding
  resolve: (candidates: Candidate[]) => void
  reject: (error: unknown) => void
}

/**
 * Every live template in memory, searched exactly on a thread of its own. Probes that come while
 * searches are under way are searched together in the next; none waits when nothing is under way.
 */
export class Gallery {
  /** Names the embedding space of all that is in here. */
  readonly space: string
  /** Components of an embedding. */
  readonly length: number
  readonly #thread: Thread<SearchRequest, SearchReply>
  readonly #owners: (Owner | undefined)[] = []
  readonly #rowsOf = new Map<string, number[]>()
  readonly #free: number[] = []
  #templates = 0
  #waiting: Waiting[] = []
  /** Searches under way. */
  #searches = 0

  /** Loads `templates` and resolves when they can be searched. */
  static async open(
    space: string,
    options: SearchOptions,
    templates: readonly Template[],
  ): Promise<Gallery> {
    const gallery = new Gallery(space, options)
    const vectors = templates.map((template) => gallery.#own(template).vector)
    try {
      await gallery.#thread.ask({ do: 'load', vectors })
      return gallery
    } catch (error) {
      await gallery[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor(space: string, options: SearchOptions) {
    this.space = space
    this.length = options.length
    this.#thread = new Thread(threadModule('search-thread', import.meta.url), options)
  }

  /** Templates that can match. */
  get templates(): number {
    return this.#templates
  }

  /** Entries that can match. */
  get entries(): number {
    return this.#rowsOf.size
  }

  /** Resolves when the templates take part in every search that starts later. */
  async add(templates: readonly Template[]): Promise<void> {
    const puts = templates.map((template) => {
      const { row, vector } = this.#own(template)
      return this.#thread.ask({ do: 'put', row, vector })
    })
    await Promise.all(puts)
  }

  /** The entry matches nothing from here on; resolves when its vectors are wiped. */
  async remove(entryId: string): Promise<void> {
    const rows = this.#rowsOf.get(entryId) ?? []
    this.#rowsOf.delete(entryId)
    this.#templates -= rows.length
    for (const row of rows) this.#owners[row] = undefined
    await Promise.all(rows.map((row) => this.#thread.ask({ do: 'remove', row })))
    // The thread answers in turn: no search that could still name them is under way.
    this.#free.push(...rows)
  }

  /** The entries that `probe` resembles most, best first. */
  search(probe: Embedding): Promise<Candidate[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ probe, resolve, reject })
      if (this.#searches < MOST_BATCHES) void this.#drain()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread[Symbol.asyncDispose]()
  }

  async #drain(): Promise<void> {
    this.#searches++
    await undefined // whatever else comes in this turn goes along
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MOST_PROBES)
      try {
        await this.#ask(batch)
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    this.#searches--
  }

  async #ask(batch: readonly Waiting[]): Promise<void> {
    const probes = new Float32Array(batch.length * this.length)
    for (const [i, { probe }] of batch.entries()) probes.set(probe, i * this.length)
    const { rows, scores } = (await this.#thread.ask({ do: 'search', probes, k: DEPTH }))!
    for (const [i, { resolve }] of batch.entries()) {
      resolve(this.#candidates(rows, scores, i * DEPTH))
    }
  }

  #own({ id, entryId, vector }: Template): { row: number; vector: Embedding } {
    const row = this.#free.pop() ?? this.#owners.length
    this.#owners[row] = { entryId, templateId: id }
    this.#templates++
    this.#rowsOf.set(entryId, [...(this.#rowsOf.get(entryId) ?? []), row])
    return { row, vector }
  }

  /** The entries of the DEPTH rows from `start`, each once. */
  #candidates(rows: Int32Array, scores: Float64Array, start: number): Candidate[] {
    const found: Candidate[] = []
    for (let i = start; i < start + DEPTH; i++) {
      const owner = this.#owners[rows[i]!]
      if (owner === undefined || found.some(({ entryId }) => entryId === owner.entryId)) continue
      found.push({ ...owner, score: scores[i]! })
    }
    return found
  }
}
