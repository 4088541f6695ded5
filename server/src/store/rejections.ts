import { decodeEmbedding, type Embedding, encodeEmbedding } from '@vedette/shared/embedding'
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
export type NegativeExample = { id: string; entryId: string; space: string; vector: Embedding }

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
    return { change, example: { id, entryId, space, vector: vectorOf(probe) } }
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

  /** A rejection made in another space, of which nothing is kept in `space` yet. */
  async elsewhere(
    space: string,
  ): Promise<{ id: string; entryId: string; alertId: string } | undefined> {
    return guarded(() =>
      this.#db
        .selectFrom('rejections')
        .select(['id', 'entryId', 'alertId'])
        .where('space', '!=', space)
        .where((eb) =>
          eb.not(
            eb.exists(
              eb
                .selectFrom('rejectionExamples')
                .select('rejectionId')
                .whereRef('rejectionId', '=', 'rejections.id')
                .where('rejectionExamples.space', '=', space),
            ),
          ),
        )
        .orderBy('id')
        .executeTakeFirst(),
    )
  }

  /** The picture by which an alert was rejected, JPEG. Throws Refusal `alert.not-found`. */
  chip(alertId: string): Promise<Buffer> {
    return this.#alerts.chip(alertId)
  }

  /** Keeps what the face of rejection `id` looks like in `space`, too; undefined where nobody can tell. */
  async carry(
    { id, entryId }: { id: string; entryId: string },
    space: string,
    vector: Embedding | undefined,
  ): Promise<void> {
    const key = await this.#entries.key(entryId)
    const sealed = vector && key.seal(carriedPlace(id, space), encodeEmbedding(vector))
    const row = { rejectionId: id, space, vector: sealed ?? null }
    await guarded(() => this.#db.insertInto('rejectionExamples').values(row).execute())
  }

  /** Every negative example, opened. */
  async examples(): Promise<NegativeExample[]> {
    return [...(await this.#original()), ...(await this.#carried())]
  }

  async #carried(): Promise<NegativeExample[]> {
    const rows = await guarded(() =>
      this.#db
        .selectFrom('rejectionExamples')
        .innerJoin('rejections', 'rejections.id', 'rejectionExamples.rejectionId')
        .select(['rejections.id', 'rejections.entryId'])
        .select(['rejectionExamples.space', 'rejectionExamples.vector'])
        .execute(),
    )
    const opened = rows.map(async ({ id, entryId, space, vector }) => {
      if (vector === null) return []
      const key = await this.#entries.key(entryId)
      return [{ id, entryId, space, vector: vectorOf(key.open(carriedPlace(id, space), vector)) }]
    })
    return (await Promise.all(opened)).flat()
  }

  async #original(): Promise<NegativeExample[]> {
    const rows = await guarded(() => this.#db.selectFrom('rejections').selectAll().execute())
    return Promise.all(
      rows.map(async ({ id, entryId, space, vector }) => {
        const key = await this.#entries.key(entryId)
        return { id, entryId, space, vector: vectorOf(key.open(vectorPlace(id), vector)) }
      }),
    )
  }
}

function vectorOf(bytes: Buffer): Embedding {
  return decodeEmbedding(bytes, bytes.length / Float32Array.BYTES_PER_ELEMENT)
}

const vectorPlace = (id: string) => ({ table: 'rejections', row: id, column: 'vector' })
const carriedPlace = (id: string, space: string) => ({
  table: 'rejectionExamples',
  row: `${id}/${space}`,
  column: 'vector',
})
