import { Refusal } from '@vedette/shared/errors'
import { checkDemands } from '../../lists/entering.ts'
import { appendAct } from '../audit.ts'
import { toEntry } from '../entry-rows.ts'
import { listOf } from '../list-rows.ts'
import { type Changing, type KeptEntry, keyOf } from './changing.ts'

/** Throws Refusal `list.not-found`, `list.same`, `entry.incomplete`. */
export async function checkMove(changing: Changing, entry: KeptEntry, to: string): Promise<void> {
  const list = await listOf(changing.tx, to)
  if (list.id === entry.listId) {
    throw new Refusal('list.same', `entry ${entry.id} is on list ${to} already`, {
      params: { list: to },
    })
  }
  checkDemands(list, toEntry(keyOf(changing, entry), { ...entry, photos: 0 }))
}

/**
 * The entry is on list `to` from here on, and its alerts with it, for no longer than that list allows.
 * Throws as `checkMove` does.
 */
export async function moveEntry(changing: Changing, entry: KeptEntry, to: string): Promise<void> {
  await checkMove(changing, entry, to)
  const { tx, hand, at } = changing
  const { longestLife } = await listOf(tx, to)
  const expiresAt = Math.min(entry.expiresAt, at + longestLife)
  const { id, listId } = entry
  await tx.updateTable('entries').set({ listId: to, expiresAt }).where('id', '=', id).execute()
  await tx.updateTable('alerts').set({ listId: to }).where('entryId', '=', id).execute()
  await tx.updateTable('requests').set({ listId: to }).where('entryId', '=', id).execute()
  const details = { from: listId, expiresAt }
  await appendAct(tx, { kind: 'entry.moved', hand, at, about: { entry: id, list: to }, details })
}
