import { type Database, guarded } from './database.ts'

/** A row that is written now and then, to see whether the database still takes what it is given. */
export class PulseStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Resolves when `at`, epoch milliseconds, is on the disk. Throws Unavailable, IntegrityFault `store.*`. */
  async beat(at: number): Promise<void> {
    const row = { id: 1, at }
    await guarded(() =>
      this.#db
        .insertInto('pulse')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ at }))
        .execute(),
    )
  }

  /** When it last beat; undefined where it never did. */
  async last(): Promise<number | undefined> {
    const row = await guarded(() =>
      this.#db.selectFrom('pulse').select('at').where('id', '=', 1).executeTakeFirst(),
    )
    return row?.at
  }
}
