import { decodeEmbedding, type Embedding } from '@vedette/shared/embedding'
import { Refusal } from '@vedette/shared/errors'
import { v7 as newId } from 'uuid'
import type { AlertChange } from './alert-rows.ts'
import type { AlertStore } from './alerts.ts'
import { type Database, guarded } from './database.ts'
import type { EntryStore } from './entries.ts'

/** An operator's "not him": somebody else, who was taken for entry `entryId`. */
export type Rejection = {
  id: string
  entryId: string
  alertId: string
  at: number
  by: string
  space: string
}

/** What that somebody looks like. */
export type NegativeExample = { id: string; entryId: string; vector: Embedding }

/** Negative examples, each sealed with its entry's key and gone with the entry. */
export class RejectionStore {
  readonly #db: Database
  readonly #entries: EntryStore
  readonly #alerts: AlertStore

  constructor(db: Database, entries: EntryStore, alerts: AlertStore) {
    this.#db = db
    this.#entries = entries
    this.#alerts = alerts
  }

  /** Rejects an alert, keeping its probe. Throws Refusal `alert.not-found`, `alert.wrong-state`. */
  async reject(
    alertId: string,
    by: string,
    at: number,
    note: string | null,
  ): Promise<{ change: AlertChange; example: NegativeExample }> {
    const { entryId, space } = await this.#alerts.get(alertId)
    const probe = await this.#alerts.probe(alertId)
    const id = newId()
    const change = await this.#alerts.decide(alertId, 'rejected', { by, at }, async (tx) => {
      const key = await this.#entries.key(entryId, tx)
      const vector = key.seal(vectorPlace(id), probe)
      await tx
        .insertInto('rejections')
        .values({ id, entryId, alertId, at, by, space, vector })
        .execute()
      if (note !== null) {
        await tx.updateTable('alerts').set({ note }).where('id', '=', alertId).execute()
      }
    })
    return { change, example: { id, entryId, vector: vectorOf(probe) } }
  }

  /** Takes a rejection back. Throws Refusal `rejection.not-found`. */
  async undo(id: string, by: string, at: number): Promise<AlertChange> {
    const row = await guarded(() =>
      this.#db.selectFrom('rejections').select('alertId').where('id', '=', id).executeTakeFirst(),
    )
    if (row === undefined) {
      throw new Refusal('rejection.not-found', `no rejection ${id}`, {
        hint: 'see: vedette rejections list',
      })
    }
    return this.#alerts.decide(row.alertId, 'restored', { by, at }, async (tx) => {
      await tx.deleteFrom('rejections').where('id', '=', id).execute()
    })
  }

  /** Newest first; of one entry, or all. */
  async list(entryId?: string): Promise<Rejection[]> {
    return guarded(() =>
      this.#db
        .selectFrom('rejections')
        .select(['id', 'entryId', 'alertId', 'at', 'by', 'space'])
        .$if(entryId !== undefined, (query) => query.where('entryId', '=', entryId!))
        .orderBy('id', 'desc')
        .execute(),
    )
  }

  /** Every negative example of `space`, opened. */
  async examples(space: string): Promise<NegativeExample[]> {
    const rows = await guarded(() =>
      this.#db
        .selectFrom('rejections')
        .select(['id', 'entryId', 'vector'])
        .where('space', '=', space)
        .execute(),
    )
    return Promise.all(
      rows.map(async ({ id, entryId, vector }) => {
        const key = await this.#entries.key(entryId)
        return { id, entryId, vector: vectorOf(key.open(vectorPlace(id), vector)) }
      }),
    )
  }
}

function vectorOf(bytes: Buffer): Embedding {
  return decodeEmbedding(bytes, bytes.length / Float32Array.BYTES_PER_ELEMENT)
}

const vectorPlace = (id: string) => ({ table: 'rejections', row: id, column: 'vector' })
