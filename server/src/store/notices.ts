import { v7 as newId } from 'uuid'
import type { Delivered } from '../channels/notice.ts'
import { appendAct } from './audit.ts'
import { channelNotFound } from './channels.ts'
import { type Database, guarded } from './database.ts'
import type { Doing } from './lists.ts'
import type { NewNotice, NoticeFilter, NoticeRow, NoticeState, Settled } from './notice-rows.ts'
import { countsOf, type NoticeCount, type Tally, tallyOf } from './notice-tally.ts'

/** Rows read at a time for one channel. */
const SLICE = 500

/** What channels are to be told: a row for each, until it was told or never will be. */
export class NoticeStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Up to which change of an alert is planned; undefined where nobody was ever to be told. */
  async planned(): Promise<number | undefined> {
    const row = await guarded(() =>
      this.#db.selectFrom('noticesPlanned').select('seq').executeTakeFirst(),
    )
    return row?.seq
  }

  /** Which of these alerts these channels were told of, as `CHANNEL/ALERT`. */
  async told(alerts: readonly string[]): Promise<Set<string>> {
    if (alerts.length === 0) return new Set()
    const rows = await guarded(() =>
      this.#db
        .selectFrom('notices')
        .select(['channelId', 'alertId'])
        .distinct()
        .where('alertId', 'in', alerts)
        .execute(),
    )
    return new Set(rows.map(({ channelId, alertId }) => `${channelId}/${alertId}`))
  }

  /** All of it, and that it is planned up to change `seq`: in one transaction. */
  async plan(notices: readonly NewNotice[], seq: number | undefined): Promise<void> {
    await guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        await insert(tx, notices)
        if (seq === undefined) return
        await tx
          .insertInto('noticesPlanned')
          .values({ id: 1, seq })
          .onConflict((conflict) => conflict.column('id').doUpdateSet({ seq }))
          .execute()
      }),
    )
  }

  /** What was told last of every camera of which anything was. */
  async camerasTold(): Promise<Map<string, string>> {
    const rows = await guarded(() => this.#db.selectFrom('camerasTold').selectAll().execute())
    return new Map(rows.map(({ camera, state }) => [camera, state]))
  }

  /** The same as `plan`, of a camera whose state is now `state`. */
  async planCamera(
    notices: readonly NewNotice[],
    { camera, state }: { camera: string; state: string },
  ): Promise<void> {
    await guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        await insert(tx, notices)
        await tx
          .insertInto('camerasTold')
          .values({ camera, state })
          .onConflict((conflict) => conflict.column('camera').doUpdateSet({ state }))
          .execute()
      }),
    )
  }

  /** One that was told, or could not be told, past all that waits. */
  async addSettled(
    notice: NewNotice,
    { id, result }: { id: string; result: Delivered },
    at: number,
  ): Promise<void> {
    const { done, said } = result
    const state = (done === 'sent' ? 'sent' : 'stale') satisfies NoticeState
    const code = done === 'sent' ? null : result.code
    await guarded(() =>
      this.#db
        .insertInto('notices')
        .values({ ...notice, id, state, settledAt: at, code, said, attempts: 1 })
        .execute(),
    )
  }

  /** What a channel is still to be told, in the order in which it happened. */
  async waiting(channelId: string): Promise<NoticeRow[]> {
    const rows = await guarded(() =>
      this.#db
        .selectFrom('notices')
        .selectAll()
        .where('channelId', '=', channelId)
        .where('state', '=', 'waiting')
        .orderBy('seq')
        .limit(SLICE)
        .execute(),
    )
    return rows as NoticeRow[]
  }

  async settle(seqs: readonly number[], { state, at, code, said }: Settled): Promise<void> {
    await guarded(() =>
      this.#db
        .updateTable('notices')
        .set((eb) => ({ state, settledAt: at, code, said, attempts: eb('attempts', '+', 1) }))
        .where('seq', 'in', seqs)
        .where('state', '=', 'waiting')
        .execute(),
    )
  }

  /** They are tried again, not before then. */
  async putOff(
    seqs: readonly number[],
    { notBefore, code, said }: { notBefore: number; code: string; said: string },
  ): Promise<void> {
    await guarded(() =>
      this.#db
        .updateTable('notices')
        .set((eb) => ({ notBefore, code, said, attempts: eb('attempts', '+', 1) }))
        .where('seq', 'in', seqs)
        .where('state', '=', 'waiting')
        .execute(),
    )
  }

  /** Newest first. */
  async list({ channel, state, before, limit }: NoticeFilter): Promise<NoticeRow[]> {
    let query = this.#db.selectFrom('notices').selectAll().orderBy('seq', 'desc').limit(limit)
    if (channel !== undefined) query = query.where('channelId', '=', channel)
    if (state !== undefined) query = query.where('state', '=', state)
    if (before !== undefined) query = query.where('seq', '<', before)
    return (await guarded(() => query.execute())) as NoticeRow[]
  }

  /** The dead of a channel, all or those named, wait again; gives how many. Throws Refusal. */
  async revive(channel: string, ids: readonly string[] | undefined, doing: Doing): Promise<number> {
    return guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        const known = await tx
          .selectFrom('channels')
          .select('id')
          .where('id', '=', channel)
          .executeTakeFirst()
        if (known === undefined) throw channelNotFound(channel)
        let query = tx
          .updateTable('notices')
          .set({
            ...{ state: 'waiting', attempts: 0, notBefore: 0 },
            ...{ since: doing.at, settledAt: null, code: null, said: null },
          })
          .where('channelId', '=', channel)
          .where('state', '=', 'dead')
        if (ids !== undefined) query = query.where('id', 'in', ids)
        const revived = Number((await query.executeTakeFirst()).numUpdatedRows)
        const { hand, at } = doing
        const about = { channel }
        await appendAct(tx, {
          kind: 'channel.retried',
          ...{ hand, at, about, details: { notices: revived } },
        })
        return revived
      }),
    )
  }

  tally(channelId: string): Promise<Tally> {
    return guarded(() => tallyOf(this.#db, channelId))
  }

  /** How many wait and are dead, by channel. */
  counts(): Promise<NoticeCount[]> {
    return guarded(() => countsOf(this.#db))
  }

  /** Alerts of which a channel said that they are there, and which nobody has acted upon. */
  async unanswered(channelId: string): Promise<NoticeRow[]> {
    const rows = await guarded(() =>
      this.#db
        .selectFrom('notices')
        .innerJoin('alerts', 'alerts.id', 'notices.alertId')
        .selectAll('notices')
        .where('channelId', '=', channelId)
        .where('notices.state', '=', 'sent')
        .where('notices.kind', 'in', ['new', 'escalated', 'reopened'])
        .where('alerts.state', '=', 'open')
        .where('alerts.certainty', '!=', 'withdrawn')
        .orderBy('notices.seq', 'desc')
        .limit(SLICE)
        .execute(),
    )
    return rows as NoticeRow[]
  }

  /** What was settled before then is forgotten. */
  async prune(before: number): Promise<void> {
    await guarded(() => this.#db.deleteFrom('notices').where('settledAt', '<', before).execute())
  }
}

async function insert(db: Database, notices: readonly NewNotice[]): Promise<NoticeRow[]> {
  if (notices.length === 0) return []
  const rows = await db
    .insertInto('notices')
    .values(
      notices.map((notice) => ({
        ...notice,
        id: newId(),
        state: 'waiting',
        ...{ settledAt: null, code: null, said: null },
      })),
    )
    // Planned before a crash, and again after it.
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .execute()
  return rows as NoticeRow[]
}
