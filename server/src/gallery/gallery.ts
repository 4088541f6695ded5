import type { Embedding } from '@vedette/shared/embedding'
import type { Template } from '../store/entries.ts'
import { Thread, threadModule } from '../thread.ts'
import type { Found } from './matrix.ts'
import { MOST_PROBES } from './product.ts'
import type { SearchOptions, SearchReply, SearchRequest } from './search-thread.ts'

/** Templates looked at for one probe: enough for the best entries whatever photos each has. */
const DEPTH = 16

/** An entry that a probe resembles, by its nearest template. */
export type Candidate = { entryId: string; templateId: string; score: number }

type Owner = { entryId: string; templateId: string }
type Waiting = {
  probe: Embedding
  resolve: (candidates: Candidate[]) => void
  reject: (error: unknown) => void
}

/**
 * Every live template in memory, searched exactly on a thread of its own. Probes that come while a
 * search is under way are searched together in the next; none waits when nothing is under way.
 */
export class Gallery {
  /** Names the embedding space of all that is in here. */
  readonly space: string
  /** Components of an embedding. */
  readonly length: number
  readonly #thread: Thread<SearchRequest, SearchReply>
  readonly #owners: (Owner | undefined)[] = []
  readonly #rowsOf = new Map<string, number[]>()
  #free: number[] = []
  /** Freed while a search was under way, which may still name them. */
  #resting: number[] = []
  #waiting: Waiting[] = []
  #searching = false

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
    return this.#owners.length - this.#free.length - this.#resting.length
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
    for (const row of rows) this.#owners[row] = undefined
    if (this.#searching) this.#resting.push(...rows)
    else this.#free.push(...rows)
    await Promise.all(rows.map((row) => this.#thread.ask({ do: 'remove', row })))
  }

  /** The entries that `probe` resembles most, best first. */
  search(probe: Embedding): Promise<Candidate[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ probe, resolve, reject })
      if (!this.#searching) void this.#drain()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread[Symbol.asyncDispose]()
  }

  async #drain(): Promise<void> {
    this.#searching = true
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MOST_PROBES)
      try {
        const probes = batch.map(({ probe }) => probe)
        const answers = await this.#thread.ask({ do: 'search', probes, k: DEPTH })
        for (const [i, { resolve }] of batch.entries()) resolve(this.#candidates(answers[i]!))
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
      this.#free.push(...this.#resting)
      this.#resting = []
    }
    this.#searching = false
  }

  #own({ id, entryId, vector }: Template): { row: number; vector: Embedding } {
    const row = this.#free.pop() ?? this.#owners.length
    this.#owners[row] = { entryId, templateId: id }
    this.#rowsOf.set(entryId, [...(this.#rowsOf.get(entryId) ?? []), row])
    return { row, vector }
  }

  #candidates({ rows, scores }: Found): Candidate[] {
    const best = new Map<string, Candidate>()
    for (const [i, row] of rows.entries()) {
      const owner = this.#owners[row]
      if (owner !== undefined && !best.has(owner.entryId)) {
        best.set(owner.entryId, { ...owner, score: scores[i]! })
      }
    }
    return [...best.values()]
  }
}
