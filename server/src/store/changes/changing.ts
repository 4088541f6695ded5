import { Refusal } from '@vedette/shared/errors'
import type { Selectable } from 'kysely'
import type { EntryEvent, EntryState } from '../../entries/life.ts'
import { next } from '../../entries/life.ts'
import type { Database } from '../database.ts'
import { entryNotFound } from '../entry-rows.ts'
import type { Doing } from '../lists.ts'
import type { Schema } from '../schema.ts'
import type { EntryKey, Vault } from '../vault.ts'

/** A change in the making, in one transaction. */
export type Changing = Doing & { tx: Database; vault: Vault }

/** An entry as it lies in the database. */
export type KeptEntry = Selectable<Schema['entries']>

/** Throws Refusal `entry.not-found`. */
export async function keptEntry(tx: Database, id: string): Promise<KeptEntry> {
  const row = await tx.selectFrom('entries').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw entryNotFound(id)
  return row
}

/** Throws IntegrityFault `vault.changed`. */
export function keyOf({ vault }: Changing, { id, wrappedKey }: KeptEntry): EntryKey {
  return vault.unwrap(id, wrappedKey)
}

const HINTS: Record<EntryState, string> = {
  pending: 'it waits for a second person: vedette entries pending',
  live: 'it is looked for already: vedette entries show',
  refused: 'enrol the person again: vedette enroll',
  expired: 'it matches nobody already; more time: vedette entries extend',
}

/** The state that `event` leads to. Throws Refusal `entry.wrong-state`. */
export function stateAfter({ id, state }: KeptEntry, event: EntryEvent): EntryState {
  const after = next(state as EntryState, event)
  if (after !== undefined) return after
  throw new Refusal('entry.wrong-state', `entry ${id} is ${state}`, {
    hint: HINTS[state as EntryState],
    params: { state },
  })
}
