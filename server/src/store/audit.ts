import type { Act } from '../audit/act.ts'
import type { Head } from '../audit/head.ts'
import type { Cut } from '../audit/removals.ts'
import { BEGINNING, type Row, rowOf, subjectsOf } from '../audit/row.ts'
import type { Recorded } from '../audit/verify.ts'
import { type ActFilter, type ActRecord, findActs } from './audit-search.ts'
import { type Database, guarded } from './database.ts'

export type { About, Act, JsonObject } from '../audit/act.ts'

/** Rows read at a time. */
const SLICE = 250
/** Acts written in one transaction: more would keep everybody else waiting. */
const MOST_TOGETHER = 100

type Waiting = { act: Act; done: () => void; failed: (error: unknown) => void }

/**
 * Appends `act` to the record in the transaction that does it, so that it is recorded if and only if
 * it is done. Throws what SQLite throws.
 */
export async function appendAct(tx: Database, act: Act): Promise<void> {
  await appendActs(tx, [act])
}

/** Does `work` and records it: both or neither. Throws Unavailable and IntegrityFault `store.*`. */
export function recording<T>(
  db: Database,
  act: Act,
  work: (tx: Database) => Promise<T>,
): Promise<T> {
  return guarded(() =>
    db.transaction().execute(async (tx) => {
      const done = await work(tx)
      await appendAct(tx, act)
      return done
    }),
  )
}

/** The record of what was done: acts are appended, each chained to the one before. */
export class AuditStore {
  readonly #db: Database
  readonly #waiting: Waiting[] = []
  #writing = false

  constructor(db: Database) {
    this.#db = db
  }

  /**
   * Records what is done without a transaction of its own; what comes in a burst is written in one.
   * Resolves when it is on the disk. Throws Unavailable and IntegrityFault `store.*`.
   */
  note(act: Act): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ act, done, failed })
      if (!this.#writing) void this.#write()
    })
  }

  /** Number and hash of the last act; before the first, of the beginning. */
  last(): Promise<Pick<Row, 'seq' | 'hash'>> {
    return guarded(() => lastOf(this.#db))
  }

  async row(seq: number): Promise<Row | undefined> {
    return guarded(() =>
      this.#db.selectFrom('acts').selectAll().where('seq', '=', seq).executeTakeFirst(),
    )
  }

  /** The record from act `from` on, in slices short enough that nobody waits for one. */
  async *rows(from = 1): AsyncGenerator<Row[]> {
    for (let next = from; ; ) {
      const rows = await guarded(() =>
        this.#db
          .selectFrom('acts')
          .selectAll()
          .where('seq', '>=', next)
          .orderBy('seq')
          .limit(SLICE)
          .execute(),
      )
      const last = rows.at(-1)
      if (last === undefined) return
      yield rows
      next = last.seq + 1
      await new Promise(setImmediate)
    }
  }

  /** The same with all that is kept of each act. */
  async *recorded(from = 1): AsyncGenerator<Recorded[]> {
    for await (const rows of this.rows(from)) {
      const [first, last] = [rows[0]!.seq, rows.at(-1)!.seq]
      const bodies = await guarded(() =>
        this.#db
          .selectFrom('actBodies')
          .selectAll()
          .where((eb) => eb.between('seq', first, last))
          .execute(),
      )
      const subjects = await guarded(() =>
        this.#db
          .selectFrom('actSubjects')
          .selectAll()
          .where((eb) => eb.between('seq', first, last))
          .execute(),
      )
      yield joined(rows, bodies, subjects)
    }
  }

  /** Acts that `filter` lets through. */
  search(filter: ActFilter): Promise<ActRecord[]> {
    return findActs(this.#db, filter)
  }

  /** How far retention has deleted, by kind. */
  cuts(): Promise<Cut[]> {
    return guarded(() => this.#db.selectFrom('auditCuts').selectAll().execute())
  }

  /** What was signed of the record, oldest first. */
  heads(): Promise<Head[]> {
    return guarded(() =>
      this.#db.selectFrom('auditHeads').selectAll().orderBy('seq').orderBy('at').execute(),
    )
  }

  async addHead(head: Head): Promise<void> {
    await guarded(() => this.#db.insertInto('auditHeads').values(head).execute())
  }

  async #write(): Promise<void> {
    this.#writing = true
    // Whoever comes in this turn of the loop goes along.
    await new Promise(setImmediate)
    while (this.#waiting.length > 0) {
      const together = this.#waiting.splice(0, MOST_TOGETHER)
      const acts = together.map(({ act }) => act)
      try {
        await guarded(() => this.#db.transaction().execute((tx) => appendActs(tx, acts)))
        for (const { done } of together) done()
      } catch (error) {
        for (const { failed } of together) failed(error)
      }
      await new Promise(setImmediate)
    }
    this.#writing = false
  }
}

async function appendActs(tx: Database, acts: readonly Act[]): Promise<void> {
  let { seq, hash } = await lastOf(tx)
  for (const act of acts) {
    const { row, body } = rowOf(act, seq + 1, hash)
    await tx.insertInto('acts').values(row).execute()
    await tx.insertInto('actBodies').values({ seq: row.seq, body }).execute()
    const found = subjectsOf({ by: act.hand.by, about: act.about })
    const subjects = found.map(([subject, id]) => ({ subject, id, seq: row.seq }))
    await tx.insertInto('actSubjects').values(subjects).execute()
    ;({ seq, hash } = row)
  }
}

async function lastOf(db: Database): Promise<Pick<Row, 'seq' | 'hash'>> {
  const last = await db
    .selectFrom('acts')
    .select(['seq', 'hash'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  return last ?? { seq: 0, hash: BEGINNING }
}

/** Bodies and what acts are found by, put to their acts. */
function joined(
  rows: readonly Row[],
  bodies: readonly { seq: number; body: string }[],
  subjects: readonly { seq: number; subject: string; id: string }[],
): Recorded[] {
  const bodyOf = new Map(bodies.map(({ seq, body }) => [seq, body]))
  const subjectsOf = new Map<number, [string, string][]>()
  for (const { seq, subject, id } of subjects) {
    const same = subjectsOf.get(seq)
    if (same === undefined) subjectsOf.set(seq, [[subject, id]])
    else same.push([subject, id])
  }
  return rows.map((row) => ({
    ...row,
    body: bodyOf.get(row.seq) ?? null,
    subjects: subjectsOf.get(row.seq) ?? [],
  }))
}
