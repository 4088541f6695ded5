import type { Clock } from '@vedette/shared/clock'
import type { Lists } from '../lists/lists.ts'
import type { Caller } from '../operators/caller.ts'
import type { AlertChange, AlertStore } from '../store/alerts.ts'
import type { EntryStore } from '../store/entries.ts'
import { aboutWhom, dressed, type NamedChange, type Whom } from './named.ts'

/** For how long whoever asks for the same is given the same, milliseconds. */
const SHARED_MS = 100

/** A change, for whoever follows them. */
export type Told = {
  change: AlertChange
  /** As JSON, with the names that `caller` sees. */
  textFor(caller: Pick<Caller, 'sees'>): Promise<string>
}

export type FeedParts = {
  alerts: Pick<AlertStore, 'changesSince'>
  entries: Pick<EntryStore, 'get'>
  lists: Pick<Lists, 'find'>
  clock: Clock
}

/**
 * Changes of alerts for many who follow them: read, looked up and written out once for all who are as
 * far and see the same.
 */
export class ChangeFeed {
  readonly #parts: FeedParts
  readonly #reads = new Map<number, Promise<Told[]>>()

  constructor(parts: FeedParts) {
    this.#parts = parts
  }

  /** Some of the changes behind `seq`, oldest first; none where there are no more. */
  since(seq: number): Promise<readonly Told[]> {
    const known = this.#reads.get(seq)
    if (known !== undefined) return known
    const read = this.#read(seq)
    this.#reads.set(seq, read)
    const forget = () => {
      if (this.#reads.get(seq) === read) this.#reads.delete(seq)
    }
    // An entry may be called something else by then, or be gone.
    this.#parts.clock.after(SHARED_MS, forget)
    read.catch(forget)
    return read
  }

  /** Something has changed: what was read before is not all any more. */
  stale(): void {
    this.#reads.clear()
  }

  async #read(seq: number): Promise<Told[]> {
    const { alerts, entries, lists } = this.#parts
    const changes = await alerts.changesSince(seq)
    return changes.map((change) => {
      let whom: Promise<Whom> | undefined
      const texts = new Map<string, string>()
      return {
        change,
        textFor: async (caller) => {
          whom ??= aboutWhom(entries, change.alert)
          const { entry, rival } = await whom
          const sees = [entry, rival].map((one) => one !== undefined && caller.sees(one.list))
          const key = sees.join()
          const text = texts.get(key)
          if (text !== undefined) return text
          const alert = dressed(change.alert, { entry, rival }, lists, caller)
          const written = JSON.stringify({ ...change, alert } satisfies NamedChange)
          texts.set(key, written)
          return written
        },
      }
    })
  }
}
