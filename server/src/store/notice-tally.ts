import type { Database } from './database.ts'
import type { NoticeRow, NoticeState } from './notice-rows.ts'

/** What is known of a channel's past. */
export type Tally = {
  waiting: number
  dead: number
  /** Since when the oldest waits. */
  waitingSince: number | null
  last: Pick<NoticeRow, 'state' | 'settledAt' | 'code' | 'said'> | null
  /** The last that arrived. */
  sentAt: number | null
  /** Why the first that waits was not told yet. */
  trouble: { code: string; said: string; attempts: number } | null
}

/** How many of one channel wait, or are dead. */
export type NoticeCount = { channelId: string; state: NoticeState; notices: number }

export async function tallyOf(db: Database, channelId: string): Promise<Tally> {
  const of = db.selectFrom('notices').where('channelId', '=', channelId)
  const counts = await of
    .select(['state', (eb) => eb.fn.countAll<number>().as('notices')])
    .select((eb) => eb.fn.min('since').as('since'))
    .where('state', 'in', ['waiting', 'dead'])
    .groupBy('state')
    .execute()
  const last = await of
    .select(['state', 'settledAt', 'code', 'said'])
    .where('settledAt', 'is not', null)
    .orderBy('settledAt', 'desc')
    .limit(1)
    .executeTakeFirst()
  const sent = await of
    .select((eb) => eb.fn.max('settledAt').as('at'))
    .where('state', '=', 'sent')
    .executeTakeFirst()
  const first = await of
    .select(['code', 'said', 'attempts'])
    .where('state', '=', 'waiting')
    .where('attempts', '>', 0)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst()
  const [waiting, dead] = ['waiting', 'dead'].map((one) =>
    counts.find(({ state }) => state === one),
  )
  return {
    waiting: waiting?.notices ?? 0,
    dead: dead?.notices ?? 0,
    waitingSince: waiting?.since ?? null,
    last: (last as Tally['last'] | undefined) ?? null,
    sentAt: sent?.at ?? null,
    trouble:
      first === undefined
        ? null
        : { code: first.code ?? '', said: first.said ?? '', attempts: first.attempts },
  }
}

export async function countsOf(db: Database): Promise<NoticeCount[]> {
  const rows = await db
    .selectFrom('notices')
    .select(['channelId', 'state', (eb) => eb.fn.countAll<number>().as('notices')])
    .where('state', 'in', ['waiting', 'dead'])
    .groupBy(['channelId', 'state'])
    .execute()
  return rows.map((row) => ({ ...row, state: row.state as NoticeState }))
}
