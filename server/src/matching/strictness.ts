import { Refusal } from '@vedette/shared/errors'
import type { Hand } from '../hand.ts'
import type { Entry, EntryStore } from '../store/entries.ts'

const MOST = 1e6

/** Entries of which false alerts must be rarer than of others, as operators asked. */
export class Strictness {
  readonly #entries: EntryStore
  readonly #of = new Map<string, number>()

  static async open(entries: EntryStore): Promise<Strictness> {
    const strictness = new Strictness(entries)
    await strictness.refresh()
    return strictness
  }

  /** Reads them again: entries have been merged, or split. */
  async refresh(): Promise<void> {
    const strict = await this.#entries.strict()
    this.#of.clear()
    for (const entry of strict) this.take(entry)
  }

  private constructor(entries: EntryStore) {
    this.#entries = entries
  }

  /** How many times rarer false alerts about entry `entryId` must be; 1 is as usual. */
  of(entryId: string): number {
    return this.#of.get(entryId) ?? 1
  }

  /** Throws Refusal `entry.not-found`, `entry.invalid`. */
  async set(entryId: string, factor: number, hand: Hand, at: number): Promise<Entry> {
    if (!(factor >= 1 && factor <= MOST)) {
      throw new Refusal('entry.invalid', `a factor lies between 1 and ${MOST}, not ${factor}`, {
        hint: '10 asks for false alerts ten times rarer than usual, 1 takes that back',
        params: { most: MOST, factor },
      })
    }
    await this.#entries.tighten(entryId, factor, hand, at)
    const entry = await this.#entries.get(entryId)
    this.take(entry)
    return entry
  }

  /** Knows of what is stored already. */
  take({ id, strictness }: Pick<Entry, 'id' | 'strictness'>): void {
    if (strictness === 1) this.#of.delete(id)
    else this.#of.set(id, strictness)
  }
}
