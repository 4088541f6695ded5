import type { Cut } from '../audit/removals.ts'
import { SERVER_HAND } from '../hand.ts'
import { appendAct } from './audit.ts'
import { type Database, guarded } from './database.ts'
import { tally } from './endings.ts'

/** What is deleted when its time has come, other than acts. */
export type Perishable = 'nearMisses' | 'joinAttempts' | 'troubles'

/** Rows deleted before anybody else has a turn. */
const BATCH = 500

/** Deletes what is due, and records in the same transaction how much it was. */
export class RetentionStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Deletes what is older than `before`; gives how many rows that were. */
  drop(what: Perishable, before: number, now: number): Promise<number> {
    return guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        const count = await deleteOld(tx, what, before)
        if (count > 0) await record(tx, now, { what, count, before })
        return count
      }),
    )
  }

  /**
   * Deletes alerts raised before `before` with pictures, probes and all that happened to them, where
   * somebody has resolved them, and all that were raised before `unresolved`: each of those is
   * recorded by its id. Gives how many.
   */
  dropAlerts(before: number, unresolved: number, now: number): Promise<number> {
    return this.#batches(async (tx) => {
      const due = await tx
        .selectFrom('alerts')
        .select(['id', 'state', 'entryId', 'listId'])
        .where((eb) =>
          eb.or([
            eb.and([eb('raisedAt', '<', before), eb('state', '=', 'resolved')]),
            eb('raisedAt', '<', unresolved),
          ]),
        )
        .orderBy('raisedAt')
        .limit(BATCH)
        .execute()
      if (due.length === 0) return 0
      const ids = due.map(({ id }) => id)
      for (const { id, entryId, listId, state } of due) {
        if (state === 'resolved') continue
        const about = { alert: id, entry: entryId, list: listId }
        await appendAct(tx, {
          kind: 'alert.dropped',
          ...{ hand: SERVER_HAND, at: now, about, details: { state } },
        })
      }
      await tally(tx, ids)
      for (const table of ['evidence', 'dossiers', 'rejections', 'alertEvents'] as const) {
        await tx.deleteFrom(table).where('alertId', 'in', ids).execute()
      }
      await tx.deleteFrom('alerts').where('id', 'in', ids).execute()
      await record(tx, now, { what: 'alerts', count: due.length, before })
      return due.length
    })
  }

  /**
   * Deletes the bodies of acts of `kind` older than `before`, and what they are found by; their hashes
   * stay. What is older than `since` was deleted before. Gives how many.
   */
  async dropBodies(
    kind: string,
    { since, before }: { since: number; before: number },
    now: number,
  ): Promise<number> {
    const dueIn = (db: Database) =>
      db
        .selectFrom('acts')
        .innerJoin('actBodies', 'actBodies.seq', 'acts.seq')
        .select('acts.seq')
        .where('acts.kind', '=', kind)
        .where('acts.at', '>=', since)
        .where('acts.at', '<', before)
        .orderBy('acts.at')
        .limit(BATCH)
        .execute()
    if ((await guarded(() => dueIn(this.#db))).length === 0) return 0
    return this.#batches(async (tx) => {
      const due = (await dueIn(tx)).sort((a, b) => a.seq - b.seq)
      const through = due.at(-1)?.seq
      if (through === undefined) return 0
      const seqs = due.map(({ seq }) => seq)
      await cut(tx, { kind, through })
      await tx.deleteFrom('actSubjects').where('seq', 'in', seqs).execute()
      await tx.deleteFrom('actBodies').where('seq', 'in', seqs).execute()
      await retained(tx, now, { kind, bodies: seqs.length })
      return seqs.length
    })
  }

  /**
   * Deletes acts whole, up to the last head before which all are older than `before` and without
   * bodies; that head stays, and vouches for what was there. Gives up to which act.
   */
  async dropPrefix(before: number, now: number): Promise<number> {
    const oldest = await guarded(() => firstOf(this.#db))
    if (oldest === undefined || oldest.at >= before) return 0
    return guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        const young = await tx
          .selectFrom('acts')
          .leftJoin('actBodies', 'actBodies.seq', 'acts.seq')
          .select('acts.seq')
          .where((eb) => eb.or([eb('acts.at', '>=', before), eb('actBodies.seq', 'is not', null)]))
          .orderBy('acts.seq')
          .limit(1)
          .executeTakeFirst()
        const first = await firstOf(tx)
        if (young === undefined || first === undefined) return 0
        const head = await tx
          .selectFrom('auditHeads')
          .select('seq')
          .where('seq', '<', young.seq)
          .where('seq', '>=', first.seq)
          .orderBy('seq')
          .executeTakeFirst()
        if (head === undefined) return 0
        const through = head.seq
        await cut(tx, { kind: '', through })
        for (let next = first.seq; next <= through; next += BATCH) {
          const to = Math.min(next + BATCH - 1, through)
          await tx.deleteFrom('acts').where('seq', '<=', to).execute()
        }
        await tx.deleteFrom('auditHeads').where('seq', '<', through).execute()
        await retained(tx, now, { acts: through - first.seq + 1 })
        return through
      }),
    )
  }

  /** Work in transactions of their own until one has found nothing to do. */
  async #batches(work: (tx: Database) => Promise<number>): Promise<number> {
    for (let total = 0; ; ) {
      const count = await guarded(() => this.#db.transaction().execute(work))
      if (count === 0) return total
      total += count
      await new Promise(setImmediate)
    }
  }
}

function firstOf(db: Database): Promise<{ seq: number; at: number } | undefined> {
  return db.selectFrom('acts').select(['seq', 'at']).orderBy('seq').limit(1).executeTakeFirst()
}

/** Deletes rows of one table; gives how many. */
async function deleteOld(tx: Database, what: Perishable, before: number): Promise<number> {
  const old = {
    nearMisses: () => tx.deleteFrom('nearMisses').where('lastAt', '<', before),
    joinAttempts: () => tx.deleteFrom('joinAttempts').where('at', '<', before),
    troubles: () => tx.deleteFrom('troubles').where('receivedAt', '<', before),
  }
  const { numDeletedRows } = await old[what]().executeTakeFirst()
  return Number(numDeletedRows)
}

function record(tx: Database, at: number, details: Record<string, string | number>): Promise<void> {
  return appendAct(tx, { kind: 'retention.applied', hand: SERVER_HAND, at, about: {}, details })
}

/** Lets go of what was recorded of `kind` up to an act; the triggers of the record ask. */
async function cut(tx: Database, { kind, through }: Cut): Promise<void> {
  await tx
    .insertInto('auditCuts')
    .values({ kind, through })
    .onConflict((conflict) => conflict.column('kind').doUpdateSet({ through }))
    .execute()
}

/** Records how far everything is cut by now: this act is what a missing body is held against. */
async function retained(
  tx: Database,
  at: number,
  more: { kind?: string; bodies?: number; acts?: number },
): Promise<void> {
  const cuts = await tx.selectFrom('auditCuts').selectAll().orderBy('kind').execute()
  const details = { ...more, cuts }
  await appendAct(tx, { kind: 'audit.retained', hand: SERVER_HAND, at, about: {}, details })
}
