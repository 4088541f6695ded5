import { SERVER_HAND } from '../../hand.ts'
import { appendAct } from '../audit.ts'
import type { Database } from '../database.ts'
import { type Changing, keptEntry, stateAfter } from './changing.ts'
import { dropPhotos } from './dropping.ts'

/** Done at a time: a longer transaction would keep others waiting. */
const MOST = 200

/** An entry whose time is over. */
export type Expired = { entry: string; list: string; expiresAt: number }

/** Entries whose time is over at `at` match nothing from here on; gives some of them, or none. */
export async function expireEntries(tx: Database, at: number): Promise<Expired[]> {
  const due = await tx
    .selectFrom('entries')
    .select(['id as entry', 'listId as list', 'expiresAt'])
    .where('state', '=', 'live')
    .where('expiresAt', '<=', at)
    .orderBy('expiresAt')
    .limit(MOST)
    .execute()
  for (const { entry, list, expiresAt } of due) {
    await tx.updateTable('entries').set({ state: 'expired' }).where('id', '=', entry).execute()
    const act = { hand: SERVER_HAND, at, about: { entry, list }, details: { expiresAt } }
    await appendAct(tx, { kind: 'entry.expired', ...act })
  }
  return due
}

/** Its time is over before it was to be. Throws Refusal `entry.not-found`, `entry.wrong-state`. */
export async function endEntry({ tx, hand, at }: Changing, id: string): Promise<void> {
  const entry = await keptEntry(tx, id)
  const state = stateAfter(entry, 'expired')
  const ended = { state, expiresAt: Math.min(at, entry.expiresAt) }
  await tx.updateTable('entries').set(ended).where('id', '=', id).execute()
  const about = { entry: id, list: entry.listId }
  const details = { expiresAt: ended.expiresAt, before: entry.expiresAt }
  await appendAct(tx, { kind: 'entry.expired', hand, at, about, details })
}

/** What nobody consented to in time is not done; gives how much that was. */
export async function expireRequests(tx: Database, at: number): Promise<number> {
  const due = await tx
    .selectFrom('requests')
    .select(['id', 'kind', 'entryId', 'listId'])
    .where('state', '=', 'pending')
    .where('expiresAt', '<=', at)
    .limit(MOST)
    .execute()
  for (const { id, kind, entryId, listId } of due) {
    await tx.updateTable('requests').set({ state: 'expired' }).where('id', '=', id).execute()
    if (entryId !== null && kind === 'entry.add') await refuseEntry(tx, entryId)
    if (entryId !== null && kind === 'entry.photos') await dropPhotos(tx, entryId)
    const about = { entry: entryId ?? undefined, list: listId }
    const details = { request: id, change: kind }
    await appendAct(tx, { kind: 'request.expired', hand: SERVER_HAND, at, about, details })
  }
  return due.length
}

/** Nobody consented to it: it never matches. */
export async function refuseEntry(tx: Database, id: string): Promise<void> {
  await tx
    .updateTable('entries')
    .set({ state: 'refused' })
    .where('id', '=', id)
    .where('state', '=', 'pending')
    .execute()
}
