import { Refusal } from '@vedette/shared/errors'
import { type Selectable, sql } from 'kysely'
import { v7 as newId } from 'uuid'
import type { ActKind } from '../audit/kinds.ts'
import type { Hand } from '../hand.ts'
import { appendAct, type JsonObject } from './audit.ts'
import { type Database, guarded } from './database.ts'
import type { Schema } from './schema.ts'

/** Pending ones at a time, of everybody. */
export const MOST_PENDING = 100
/** Nobody approved it in this time: it is over, milliseconds. */
const PENDING_MS = 7 * 86_400_000

/** Leave to enrol many: so many photographs, until a time. Times are epoch milliseconds. */
export type Import = {
  id: string
  state: 'pending' | 'open' | 'spent' | 'expired' | 'closed'
  openedBy: string
  openedAt: number
  reason: string
  photos: number
  /** Photographs that were drawn. */
  used: number
  /** How long it is open once it is approved, milliseconds. */
  life: number
  /** Null too where no second person was needed. */
  approvedBy: string | null
  approvedAt: number | null
  /** When it ends. */
  until: number | null
  closedBy: string | null
  closedAt: number | null
}

export type NewImport = Pick<Import, 'photos' | 'life'> & { hand: Hand; reason: string }

/** Imports that were asked for, and how much of each is left. */
export class ImportStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** `approved`: no second person is needed. Throws Refusal `import.too-many`. */
  async open({ hand, reason, ...wish }: NewImport, at: number, approved: boolean): Promise<Import> {
    const id = newId()
    await this.#transaction(async (tx) => {
      const { pending } = await tx
        .selectFrom('imports')
        .select((eb) => eb.fn.countAll<number>().as('pending'))
        .where('approvedAt', 'is', null)
        .where('closedAt', 'is', null)
        .where('openedAt', '>', at - PENDING_MS)
        .executeTakeFirstOrThrow()
      if (pending >= MOST_PENDING && !approved) {
        throw new Refusal('import.too-many', `${pending} imports wait for approval already`, {
          hint: 'approve or close some: vedette import list',
          params: { pending },
        })
      }
      const granted = approved ? { approvedAt: at, until: at + wish.life } : {}
      const row = { id, openedBy: hand.by, openedAt: at, reason, ...wish, ...granted }
      await tx.insertInto('imports').values(row).execute()
      const details = { photos: wish.photos, life: wish.life, approval: approved ? 'off' : 'asked' }
      await record(tx, 'import.opened', id, hand, at, details)
    })
    return this.get(id, at)
  }

  /** Throws Refusal `import.not-found`, `import.wrong-state`, `import.own`. */
  async approve(id: string, hand: Hand, at: number): Promise<Import> {
    await this.#transaction(async (tx) => {
      const { state, openedBy, life, photos } = toImport(await rowOf(tx, id), at)
      if (state !== 'pending') throw wrongState(id, state)
      if (openedBy === hand.by) {
        throw new Refusal('import.own', `${hand.by} asked for it: somebody else approves it`, {
          hint: 'ask another operator who may approve entries',
        })
      }
      await tx
        .updateTable('imports')
        .set({ approvedBy: hand.by, approvedAt: at, until: at + life })
        .where('id', '=', id)
        .execute()
      await record(tx, 'import.approved', id, hand, at, { photos, openedBy })
    })
    return this.get(id, at)
  }

  /** Throws Refusal `import.not-found`, `import.wrong-state`. */
  async close(id: string, hand: Hand, at: number): Promise<Import> {
    await this.#transaction(async (tx) => {
      const { state, used, photos } = toImport(await rowOf(tx, id), at)
      if (state === 'closed') throw wrongState(id, state)
      await tx
        .updateTable('imports')
        .set({ closedBy: hand.by, closedAt: at })
        .where('id', '=', id)
        .execute()
      await record(tx, 'import.closed', id, hand, at, { photos, used })
    })
    return this.get(id, at)
  }

  /**
   * Draws so many photographs from what is left.
   * Throws Refusal `import.not-found`, `import.wrong-state`, `import.own`, `import.spent`.
   */
  async draw(id: string, operator: string, photos: number, at: number): Promise<void> {
    await this.#transaction(async (tx) => {
      const found = toImport(await rowOf(tx, id), at)
      if (found.openedBy !== operator) {
        throw new Refusal('import.own', `import ${id} is ${found.openedBy}'s`, {
          hint: 'ask for one of your own: vedette import',
        })
      }
      if (found.state === 'spent') throw spent(found, photos)
      if (found.state !== 'open') throw wrongState(id, found.state)
      if (found.used + photos > found.photos) throw spent(found, photos)
      await tx
        .updateTable('imports')
        .set({ used: sql`used + ${photos}` })
        .where('id', '=', id)
        .execute()
    })
  }

  /** Newest first. */
  async all(at: number): Promise<Import[]> {
    const rows = await guarded(() =>
      this.#db.selectFrom('imports').selectAll().orderBy('id', 'desc').limit(1000).execute(),
    )
    return rows.map((row) => toImport(row, at))
  }

  /** Throws Refusal `import.not-found`. */
  async get(id: string, at: number): Promise<Import> {
    return toImport(await guarded(() => rowOf(this.#db, id)), at)
  }

  #transaction(work: (tx: Database) => Promise<void>): Promise<void> {
    return guarded(() => this.#db.transaction().execute(work))
  }
}

async function rowOf(db: Database, id: string) {
  const row = await db.selectFrom('imports').selectAll().where('id', '=', id).executeTakeFirst()
  if (row !== undefined) return row
  throw new Refusal('import.not-found', `no import ${id}`, { hint: 'see: vedette import list' })
}

function toImport(row: Selectable<Schema['imports']>, at: number): Import {
  return { ...row, state: stateOf(row, at) }
}

function stateOf(row: Selectable<Schema['imports']>, at: number): Import['state'] {
  const { closedAt, approvedAt, until, openedAt, used, photos } = row
  if (closedAt !== null) return 'closed'
  if (approvedAt === null) return openedAt + PENDING_MS <= at ? 'expired' : 'pending'
  if (used >= photos) return 'spent'
  return until !== null && until <= at ? 'expired' : 'open'
}

async function record(
  tx: Database,
  kind: ActKind,
  id: string,
  hand: Hand,
  at: number,
  details: JsonObject,
): Promise<void> {
  await appendAct(tx, { kind, hand, at, about: { import: id }, details })
}

function wrongState(id: string, state: Import['state']): Refusal {
  return new Refusal('import.wrong-state', `import ${id} is ${state}`, {
    hint: state === 'pending' ? 'a second operator approves it first' : 'open another one',
    params: { state },
  })
}

function spent({ id, used, photos }: Import, wanted: number): Refusal {
  const left = photos - used
  return new Refusal('import.spent', `import ${id} has ${left} photographs left, not ${wanted}`, {
    hint: 'open another one for the rest',
    params: { left, wanted },
  })
}
