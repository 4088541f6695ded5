import type { Kysely } from 'kysely'
import { guarded } from '../database.ts'
import type { OperatorSchema } from './schema.ts'

/** What an authenticator app of somebody holds too. */
export type StoredFactor = {
  /** Sealed, base64. */
  secret: string
  /** Since when it counts; null until the first code proved that it is in somebody's hands. */
  since: number | null
  /** Number of the last step whose code was used. */
  lastStep: number
}

export class SecondFactorStore {
  readonly #db: Kysely<OperatorSchema>

  constructor(db: Kysely<OperatorSchema>) {
    this.#db = db
  }

  find(operator: string): Promise<StoredFactor | undefined> {
    return guarded(() =>
      this.#db
        .selectFrom('secondFactors')
        .select(['secret', 'since', 'lastStep'])
        .where('operator', '=', operator)
        .executeTakeFirst(),
    )
  }

  /** Names of those whose second factor counts. */
  async holders(): Promise<string[]> {
    const rows = await guarded(() =>
      this.#db
        .selectFrom('secondFactors')
        .select('operator')
        .where('since', 'is not', null)
        .execute(),
    )
    return rows.map(({ operator }) => operator)
  }

  /** One that does not count yet, in the place of another that did not. */
  async propose(operator: string, secret: string): Promise<void> {
    const row = { secret, since: null, lastStep: 0 }
    await guarded(() =>
      this.#db
        .insertInto('secondFactors')
        .values({ operator, ...row })
        .onConflict((conflict) => conflict.column('operator').doUpdateSet(row))
        .execute(),
    )
  }

  /** True where nobody has used the code of `step`, or a later one; then it is used. */
  async use(operator: string, step: number): Promise<boolean> {
    const { numUpdatedRows } = await guarded(() =>
      this.#db
        .updateTable('secondFactors')
        .set({ lastStep: step })
        .where('operator', '=', operator)
        .where('lastStep', '<', step)
        .executeTakeFirst(),
    )
    return numUpdatedRows === 1n
  }

  /** From now on it counts; `codes` are the hashes of what helps whoever loses it. */
  async accept(operator: string, since: number, codes: readonly string[]): Promise<void> {
    await guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        await tx
          .updateTable('secondFactors')
          .set({ since })
          .where('operator', '=', operator)
          .execute()
        await tx.deleteFrom('recoveryCodes').where('operator', '=', operator).execute()
        await tx
          .insertInto('recoveryCodes')
          .values(codes.map((hash) => ({ operator, hash })))
          .execute()
      }),
    )
  }

  /** True where it was there; then it is no more. */
  async spend(operator: string, hash: string): Promise<boolean> {
    const { numDeletedRows } = await guarded(() =>
      this.#db
        .deleteFrom('recoveryCodes')
        .where('operator', '=', operator)
        .where('hash', '=', hash)
        .executeTakeFirst(),
    )
    return numDeletedRows === 1n
  }

  async codesLeft(operator: string): Promise<number> {
    const { n } = await guarded(() =>
      this.#db
        .selectFrom('recoveryCodes')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .where('operator', '=', operator)
        .executeTakeFirstOrThrow(),
    )
    return n
  }

  /** True where there was one that counted. */
  async remove(operator: string): Promise<boolean> {
    return guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        await tx.deleteFrom('recoveryCodes').where('operator', '=', operator).execute()
        const removed = await tx
          .deleteFrom('secondFactors')
          .where('operator', '=', operator)
          .returning('since')
          .executeTakeFirst()
        return removed !== undefined && removed.since !== null
      }),
    )
  }
}
