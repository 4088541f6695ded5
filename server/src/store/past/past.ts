import { codeOf } from '@vedette/shared/errors'
import { guarded, type OpenFile, openFile } from '../database.ts'
import type { EntryKey, Vault } from '../vault.ts'
import { PeriodStore } from './periods.ts'
import { PAST_MIGRATIONS, type PastSchema } from './schema.ts'
import { SightingStore } from './sightings.ts'

/** Beside wanted.db. */
export const PAST_FILE = 'past.db'

export type PastStoreOptions = {
  file: string
  vault: Vault
  /** Throws Unavailable `store.*` where what is seen is not to take up room now. */
  ask: () => void
}

/**
 * The one door to past.db: what is kept for hours only. It is a file of its own so that no backup of
 * the wanted holds it, and no write of it waits for theirs.
 */
export class PastStore {
  readonly sightings: SightingStore
  readonly periods: PeriodStore
  readonly #db: OpenFile<PastSchema>
  readonly #vault: Vault

  /**
   * Throws as openFile does. What is sealed by a key that cannot be had any more is lost and removed:
   * better no past than no server.
   */
  static async open({ file, vault, ask }: PastStoreOptions): Promise<PastStore> {
    const db = openFile<PastSchema>(file, PAST_MIGRATIONS)
    try {
      const made = new PastStore(db, await keyOf(db, vault), vault, ask)
      await made.rewrap()
      return made
    } catch (error) {
      db.close()
      throw error
    }
  }

  private constructor(
    db: OpenFile<PastSchema>,
    key: EntryKey,
    vault: Vault,
    ask: PastStoreOptions['ask'],
  ) {
    this.#db = db
    this.#vault = vault
    this.sightings = new SightingStore(db.queries, key, ask)
    this.periods = new PeriodStore(db.queries)
  }

  /**
   * Wraps its key by the vault's newest one; resolves when that is on the disk, and no older one is
   * needed for anything in here. Throws IntegrityFault `vault.*`.
   */
  async rewrap(): Promise<void> {
    const { queries } = this.#db
    const { wrappedKey } = await guarded(() =>
      queries.selectFrom('about').select('wrappedKey').executeTakeFirstOrThrow(),
    )
    const rewrapped = this.#vault.rewrap(NAME, wrappedKey)
    if (rewrapped === undefined) return
    await guarded(() => queries.updateTable('about').set({ wrappedKey: rewrapped }).execute())
    await this.sightings.wipe()
  }

  /** Until when what was seen had to be dropped before its time; undefined where nothing was. */
  async droppedUntil(): Promise<number | undefined> {
    const { queries } = this.#db
    const row = await guarded(() =>
      queries.selectFrom('about').select('droppedUntil').executeTakeFirstOrThrow(),
    )
    return row.droppedUntil ?? undefined
  }

  async dropped(until: number): Promise<void> {
    const { queries } = this.#db
    await guarded(() => queries.updateTable('about').set({ droppedUntil: until }).execute())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#db.close()
  }
}

const NAME = 'past'
/** Nobody can open it any more. */
const LOST = ['vault.changed', 'vault.key-lost']

async function keyOf({ queries }: OpenFile<PastSchema>, vault: Vault): Promise<EntryKey> {
  const known = await guarded(() =>
    queries.selectFrom('about').select('wrappedKey').executeTakeFirst(),
  )
  if (known !== undefined) {
    try {
      return vault.unwrap(NAME, known.wrappedKey)
    } catch (error) {
      if (!LOST.includes(codeOf(error))) throw error
    }
  }
  const { key, wrapped } = vault.newKey(NAME)
  await guarded(() =>
    queries.transaction().execute(async (tx) => {
      await tx.deleteFrom('slots').execute()
      await tx.deleteFrom('about').execute()
      await tx
        .insertInto('about')
        .values({ id: 1, wrappedKey: wrapped, beatAt: 0, droppedUntil: null })
        .execute()
    }),
  )
  return key
}
