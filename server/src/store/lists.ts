import { Refusal } from '@vedette/shared/errors'
import type { Hand } from '../hand.ts'
import type { List, ListPolicy } from '../lists/list.ts'
import { changesOf, type PolicyChange, weakened } from '../lists/policy.ts'
import { appendAct } from './audit.ts'
import { type Database, guarded } from './database.ts'
import { listOf, policyColumns, toList } from './list-rows.ts'
import { addRequest } from './request-rows.ts'

/** By whom, and when, epoch milliseconds. */
export type Doing = { hand: Hand; at: number }

/** Lists and what holds for whoever is on them. */
export class ListStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** The most urgent first. */
  async all(): Promise<List[]> {
    const rows = await guarded(() =>
      this.#db.selectFrom('lists').selectAll().orderBy('priority').orderBy('id').execute(),
    )
    return rows.map(toList)
  }

  /** Throws Refusal `list.not-found`. */
  async get(id: string): Promise<List> {
    return guarded(() => listOf(this.#db, id))
  }

  /** Throws Refusal `list.exists`. */
  async add(id: string, policy: ListPolicy, { hand, at }: Doing): Promise<List> {
    return this.#write(async (tx) => {
      const known = await tx
        .selectFrom('lists')
        .select('id')
        .where((eb) => eb.or([eb('id', '=', id), eb('name', '=', policy.name)]))
        .executeTakeFirst()
      if (known !== undefined) throw nameTaken(known.id)
      const row = { id, createdAt: at, ...policyColumns(policy) }
      await tx.insertInto('lists').values(row).execute()
      const details = { priority: policy.priority, approvals: policy.approvals }
      await appendAct(tx, { kind: 'list.added', hand, at, about: { list: id }, details })
      return listOf(tx, id)
    })
  }

  /**
   * Changes what holds for a list; where it asks for two persons and would ask for less, that waits
   * for the second, and the list stays as it is. Throws Refusal `list.not-found`, `list.exists`,
   * `list.invalid`, `request.too-many`.
   */
  async change(id: string, change: PolicyChange, { hand, at }: Doing): Promise<ListChanged> {
    return this.#write(async (tx) => {
      const before = await listOf(tx, id)
      const after = merged(before, change)
      if (before.approvals === 2 && weakened(before, after).length > 0) {
        const asked = { change: { kind: 'list.change' as const, policy: change }, list: id }
        return { list: before, request: await addRequest(tx, { ...asked, hand, at }) }
      }
      return { list: await changeList(tx, before, after, { hand, at }), request: undefined }
    })
  }

  /** Throws Refusal `list.not-found`, `list.not-empty`, `list.last`. */
  async remove(id: string, { hand, at }: Doing): Promise<void> {
    await this.#write(async (tx) => {
      await listOf(tx, id)
      const { entries } = await tx
        .selectFrom('entries')
        .select((eb) => eb.fn.countAll<number>().as('entries'))
        .where('listId', '=', id)
        .executeTakeFirstOrThrow()
      if (entries > 0) {
        throw new Refusal('list.not-empty', `${entries} entries are on list ${id}`, {
          hint: 'remove them, or move them: vedette entries move ENTRY --list LIST',
          params: { list: id, entries },
        })
      }
      const others = await tx.selectFrom('lists').select('id').where('id', '!=', id).execute()
      if (others.length === 0) {
        throw new Refusal('list.last', `${id} is the only list`, {
          hint: 'add another one first: vedette lists add',
          params: { list: id },
        })
      }
      await tx.deleteFrom('lists').where('id', '=', id).execute()
      const budget = tx.deleteFrom('budgets').where('scope', '=', 'list').where('target', '=', id)
      await budget.execute()
      await appendAct(tx, { kind: 'list.removed', hand, at, about: { list: id } })
    })
  }

  #write<T>(work: (tx: Database) => Promise<T>): Promise<T> {
    return guarded(() => this.#db.transaction().execute(work))
  }
}

/** The list as it is now, and the request that waits where it could not be changed at once. */
export type ListChanged = { list: List; request: string | undefined }

/** Writes `after` in the place of `before`. Throws Refusal `list.exists`. */
export async function changeList(
  tx: Database,
  before: List,
  after: ListPolicy,
  { hand, at }: Doing,
): Promise<List> {
  const { id, version } = before
  const changed = changesOf(before, after)
  if (changed.length === 0) return before
  const taken = await tx
    .selectFrom('lists')
    .select('id')
    .where('name', '=', after.name)
    .where('id', '!=', id)
    .executeTakeFirst()
  if (taken !== undefined) throw nameTaken(taken.id)
  await tx
    .updateTable('lists')
    .set({ ...policyColumns(after), version: version + 1 })
    .where('id', '=', id)
    .execute()
  const details = { changed, version: version + 1 }
  await appendAct(tx, { kind: 'list.changed', hand, at, about: { list: id }, details })
  return listOf(tx, id)
}

/** What `change` makes of a list. Throws Refusal `list.invalid`. */
export function merged(list: List, change: PolicyChange): ListPolicy {
  const { id: _, createdAt: __, version: ___, ...policy } = list
  const said = Object.entries(change).filter(([, value]) => value !== undefined)
  const after = { ...policy, ...Object.fromEntries(said) } as ListPolicy
  checkLives(after)
  return after
}

/** Throws Refusal `list.invalid`. */
export function checkLives({ usualLife, longestLife }: ListPolicy): void {
  if (usualLife <= longestLife) return
  throw new Refusal('list.invalid', 'entries would usually last longer than they may', {
    hint: 'give a --usual-life that is not above --longest-life',
  })
}

function nameTaken(id: string): Refusal {
  return new Refusal('list.exists', `there is a list of that name already: ${id}`, {
    hint: 'see: vedette lists list',
    params: { list: id },
  })
}
