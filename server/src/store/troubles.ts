import { Refusal } from '@vedette/shared/errors'
import type { TroubleKind } from '@vedette/shared/message'
import { type Database, guarded } from './database.ts'
import type { Vault } from './vault.ts'
import { cameraWithin, type Within } from './within.ts'

/** Something that was wrong with what a camera showed. Times are epoch milliseconds. */
export type TroubleRecord = {
  id: string
  agent: string
  camera: string
  kind: TroubleKind
  /** Since when it was so, and when the server heard of it. */
  since: number
  receivedAt: number
  /** Null while it stands. */
  endedAt: number | null
  /** There is a picture of when it was noticed, and of when it was over. */
  pictures: { begin: boolean; end: boolean }
}

/** Troubles kept of one camera. */
const MOST_EACH = 500

export type NewTrouble = Omit<TroubleRecord, 'endedAt' | 'pictures'> & {
  picture: Uint8Array | undefined
}
export type Moment = 'begin' | 'end'

/** What was wrong with cameras, pictures sealed as all pictures are. */
export class TroubleStore {
  readonly #db: Database
  readonly #vault: Vault

  constructor(db: Database, vault: Vault) {
    this.#db = db
    this.#vault = vault
  }

  /** Undefined where it is known already. */
  async begin({ picture, ...trouble }: NewTrouble): Promise<TroubleRecord | undefined> {
    const { key, wrapped } = this.#vault.newKey(trouble.id)
    const sealed = picture && key.seal(placeOf(trouble.id, 'begin'), picture)
    const isNew = await guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        const { numInsertedOrUpdatedRows } = await tx
          .insertInto('troubles')
          .values({ ...trouble, wrappedKey: wrapped, beginPicture: sealed ?? null })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst()
        if (numInsertedOrUpdatedRows) await dropBeyond(tx, trouble)
        return Boolean(numInsertedOrUpdatedRows)
      }),
    )
    if (!isNew) return undefined
    return { ...trouble, endedAt: null, pictures: { begin: picture !== undefined, end: false } }
  }

  /** Ends what stands of that kind since `at` or longer; gives what that was, as it is now. */
  async end(
    { agent, camera, kind }: Pick<TroubleRecord, 'agent' | 'camera' | 'kind'>,
    at: number,
    picture: Uint8Array | undefined,
  ): Promise<TroubleRecord[]> {
    return guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        const rows = await tx
          .selectFrom('troubles')
          .selectAll()
          .where('agent', '=', agent)
          .where('camera', '=', camera)
          .where('kind', '=', kind)
          .where('endedAt', 'is', null)
          .where('since', '<=', at)
          .execute()
        for (const { id, wrappedKey } of rows) {
          const key = this.#vault.unwrap(id, wrappedKey)
          const endPicture = picture === undefined ? null : key.seal(placeOf(id, 'end'), picture)
          await tx
            .updateTable('troubles')
            .set({ endedAt: at, endPicture })
            .where('id', '=', id)
            .execute()
        }
        const end = picture !== undefined
        return rows.map((row) => {
          const known = recordOf(row)
          return { ...known, endedAt: at, pictures: { ...known.pictures, end } }
        })
      }),
    )
  }

  /** Newest first; of one camera, of those that stand, or all. */
  async list(
    filter: {
      agent?: string
      camera?: string
      /** Of these cameras alone; null is all. */
      cameras?: Within['cameras']
      standing?: boolean
      limit?: number
    } = {},
  ): Promise<TroubleRecord[]> {
    let query = this.#db
      .selectFrom('troubles')
      .selectAll()
      .orderBy('receivedAt', 'desc')
      .orderBy('id', 'desc')
    if (filter.agent !== undefined) query = query.where('agent', '=', filter.agent)
    if (filter.camera !== undefined) query = query.where('camera', '=', filter.camera)
    if (filter.cameras) query = query.where(cameraWithin(filter.cameras))
    if (filter.standing === true) query = query.where('endedAt', 'is', null)
    if (filter.limit !== undefined) query = query.limit(filter.limit)
    return (await guarded(() => query.execute())).map(recordOf)
  }

  /** JPEG. Throws Refusal `trouble.not-found`. */
  async picture(id: string, moment: Moment): Promise<Buffer> {
    const row = await guarded(() =>
      this.#db.selectFrom('troubles').selectAll().where('id', '=', id).executeTakeFirst(),
    )
    const sealed = moment === 'begin' ? row?.beginPicture : row?.endPicture
    if (row !== undefined && sealed) {
      return this.#vault.unwrap(id, row.wrappedKey).open(placeOf(id, moment), sealed)
    }
    throw new Refusal('trouble.not-found', `no such picture of trouble ${id}`, {
      hint: 'see: vedette cameras troubles',
    })
  }

  /** Nothing is wrong any more with a camera that is forgotten. */
  async forget(agent: string, camera: string): Promise<void> {
    await guarded(() =>
      this.#db
        .deleteFrom('troubles')
        .where('agent', '=', agent)
        .where('camera', '=', camera)
        .execute(),
    )
  }

  /** Drops, pictures and all, what was over before `before`, and what was heard of before it. */
  async prune(before: number): Promise<void> {
    await guarded(() => this.#db.deleteFrom('troubles').where('receivedAt', '<', before).execute())
  }
}

/** A camera that reports without end must not fill the disk: its oldest go. */
async function dropBeyond(
  tx: Database,
  { agent, camera }: Pick<TroubleRecord, 'agent' | 'camera'>,
): Promise<void> {
  const beyond = tx
    .selectFrom('troubles')
    .select('id')
    .where('agent', '=', agent)
    .where('camera', '=', camera)
    .orderBy('receivedAt', 'desc')
    .orderBy('id', 'desc')
    .limit(1_000_000)
    .offset(MOST_EACH)
  await tx.deleteFrom('troubles').where('id', 'in', beyond).execute()
}

type Row = Omit<TroubleRecord, 'pictures' | 'kind'> & {
  kind: string
  beginPicture: Uint8Array | null
  endPicture: Uint8Array | null
}

function recordOf(row: Row): TroubleRecord {
  const { id, agent, camera, since, receivedAt, endedAt } = row
  const pictures = { begin: row.beginPicture !== null, end: row.endPicture !== null }
  const kind = row.kind as TroubleKind
  return { id, agent, camera, kind, since, receivedAt, endedAt, pictures }
}

function placeOf(id: string, moment: Moment) {
  return { table: 'troubles', row: id, column: `${moment}Picture` }
}
