import type { Embedding } from '@vedette/shared/embedding'
import { MOST_PROBES } from '../gallery/product.ts'
import { Shards } from '../gallery/shards.ts'
import type { Kept } from '../store/past/sightings.ts'
import type { CameraId } from './policy.ts'

/** Rows asked for of each vector at first; more, where all of them reach what they must. */
const FIRST_DEPTH = 64
/** Nobody looks at more. */
const MOST_DEPTH = 4096

export type Reached = { kept: Kept; score: number }

/**
 * What was kept in one embedding space, searched exactly: the gallery's product turned around, one
 * person's templates against all walks.
 */
export class KeptIndex {
  readonly space: string
  readonly #shards: Shards
  readonly #at: (Kept | undefined)[] = []
  readonly #rowOf = new Map<string, number>()
  readonly #free: number[] = []
  readonly #places = new Map<string, CameraId>()

  constructor(space: string, length: number) {
    this.space = space
    this.#shards = new Shards({ length }, 1)
  }

  get size(): number {
    return this.#rowOf.size
  }

  /** Cameras that ever had one in here. */
  get places(): CameraId[] {
    return [...this.#places.values()]
  }

  /** From here on it is found. */
  async put(kept: Kept, probe: Embedding): Promise<void> {
    const row = this.#free.pop() ?? this.#at.length
    this.#at[row] = kept
    this.#rowOf.set(kept.id, row)
    const { agent, camera } = kept
    this.#places.set(`${agent}/${camera}`, { agent, camera })
    await this.#shards.put(row, probe)
  }

  /** Resolves when no byte of it is left. */
  async remove(id: string): Promise<void> {
    const row = this.#rowOf.get(id)
    if (row === undefined) return
    this.#rowOf.delete(id)
    this.#at[row] = undefined
    await this.#shards.remove(row)
    this.#free.push(row)
  }

  /**
   * Walks whose similarity to any of `vectors` is `least` or more, each with its highest, best first;
   * `enough`: there may be more.
   */
  async search(
    vectors: readonly Embedding[],
    least: number,
  ): Promise<{ found: Reached[]; enough: boolean }> {
    if (vectors.length === 0 || this.size === 0) return { found: [], enough: false }
    for (let depth = FIRST_DEPTH; ; depth *= 8) {
      const lists = await this.#nearest(vectors, depth)
      const enough = lists.some((list) => list.length === depth && list.at(-1)!.score >= least)
      if (enough && depth < MOST_DEPTH) continue
      const best = new Map<string, Reached>()
      for (const { kept, score } of lists.flat()) {
        if (score >= least && score > (best.get(kept.id)?.score ?? -1)) {
          best.set(kept.id, { kept, score })
        }
      }
      const found = [...best.values()].toSorted((p, q) => q.score - p.score)
      return { found, enough }
    }
  }

  async #nearest(vectors: readonly Embedding[], depth: number): Promise<Reached[][]> {
    const lists: Reached[][] = []
    for (let at = 0; at < vectors.length; at += MOST_PROBES) {
      const some = vectors.slice(at, at + MOST_PROBES)
      const found = await this.#shards.search(some, depth, (row) => {
        const kept = this.#at[row]
        return kept && { kept }
      })
      lists.push(...found)
    }
    return lists
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#shards[Symbol.asyncDispose]()
  }
}
