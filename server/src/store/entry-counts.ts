import type { EntryState } from '../entries/life.ts'
import { type Database, guarded } from './database.ts'

/** Entries of one list in one state. */
export type EntryCount = {
  list: string
  state: EntryState
  entries: number
  /** Of these, those who expire until a given time. */
  expiring: number
}

/** How many there are, by list and state; `until` in epoch milliseconds. */
export async function countEntries(db: Database, until: number): Promise<EntryCount[]> {
  const rows = await guarded(() =>
    db
      .selectFrom('entries')
      .select((eb) => [
        'listId as list',
        'state',
        eb.fn.countAll<number>().as('entries'),
        eb.fn.countAll<number>().filterWhere('expiresAt', '<=', until).as('expiring'),
      ])
      .groupBy(['listId', 'state'])
      .orderBy('listId')
      .execute(),
  )
  return rows.map(({ state, ...row }) => ({ ...row, state: state as EntryState }))
}
