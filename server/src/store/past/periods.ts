import { sql } from 'kysely'
import { v7 as newId } from 'uuid'
import { guarded } from '../database.ts'
import type { PastDatabase } from './sightings.ts'

/** A time in which one thing was to be said of a camera. Epoch milliseconds. */
export type Period = {
  agent: string
  camera: string
  /** Why of its verdict, see cameras/state.ts. */
  why: string
  /** Faces that matched nobody were kept. */
  kept: boolean
  begin: number
  end: number
}

/** Periods of one camera in which the same was to be said, taken together; milliseconds. */
export type PeriodSum = Pick<Period, 'agent' | 'camera' | 'why'> & {
  ms: number
  /** When the first began and the last ended. */
  first: number
  last: number
}

/** A period that may go on. */
export type OpenPeriod = Period & { id: string }

/** What each camera could have seen, and when. */
export class PeriodStore {
  readonly #db: PastDatabase

  constructor(db: PastDatabase) {
    this.#db = db
  }

  /** Ends `over` and begins `begun`, together. */
  async change(over: readonly OpenPeriod[], begun: readonly Period[]): Promise<OpenPeriod[]> {
    const rows = begun.map((period) => ({ ...period, id: newId() }))
    if (over.length + rows.length === 0) return rows
    await guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        for (const { id, end } of over) {
          await tx.updateTable('periods').set({ end, open: 0 }).where('id', '=', id).execute()
        }
        for (const row of rows) {
          await tx
            .insertInto('periods')
            .values({ ...row, kept: row.kept ? 1 : 0, open: 1 })
            .execute()
        }
      }),
    )
    return rows
  }

  /** All that are open last until `at` at least; it is written down that somebody was there to see. */
  async beat(at: number): Promise<void> {
    await guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        await tx.updateTable('periods').set({ end: at }).where('open', '=', 1).execute()
        await tx.updateTable('about').set({ beatAt: at }).execute()
      }),
    )
  }

  /** Nothing is open any more: who wrote it is gone, and its periods end with its last beat. */
  async endAll(): Promise<void> {
    await guarded(() =>
      this.#db.updateTable('periods').set({ open: 0 }).where('open', '=', 1).execute(),
    )
  }

  /** How long what was to be said of each camera from `since` to `until`. */
  async sums(since: number, until: number): Promise<PeriodSum[]> {
    const within = sql<number>`sum(min("end", ${until}) - max("begin", ${since}))`
    return guarded(() =>
      this.#db
        .selectFrom('periods')
        .select(['agent', 'camera', 'why', within.as('ms')])
        .select((eb) => [eb.fn.min('begin').as('first'), eb.fn.max('end').as('last')])
        .where('end', '>', since)
        .where('begin', '<', until)
        .groupBy(['agent', 'camera', 'why'])
        .execute(),
    )
  }

  /** All that touch the time from `since` to `until`, oldest first. */
  async between(since: number, until: number): Promise<Period[]> {
    const rows = await guarded(() =>
      this.#db
        .selectFrom('periods')
        .selectAll()
        .where('end', '>', since)
        .where('begin', '<', until)
        .orderBy('begin')
        .orderBy('id')
        .execute(),
    )
    return rows.map(({ agent, camera, why, kept, begin, end }) => {
      return { agent, camera, why, kept: kept !== 0, begin, end }
    })
  }

  /** Forgets what was over before `before`. */
  async prune(before: number): Promise<void> {
    await guarded(() =>
      this.#db.deleteFrom('periods').where('end', '<', before).where('open', '=', 0).execute(),
    )
  }
}
