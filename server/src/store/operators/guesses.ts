import type { ExpressionBuilder, Kysely, Transaction } from 'kysely'
import { guarded } from '../database.ts'
import type { OperatorSchema } from './schema.ts'

/** So many guesses in a time (ms) from one place, or from all. */
export type Pace = { bucket: string; within: number; most: number }

/** What may be guessed: one thing, and the paces that it counts in. */
export type Guessing = { bucket: string; paces: readonly Pace[] }

/** Whether a guess may be made now, or after so many ms, or until somebody lifts it not at all. */
export type Leave = { failures: number; wait: number; stopped: boolean }

/** After so many wrong ones, no more. `pause` is what follows a number of failures, ms. */
export type Patience = { most: number; pause: (failures: number) => number }

/** Of names that are nobody's so many are remembered, and each for so long, ms. */
const MOST_NOBODIES = 100_000
const NOBODY_MS = 30 * 86_400_000
const PACE_MS = 3_600_000
/** How often it is looked whether any is to be forgotten: every so many guesses. */
const SWEEP_EVERY = 500

/** What begins the bucket of a name that is nobody's: it is treated as any, and forgotten. */
export const NOBODY = 'nobody '

/** Wrong guesses, counted before they are judged: what is tried at once is counted too. */
export class GuessStore {
  readonly #db: Kysely<OperatorSchema>
  #begun = 0

  constructor(db: Kysely<OperatorSchema>) {
    this.#db = db
  }

  /** What `begin` would say; counts nothing. */
  peek(guessing: Guessing, now: number, patience: Patience): Promise<Leave> {
    return guarded(() => leaveOf(this.#db, guessing, now, patience))
  }

  /** Counts one more as wrong, until it is known to be right, where one may be made. */
  async begin(guessing: Guessing, now: number, patience: Patience): Promise<Leave> {
    if (this.#begun++ % SWEEP_EVERY === 0) await this.#sweep(now)
    return guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        const leave = await leaveOf(tx, guessing, now, patience)
        if (leave.stopped || leave.wait > 0) return leave
        const failures = leave.failures + 1
        const tried = { failures, notBefore: now + patience.pause(failures), lastAt: now }
        await tx
          .insertInto('guesses')
          .values({ bucket: guessing.bucket, ...tried })
          .onConflict((conflict) => conflict.column('bucket').doUpdateSet(tried))
          .execute()
        for (const pace of guessing.paces) await count(tx, pace, now)
        return leave
      }),
    )
  }

  /** It could not be judged at all: it is not counted. */
  async undo({ bucket, paces }: Guessing, at: number): Promise<void> {
    await guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        await tx
          .updateTable('guesses')
          .set((eb) => ({ failures: eb('failures', '-', 1), notBefore: 0 }))
          .where('bucket', '=', bucket)
          .execute()
        for (const pace of paces) await takeBack(tx, pace, at)
      }),
    )
  }

  /** Forgets what was guessed of `operator`, from any browser; gives how many guesses those were. */
  async forget(operator: string): Promise<number> {
    const rows = await guarded(() =>
      this.#db.deleteFrom('guesses').where(ofOperator(operator)).returning('failures').execute(),
    )
    return rows.reduce((sum, { failures }) => sum + failures, 0)
  }

  /** The most that `operator` was guessed wrong in a row, from any browser, and until when none may. */
  async failures(operator: string): Promise<{ failures: number; notBefore: number }> {
    const rows = await guarded(() =>
      this.#db
        .selectFrom('guesses')
        .select(['failures', 'notBefore'])
        .where(ofOperator(operator))
        .execute(),
    )
    const most = (values: number[]) => Math.max(0, ...values)
    return {
      failures: most(rows.map(({ failures }) => failures)),
      notBefore: most(rows.map(({ notBefore }) => notBefore)),
    }
  }

  /** Counts one more in `paces` where all of them allow it; else gives the ms to wait. */
  async keep(paces: readonly Pace[], now: number): Promise<number> {
    return guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        const wait = await waitOf(tx, paces, now)
        if (wait === 0) for (const pace of paces) await count(tx, pace, now)
        return wait
      }),
    )
  }

  async #sweep(now: number): Promise<void> {
    await guarded(async () => {
      await this.#db
        .deleteFrom('paces')
        .where('lastAt', '<', now - PACE_MS)
        .execute()
      const nobodies = this.#db
        .selectFrom('guesses')
        .select('bucket')
        .where('bucket', 'like', `${NOBODY}%`)
      await this.#db
        .deleteFrom('guesses')
        .where((eb) =>
          eb.or([
            eb('bucket', 'in', nobodies.orderBy('lastAt', 'desc').limit(-1).offset(MOST_NOBODIES)),
            eb('bucket', 'in', nobodies.where('lastAt', '<', now - NOBODY_MS)),
          ]),
        )
        .execute()
    })
  }
}

/** It was right: nothing was guessed. */
export async function guessedRight(
  tx: Transaction<OperatorSchema>,
  { bucket, paces }: Guessing,
  at: number,
): Promise<void> {
  await tx.deleteFrom('guesses').where('bucket', '=', bucket).execute()
  for (const pace of paces) await takeBack(tx, pace, at)
}

type Reader = Kysely<OperatorSchema> | Transaction<OperatorSchema>

async function leaveOf(
  db: Reader,
  { bucket, paces }: Guessing,
  now: number,
  { most }: Patience,
): Promise<Leave> {
  const row = await db
    .selectFrom('guesses')
    .select(['failures', 'notBefore'])
    .where('bucket', '=', bucket)
    .executeTakeFirst()
  const { failures = 0, notBefore = 0 } = row ?? {}
  const wait = Math.max(0, notBefore - now, await waitOf(db, paces, now))
  return { failures, wait, stopped: failures >= most }
}

async function waitOf(db: Reader, paces: readonly Pace[], now: number): Promise<number> {
  let wait = 0
  for (const pace of paces) {
    const times = await timesOf(db, pace, now)
    const first = times[times.length - pace.most]
    if (first !== undefined) wait = Math.max(wait, first + pace.within - now)
  }
  return wait
}

async function count(tx: Transaction<OperatorSchema>, pace: Pace, now: number): Promise<void> {
  const times = JSON.stringify([...(await timesOf(tx, pace, now)), now])
  await tx
    .insertInto('paces')
    .values({ bucket: pace.bucket, times, lastAt: now })
    .onConflict((conflict) => conflict.column('bucket').doUpdateSet({ times, lastAt: now }))
    .execute()
}

/** Buckets of an account: names have no spaces and no wildcards in them. */
function ofOperator(operator: string) {
  return (eb: ExpressionBuilder<OperatorSchema, 'guesses'>) =>
    eb.or([eb('bucket', '=', `account ${operator}`), eb('bucket', 'like', `device ${operator} %`)])
}

async function timesOf(db: Reader, pace: Pace, now: number): Promise<number[]> {
  const row = await db
    .selectFrom('paces')
    .select('times')
    .where('bucket', '=', pace.bucket)
    .executeTakeFirst()
  const times = row === undefined ? [] : (JSON.parse(row.times) as number[])
  return times.filter((at) => at > now - pace.within)
}

async function takeBack(tx: Transaction<OperatorSchema>, pace: Pace, at: number): Promise<void> {
  const times = await timesOf(tx, pace, at)
  const mine = times.lastIndexOf(at)
  if (mine === -1) return
  times.splice(mine, 1)
  await tx
    .updateTable('paces')
    .set({ times: JSON.stringify(times) })
    .where('bucket', '=', pace.bucket)
    .execute()
}
