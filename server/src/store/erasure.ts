import { setTimeout as pause } from 'node:timers/promises'
import { codeOf } from '@vedette/shared/errors'
import { type RawBuilder, sql } from 'kysely'
import type { Hand } from '../hand.ts'
import { appendAct } from './audit.ts'
import { type Database, guarded, type OpenDatabase } from './database.ts'
import { entryNotFound } from './entry-rows.ts'
import { dropOldCopies } from './migrating.ts'

/** Between two tries to empty the write-ahead log, milliseconds. */
const TRY_AGAIN_MS = 50

/** Rows of an entry that go, by table: which they are. */
const GOING: Readonly<Record<string, (entryId: string) => RawBuilder<unknown>>> = {
  evidence: (id) => sql`alertId IN (SELECT id FROM alerts WHERE entryId = ${id})`,
  rejectionExamples: (id) => sql`rejectionId IN (SELECT id FROM rejections WHERE entryId = ${id})`,
  rejections: (id) => sql`entryId = ${id}`,
  spaceFailures: (id) => sql`photoId IN (SELECT id FROM photos WHERE entryId = ${id})`,
  templates: (id) => sql`entryId = ${id}`,
  photos: (id) => sql`entryId = ${id}`,
  nearMisses: (id) => sql`entryId = ${id}`,
  enrolmentKeys: (id) => sql`entryId = ${id}`,
  dossiers: (id) => sql`entryId = ${id}`,
  requests: (id) => sql`entryId = ${id}`,
  entries: (id) => sql`id = ${id}`,
}

/** Tables that keep ids and numbers of an entry that is gone, for the record of what was decided. */
const KEPT = ['alerts', 'alertEvents', 'erasures', 'notices'] as const

/** Every table that holds anything of an entry: the one list of them. */
export const OF_ENTRIES: readonly string[] = [...Object.keys(GOING), ...KEPT]

/** Rows deleted, and alerts that keep no more than numbers, by table. */
export type ErasedRows = Record<string, number>

export type Erasure = {
  entryId: string
  /** When the rows went. */
  at: number
  by: string
  /** Since when no byte is left in any file; null while some may be. */
  erasedAt: number | null
}

/** Deletes, in a transaction, all that there is of entry `id`. Throws Refusal `entry.not-found`. */
export async function eraseRows(tx: Database, id: string): Promise<ErasedRows> {
  const rows: ErasedRows = { alerts: await emptyAlerts(tx, id) }
  for (const [table, where] of Object.entries(GOING)) {
    const done = await sql`DELETE FROM ${sql.table(table)} WHERE ${where(id)}`.execute(tx)
    rows[table] = Number(done.numAffectedRows ?? 0n)
  }
  if (rows.entries === 0) throw entryNotFound(id)
  return rows
}

/** One by one: an alert that somebody tampered with cannot be kept, and must not keep the others. */
async function emptyAlerts(tx: Database, entryId: string): Promise<number> {
  const alerts = await tx.selectFrom('alerts').select('id').where('entryId', '=', entryId).execute()
  for (const { id } of alerts) {
    try {
      await tx
        .updateTable('alerts')
        .set({ chip: null, probe: null, note: null })
        .where('id', '=', id)
        .execute()
    } catch (error) {
      if (codeOf(error) !== 'vault.changed') throw error
      await tx.deleteFrom('alerts').where('id', '=', id).execute()
    }
    await tx.updateTable('alertEvents').set({ words: null }).where('alertId', '=', id).execute()
  }
  return alerts.length
}

/** Entries that are erased, and whether any byte of them may be left in the files of the database. */
export class ErasureStore {
  readonly #db: OpenDatabase
  readonly #file: string

  constructor(db: OpenDatabase, file: string) {
    this.#db = db
    this.#file = file
  }

  /** The list of an entry, also of one that was tampered with. Throws Refusal `entry.not-found`. */
  async listOf(entryId: string): Promise<string> {
    const query = this.#db.queries.selectFrom('entries').select('listId').where('id', '=', entryId)
    const row = await guarded(() => query.executeTakeFirst())
    if (row === undefined) throw entryNotFound(entryId)
    return row.listId
  }

  /** Deletes all rows of an entry, and records it. Throws Refusal `entry.not-found`. */
  erase(entryId: string, hand: Hand, at: number): Promise<ErasedRows> {
    return guarded(() =>
      this.#db.queries.transaction().execute(async (tx) => {
        const rows = await eraseRows(tx, entryId)
        const sum = Object.values(rows).reduce((all, count) => all + count, 0)
        const row = { entryId, at, by: hand.by, erasedAt: null, rows: sum }
        await tx
          .insertInto('erasures')
          .values(row)
          .onConflict((conflict) => conflict.column('entryId').doUpdateSet(row))
          .execute()
        const about = { entry: entryId }
        await appendAct(tx, { kind: 'entry.erased', hand, at, about, details: { rows } })
        return rows
      }),
    )
  }

  /** Those of which some byte may be left. */
  async unfinished(): Promise<Erasure[]> {
    const query = this.#db.queries.selectFrom('erasures').selectAll().where('erasedAt', 'is', null)
    return guarded(() => query.execute())
  }

  /** Entries of `ids` that are there. */
  async present(ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return []
    const query = this.#db.queries
      .selectFrom('entries')
      .select('id')
      .where('id', 'in', [...ids])
    return (await guarded(() => query.execute())).map(({ id }) => id)
  }

  /**
   * Empties the write-ahead log and drops copies from before migrations; false where somebody who
   * reads the database kept the log from being emptied all the time.
   */
  async wipe(within: number): Promise<boolean> {
    dropOldCopies(this.#file)
    const until = performance.now() + within
    for (;;) {
      const [result] = this.#checkpoint()
      if (result?.busy === 0) return true
      if (performance.now() >= until) return false
      await pause(TRY_AGAIN_MS)
    }
  }

  async finished(entryIds: readonly string[], erasedAt: number): Promise<void> {
    if (entryIds.length === 0) return
    await guarded(() =>
      this.#db.queries
        .updateTable('erasures')
        .set({ erasedAt })
        .where('entryId', 'in', [...entryIds])
        .where('erasedAt', 'is', null)
        .execute(),
    )
  }

  /** Busy, too, while a transaction of our own is open. */
  #checkpoint(): { busy: number }[] {
    const { writer } = this.#db
    if (writer.inTransaction) return [{ busy: 1 }]
    try {
      return writer.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
    } catch {
      return [{ busy: 1 }]
    }
  }
}
