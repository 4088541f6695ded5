import { sql } from 'kysely'
import { type Database, guarded } from './database.ts'

/** What one camera did in one hour: counts, of nobody in particular. */
export type Usage = {
  /** Start of the hour, epoch milliseconds. */
  hour: number
  agent: string
  camera: string
  /** Questions that were searched for. */
  searches: number
  /** Walks past the camera that were asked about. */
  walks: number
  /** For how long its agent was here. */
  watchedMs: number
}

/** The most live entries that a list had in one hour. */
export type ListSize = { hour: number; list: string; entries: number }

/** What cameras did and how long lists were, by the hour. */
export class UsageStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Adds what was counted since, and notes how long the lists are in the hour that `at` is in. */
  async add(counted: readonly Usage[], at: number): Promise<void> {
    if (counted.length === 0) return
    await guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        for (const { hour, agent, camera, searches, walks, watchedMs } of counted) {
          await tx
            .insertInto('usage')
            .values({ hour, agent, camera, searches, walks, watchedMs })
            .onConflict((conflict) =>
              conflict.columns(['hour', 'agent', 'camera']).doUpdateSet({
                searches: sql`searches + ${searches}`,
                walks: sql`walks + ${walks}`,
                watchedMs: sql`"watchedMs" + ${watchedMs}`,
              }),
            )
            .execute()
        }
        for (const { list, entries } of await sizesOf(tx)) {
          await tx
            .insertInto('listSizes')
            .values({ hour: hourOf(at), list, entries })
            .onConflict((conflict) =>
              conflict
                .columns(['hour', 'list'])
                .doUpdateSet({ entries: sql`max(entries, ${entries})` }),
            )
            .execute()
        }
      }),
    )
  }

  /** How long the lists are now. */
  async listsNow(): Promise<Map<string, number>> {
    const rows = await guarded(() => sizesOf(this.#db))
    return new Map(rows.map(({ list, entries }) => [list, entries]))
  }

  /** Of hours that begin from `from` up to `to`, epoch milliseconds. */
  async cameras(from: number, to: number): Promise<Usage[]> {
    return guarded(() => this.#db.selectFrom('usage').selectAll().where(within(from, to)).execute())
  }

  async lists(from: number, to: number): Promise<ListSize[]> {
    return guarded(() =>
      this.#db
        .selectFrom('listSizes')
        .selectAll()
        .where(within(from, to))
        .orderBy('hour')
        .execute(),
    )
  }
}

/** Start of the hour that `at` is in. */
export function hourOf(at: number): number {
  return Math.floor(at / 3_600_000) * 3_600_000
}

function within(from: number, to: number) {
  return sql<boolean>`hour >= ${hourOf(from)} AND hour < ${to}`
}

function sizesOf(db: Database): Promise<{ list: string; entries: number }[]> {
  return db
    .selectFrom('entries')
    .select(['listId as list', (eb) => eb.fn.countAll<number>().as('entries')])
    .where('state', '=', 'live')
    .groupBy('listId')
    .execute()
}
