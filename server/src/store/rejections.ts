import { decodeEmbedding, type Embedding, encodeEmbedding } from '@vedette/shared/embedding'
import { Refusal } from '@vedette/shared/errors'
import { v7 as newId } from 'uuid'
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
export type NegativeExample = Pick<Rejection, 'id' | 'entryId' | 'alertId' | 'space'> & {
  vector: Embedding
}

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

  /**
   * Keeps what alert `alertId` rests on, which was of somebody else; `tx` holds its judgement.
   * Throws Refusal where its entry is gone, or it is older than that takes.
   */
  async add(tx: Database, alertId: string, by: string, at: number): Promise<NegativeExample> {
    const { entryId, space, probe } = await this.#alerts.probe(alertId, tx)
    const id = newId()
    const key = await this.#entries.key(entryId, tx)
    const vector = key.seal(vectorPlace(id), probe)
    await tx
      .insertInto('rejections')
      .values({ id, entryId, alertId, at, by, space, vector })
      .execute()
    return { id, entryId, alertId, space, vector: vectorOf(probe) }
  }

  /** That was a mistake. */
  async drop(tx: Database, alertId: string): Promise<void> {
    await tx.deleteFrom('rejections').where('alertId', '=', alertId).execute()
  }

  /** Throws Refusal `rejection.not-found`. */
  async alertOf(id: string): Promise<string> {
    const row = await guarded(() =>
      this.#db.selectFrom('rejections').select('alertId').where('id', '=', id).executeTakeFirst(),
    )
    if (row !== undefined) return row.alertId
    throw new Refusal('rejection.not-found', `no rejection ${id}`, {
      hint: 'see: vedette rejections list',
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
        .select(['rejections.id', 'rejections.entryId', 'rejections.alertId'])
        .select(['rejectionExamples.space', 'rejectionExamples.vector'])
        .execute(),
    )
    const opened = rows.map(async ({ vector, ...row }) => {
      if (vector === null) return []
      const key = await this.#entries.key(row.entryId)
      return [{ ...row, vector: vectorOf(key.open(carriedPlace(row.id, row.space), vector)) }]
    })
    return (await Promise.all(opened)).flat()
  }

  async #original(): Promise<NegativeExample[]> {
    const rows = await guarded(() =>
      this.#db
        .selectFrom('rejections')
        .select(['id', 'entryId', 'alertId', 'space', 'vector'])
        .execute(),
    )
    return Promise.all(
      rows.map(async ({ vector, ...row }) => {
        const key = await this.#entries.key(row.entryId)
        return { ...row, vector: vectorOf(key.open(vectorPlace(row.id), vector)) }
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
