import type { Kysely } from 'kysely'
import { guarded } from '../database.ts'
import type { OperatorSchema } from './schema.ts'

/**
 * Passwords that were tried, by account and device. A device is a certificate with all that renewed
 * it: whoever guesses with a stolen one keeps nobody else out, and does not start anew by renewing.
 */
export class AttemptStore {
  readonly #db: Kysely<OperatorSchema>

  constructor(db: Kysely<OperatorSchema>) {
    this.#db = db
  }

  /**
   * Counts one more attempt as failed, until it is known to be right; gives the milliseconds to wait
   * instead where it is too early for one. `pause` is what follows a number of failures.
   */
  async begin(
    operator: string,
    serial: string,
    now: number,
    pause: (failures: number) => number,
  ): Promise<number> {
    return guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        const device = await deviceOf(tx, serial)
        const found = await tx
          .selectFrom('attempts')
          .select(['failures', 'notBefore'])
          .where('operator', '=', operator)
          .where('device', '=', device)
          .executeTakeFirst()
        if (found !== undefined && found.notBefore > now) return found.notBefore - now
        const failures = (found?.failures ?? 0) + 1
        const tried = { failures, notBefore: now + pause(failures) }
        await tx
          .insertInto('attempts')
          .values({ operator, device, ...tried })
          .onConflict((conflict) => conflict.columns(['operator', 'device']).doUpdateSet(tried))
          .execute()
        return 0
      }),
    )
  }

  /** It was right. */
  async right(operator: string, serial: string): Promise<void> {
    const device = await guarded(() => deviceOf(this.#db, serial))
    await this.#forget(operator, device)
  }

  /** It could not be tried at all: it is not counted. */
  async undo(operator: string, serial: string): Promise<void> {
    const device = await guarded(() => deviceOf(this.#db, serial))
    await guarded(() =>
      this.#db
        .updateTable('attempts')
        .set((eb) => ({ failures: eb('failures', '-', 1), notBefore: 0 }))
        .where('operator', '=', operator)
        .where('device', '=', device)
        .execute(),
    )
  }

  /** The certificate `former` goes on as `serial`. */
  async renewed(former: string, serial: string): Promise<void> {
    const device = await guarded(() => deviceOf(this.#db, former))
    await guarded(() => this.#db.insertInto('devices').values({ serial, device }).execute())
  }

  async #forget(operator: string, device: string): Promise<void> {
    await guarded(() =>
      this.#db
        .deleteFrom('attempts')
        .where('operator', '=', operator)
        .where('device', '=', device)
        .execute(),
    )
  }
}

async function deviceOf(db: Kysely<OperatorSchema>, serial: string): Promise<string> {
  const row = await db
    .selectFrom('devices')
    .select('device')
    .where('serial', '=', serial)
    .executeTakeFirst()
  return row?.device ?? serial
}
