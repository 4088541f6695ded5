import type { Embedding } from '@vedette/shared/embedding'
import { Unavailable } from '@vedette/shared/errors'
import type { Template } from '../store/templates.ts'
import { rowsOf } from './centre.ts'
import { MOST_PROBES } from './product.ts'
import type { SearchOptions } from './search-thread.ts'
import { SetFingerprint } from './set-fingerprint.ts'
import { type Named, Shards } from './shards.ts'

/** Rows looked at for one probe: as many as the largest entry has, and some of others, but no fewer. */
const LEAST_DEPTH = 16
const OTHERS = 8
/** Batches under way at a time: the next is there when the threads have finished one. */
const MOST_BATCHES = 2
/** Templates remembered to see whether they are found. */
const MOST_KNOWN = 4
/** Similarity of a template to itself, at least: what is searched is rounded. */
const ITSELF = 0.999

export type GalleryOptions = SearchOptions & {
  /** Threads that share every search. */
  threads: number
  /** Told how long each search took, seconds. */
  onSearch?: ((seconds: number) => void) | undefined
}

/** An entry that a probe resembles, by its nearest template or by what its templates share. */
export type Candidate = Named<Identity>

type Identity = {
  entryId: string
  list: string
  templateId: string
  /** From then on it is nobody's match, epoch milliseconds; undefined: for good. */
  expiresAt?: number | undefined
}
type Owner = Identity & { far: boolean; reserved?: true }
type Waiting = {
  probe: Embedding
  far: boolean
  reserved: boolean
  resolve: (candidates: Candidate[]) => void
  reject: (error: unknown) => void
}

/**
 * Every live template in memory, searched exactly on threads of its own. Probes that come while
 * searches are under way are searched together in the next; none waits when nothing is under way.
 */
export class Gallery {
  /** Names the embedding space of all that is in here. */
  readonly space: string
  /** Components of an embedding. */
  readonly length: number
  readonly #shards: Shards
  readonly #onSearch: (seconds: number) => void
  readonly #owners: (Owner | undefined)[] = []
  readonly #rowsOf = new Map<string, number[]>()
  readonly #free: number[] = []
  readonly #templatesOf = new Map<string, number>()
  /** One vector of each of a few entries. */
  readonly #known = new Map<string, Embedding>()
  #templates = 0
  readonly #fingerprint = new SetFingerprint()
  /** Rows that are nobody's. */
  #reserved = 0
  /** Rows of the entry that ever had most. */
  #largest = 0
  #waiting: Waiting[] = []
  /** Searches under way. */
  #searches = 0

  /** Loads `templates` and resolves when they can be searched. */
  static async open(
    space: string,
    options: GalleryOptions,
    templates: readonly Template[],
  ): Promise<Gallery> {
    const gallery = new Gallery(space, options)
    const rows = gallery.#take(templates)
    try {
      await gallery.#shards.load(rows.map(({ vector }) => vector))
      gallery.#remember(templates)
      return gallery
    } catch (error) {
      await gallery[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor(space: string, { length, threads, onSearch }: GalleryOptions) {
    this.space = space
    this.length = length
    this.#shards = new Shards({ length }, threads)
    this.#onSearch = onSearch ?? (() => {})
  }

  /** Templates that can match. */
  get templates(): number {
    return this.#templates
  }

  /** Tells which templates these are, by their ids: see SetFingerprint. */
  get fingerprint(): string {
    return this.#fingerprint.toString()
  }

  /** Entries that can match. */
  get entries(): number {
    return this.#rowsOf.size
  }

  /** Takes in new entries; resolves when they take part in every search that starts later. */
  async add(templates: readonly Template[]): Promise<void> {
    const rows = this.#take(templates)
    await Promise.all(rows.map(({ row, vector }) => this.#shards.put(row, vector)))
    this.#remember(templates)
  }

  /** The entry matches nothing from here on; resolves when its vectors are wiped. */
  async remove(entryId: string): Promise<void> {
    await this.#wipe(this.#forget(entryId))
  }

  /** Puts `templates` in the place of all that entry `entryId` has; it can be found throughout. */
  async replace(entryId: string, templates: readonly Template[]): Promise<void> {
    const before = this.#forget(entryId)
    await this.add(templates)
    await this.#wipe(before)
  }

  /**
   * The entries that `probe` resembles most, best first; that of a face so `far` away that it is held
   * against faces seen from afar, too. Whom a row is `reserved` for is left out unless asked for.
   */
  search(probe: Embedding, { far = false, reserved = false } = {}): Promise<Candidate[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ probe, far, reserved, resolve, reject })
      if (this.#searches < MOST_BATCHES) void this.#drain()
    })
  }

  /** Gives a row to `entryId`, who is on no list: only a search that asks for such finds it. */
  async reserve(entryId: string, vector: Embedding): Promise<void> {
    const row = this.#free.pop() ?? this.#owners.length
    this.#owners[row] = { entryId, list: '', templateId: '', far: false, reserved: true }
    this.#reserved++
    await this.#shards.put(row, vector)
  }

  /** Searches for somebody who is in here. Throws Unavailable `gallery.blind` where they are not found. */
  async check(): Promise<void> {
    const [known] = this.#known
    const [entryId = '', vector = new Float32Array(this.length).fill(this.length ** -0.5)] =
      known ?? []
    const [best] = await this.search(vector as Embedding)
    if (known === undefined || this.#known.get(entryId) !== vector) return
    if ((best?.score ?? 0) < ITSELF) {
      throw new Unavailable('gallery.blind', 'a template that is on the list was not found')
    }
  }

  #remember(templates: readonly Template[]): void {
    for (const { entryId, vector } of templates) {
      if (this.#known.size >= MOST_KNOWN) return
      if (!this.#known.has(entryId)) this.#known.set(entryId, vector.slice() as Embedding)
    }
  }

  /** Counts the entry no more; gives its rows, which still match. */
  #forget(entryId: string): number[] {
    this.#known.get(entryId)?.fill(0)
    this.#known.delete(entryId)
    const rows = this.#rowsOf.get(entryId) ?? []
    this.#rowsOf.delete(entryId)
    const ids = new Set(rows.map((row) => this.#owners[row]!.templateId))
    for (const id of ids) this.#fingerprint.toggle(id)
    this.#templates -= this.#templatesOf.get(entryId) ?? 0
    this.#templatesOf.delete(entryId)
    return rows
  }

  async #wipe(rows: readonly number[]): Promise<void> {
    for (const row of rows) this.#owners[row] = undefined
    await Promise.all(rows.map((row) => this.#shards.remove(row)))
    this.#free.push(...rows)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#shards[Symbol.asyncDispose]()
  }

  async #drain(): Promise<void> {
    this.#searches++
    await undefined // whatever else comes in this turn goes along
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MOST_PROBES)
      try {
        const probes = batch.map(({ probe }) => probe)
        const depth = Math.max(LEAST_DEPTH, this.#largest + OTHERS) + this.#reserved
        const began = performance.now()
        const found = await this.#shards.search(probes, depth, (row) => this.#owners[row])
        this.#onSearch((performance.now() - began) / 1000)
        for (const [i, { resolve, ...asked }] of batch.entries()) {
          resolve(firstOfEach(found[i]!, asked))
        }
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    this.#searches--
  }

  /** Gives rows to all that is searched for the templates of new entries. */
  #take(templates: readonly Template[]): { row: number; vector: Embedding }[] {
    for (const { id, entryId } of templates) {
      this.#fingerprint.toggle(id)
      this.#templatesOf.set(entryId, (this.#templatesOf.get(entryId) ?? 0) + 1)
    }
    this.#templates += templates.length
    return rowsOf(templates).map(({ id, entryId, list, expiresAt, vector, far }) => {
      const row = this.#free.pop() ?? this.#owners.length
      this.#owners[row] = { entryId, list, templateId: id, expiresAt, far }
      const rows = this.#rowsOf.get(entryId)
      if (rows === undefined) this.#rowsOf.set(entryId, [row])
      else this.#largest = Math.max(this.#largest, rows.push(row))
      return { row, vector }
    })
  }
}

/** The best template of each entry, faces seen from afar and reserved ones among them or not. */
function firstOfEach(
  found: readonly Named<Owner>[],
  asked: { far: boolean; reserved: boolean },
): Candidate[] {
  const seen = new Set<string>()
  return found.flatMap(({ far, reserved, ...candidate }) => {
    const { entryId } = candidate
    if ((far && !asked.far) || (reserved && !asked.reserved) || seen.has(entryId)) return []
    seen.add(entryId)
    return [candidate]
  })
}
