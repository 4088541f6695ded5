import { type Embedding, similarity } from '@vedette/shared/embedding'
import { Refusal } from '@vedette/shared/errors'
import type { NegativeExample, Rejection, RejectionStore } from '../store/rejections.ts'

/** People of whom an operator said "not him": whoever looks more like them is not taken for the entry. */
export class Rejections {
  readonly #store: RejectionStore
  readonly #of = new Map<string, NegativeExample[]>()

  /** Loads what was rejected. */
  static async open(store: RejectionStore): Promise<Rejections> {
    const rejections = new Rejections(store)
    await rejections.refresh()
    return rejections
  }

  /** Reads them again: entries have been merged, or split. */
  async refresh(): Promise<void> {
    const examples = await this.#store.examples()
    this.#of.clear()
    for (const example of examples) this.keep(example)
  }

  private constructor(store: RejectionStore) {
    this.#store = store
  }

  /**
   * True when `probe` of `space`, of that similarity to entry `entryId`, is at least as similar to
   * somebody whom an operator told apart from the entry in that space.
   */
  cover(space: string, entryId: string, probe: Embedding, score: number): boolean {
    const examples = this.#of.get(entryId)?.filter((example) => example.space === space) ?? []
    return examples.some(({ vector }) => similarity(vector, probe) >= score)
  }

  /** From here on whoever looks like `example` is told apart from its entry. */
  keep(example: NegativeExample): void {
    const known = this.#of.get(example.entryId)
    if (known === undefined) this.#of.set(example.entryId, [example])
    else known.push(example)
  }

  /** That alert was about its entry, or nobody knows: its example counts no more, in any space. */
  drop({ id, entryId }: { id: string; entryId: string }): void {
    const left = this.#of.get(entryId)?.filter(({ alertId }) => alertId !== id) ?? []
    this.#of.set(entryId, left)
  }

  /** The entry is gone: nobody is told apart from it, and what was kept of them is wiped. */
  forget(entryId: string): void {
    for (const { vector } of this.#of.get(entryId) ?? []) vector.fill(0)
    this.#of.delete(entryId)
  }

  /** The alert that rejection `id` is of. Throws Refusal `rejection.not-found`. */
  alertOf(id: string): Promise<string> {
    return this.#store.alertOf(id)
  }

  /**
   * Learns what one more face that was rejected in another space looks like in `space`, from the chip
   * that was judged; false when there is none left.
   */
  async carry(space: string, embed: (chip: Uint8Array) => Promise<Embedding>): Promise<boolean> {
    const rejection = await this.#store.elsewhere(space)
    if (rejection === undefined) return false
    const vector = await this.#store
      .chip(rejection.alertId)
      .then(embed)
      .catch((error) => {
        if (error instanceof Refusal) return undefined
        throw error
      })
    await this.#store.carry(rejection, space, vector)
    const { id, entryId, alertId } = rejection
    if (vector !== undefined) this.keep({ id, entryId, alertId, space, vector })
    return true
  }

  /** Newest first; of one entry, or all. */
  list(entryId?: string): Promise<Rejection[]> {
    return this.#store.list(entryId)
  }
}
