import { type Database, guarded } from './database.ts'

/** So many in any stretch of time so long, milliseconds; of one operator, or of everybody. */
export type Limit = { most: number; within: number; of: 'operator' | 'everybody' }

/** Enrolments that were asked for, each with its time: windows slide, and are exact. */
export class ThrottleStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /**
   * Counts one more enrolment by `operator` at `now`, or gives the milliseconds until `limits` allow
   * it. Seen and counted in one transaction; what no limit looks at any more is forgotten.
   */
  async take(operator: string, now: number, limits: readonly Limit[]): Promise<number> {
    return guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        let wait = 0
        for (const limit of limits) wait = Math.max(wait, await waitFor(tx, operator, now, limit))
        if (wait > 0) return wait
        await tx.insertInto('enrolmentTakes').values({ at: now, operator }).execute()
        const longest = Math.max(...limits.map(({ within }) => within))
        await tx
          .deleteFrom('enrolmentTakes')
          .where('at', '<=', now - longest)
          .execute()
        return 0
      }),
    )
  }
}

/** Until the one that is `most` back from the last is out of the window. */
async function waitFor(
  tx: Database,
  operator: string,
  now: number,
  { most, within, of }: Limit,
): Promise<number> {
  const row = await tx
    .selectFrom('enrolmentTakes')
    .select('at')
    .where('at', '>', now - within)
    .$if(of === 'operator', (query) => query.where('operator', '=', operator))
    .orderBy('at', 'desc')
    .orderBy('seq', 'desc')
    .offset(most - 1)
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? 0 : row.at + within - now
}
