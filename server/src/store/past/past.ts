import { codeOf } from '@vedette/shared/errors'
import { guarded, type OpenFile, openFile } from '../database.ts'
import type { EntryKey, Vault } from '../vault.ts'
import { PeriodStore } from './periods.ts'
import { PAST_MIGRATIONS, type PastSchema } from './schema.ts'
import { SightingStore } from './sightings.ts'

/** Beside wanted.db. */
export const PAST_FILE = 'past.db'

/**
 * The one door to past.db: what is kept for hours only. It is a file of its own so that no backup of
 * the wanted holds it, and no write of it waits for theirs.
 */
export class PastStore {
  readonly sightings: SightingStore
  readonly periods: PeriodStore
  readonly #db: OpenFile<PastSchema>

  /**
   * Throws as openFile does. What is sealed by a key that cannot be had any more is lost and removed:
   * better no past than no server.
   */
  static async open({ file, vault }: { file: string; vault: Vault }): Promise<PastStore> {
    const db = openFile<PastSchema>(file, PAST_MIGRATIONS)
    try {
      return new PastStore(db, await keyOf(db, vault))
    } catch (error) {
      db.close()
      throw error
    }
  }

  private constructor(db: OpenFile<PastSchema>, key: EntryKey) {
    this.#db = db
    this.sightings = new SightingStore(db.queries, key)
    this.periods = new PeriodStore(db.queries)
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

async function keyOf({ queries }: OpenFile<PastSchema>, vault: Vault): Promise<EntryKey> {
  const known = await guarded(() =>
    queries.selectFrom('about').select('wrappedKey').executeTakeFirst(),
  )
  if (known !== undefined) {
    try {
      return vault.unwrap(NAME, known.wrappedKey)
    } catch (error) {
      if (codeOf(error) !== 'vault.changed') throw error
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
