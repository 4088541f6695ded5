import { appendAct } from './audit.ts'
import { type Database, guarded } from './database.ts'
import type { NumberedChange } from './operators/operators.ts'

/**
 * Takes what operators.db says was changed into the record. Two files cannot be written in one
 * transaction: a change is recorded there with itself, and here with the number of the last one
 * that was taken, so that each is in the record once, at the latest when the server starts again.
 */
export class OperatorRecord {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Number of the last change that is in the record, 0 before the first. */
  async noted(): Promise<number> {
    const row = await guarded(() =>
      this.#db.selectFrom('operatorsNoted').select('seq').where('id', '=', 1).executeTakeFirst(),
    )
    return row?.seq ?? 0
  }

  /** Records `changes`, which follow what is noted. */
  async append(changes: readonly NumberedChange[]): Promise<void> {
    const last = changes.at(-1)?.seq
    if (last === undefined) return
    await guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        for (const { kind, operator, hand, at, details } of changes) {
          await appendAct(tx, { kind, hand, at, about: { operator }, details })
        }
        await tx
          .insertInto('operatorsNoted')
          .values({ id: 1, seq: last })
          .onConflict((conflict) => conflict.column('id').doUpdateSet({ seq: last }))
          .execute()
      }),
    )
  }
}
