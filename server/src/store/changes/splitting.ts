import { Refusal } from '@vedette/shared/errors'
import { v7 as newId } from 'uuid'
import type { Change } from '../../approvals/request.ts'
import { appendAct } from '../audit.ts'
import type { Database } from '../database.ts'
import { sealDetails, toEntry } from '../entry-rows.ts'
import { belongingsOf, carry } from './carrying.ts'
import { type Changing, type KeptEntry, keyOf } from './changing.ts'

type Split = Extract<Change, { kind: 'entry.split' }>

/** Throws Refusal `entry.unsplittable`, `entry.not-found`. */
export async function checkSplit(
  { tx }: Changing,
  entry: KeptEntry,
  { photos, name }: Split,
): Promise<string[]> {
  if (entry.state !== 'live' && entry.state !== 'expired') {
    throw unsplittable(`entry ${entry.id} is ${entry.state}`, 'have it approved first')
  }
  if (name.trim() === '') throw unsplittable('nobody is named', 'say who it is: --name')
  const kept = await tx
    .selectFrom('photos')
    .select(['id', 'position', 'state'])
    .where('entryId', '=', entry.id)
    .execute()
  const wanted = new Set(photos)
  const found = kept.filter(({ position }) => wanted.has(position + 1))
  if (found.length === 0 || found.length !== wanted.size) {
    throw unsplittable(
      `it has photographs 1 to ${kept.length}`,
      `see: vedette entries show ${entry.id}`,
    )
  }
  if (found.length === kept.length) {
    throw unsplittable('at least one photograph stays', 'change the name: vedette entries edit')
  }
  if (found.some(({ state }) => state !== 'live')) {
    throw unsplittable('one of them waits for a second person', 'see: vedette entries pending')
  }
  return found.toSorted((p, q) => p.position - q.position).map(({ id }) => id)
}

/**
 * These photographs are of somebody else, with an entry of their own: on the same list, for the same
 * time, said the same of but the names. Alerts that came by them follow, with what was told apart.
 * Gives the id of the new entry. Throws as `checkSplit` does.
 */
export async function splitEntry(
  changing: Changing,
  entry: KeptEntry,
  split: Split,
): Promise<string> {
  const photos = await checkSplit(changing, entry, split)
  const { tx, vault, hand, at } = changing
  const id = newId()
  const key = keyOf(changing, entry)
  const { key: own, wrapped } = vault.newKey(id)
  const said = { ...toEntry(key, { ...entry, photos: 0 }), name: split.name.trim(), aliases: [] }
  const { listId, state, expiresAt, strictness } = entry
  await tx
    .insertInto('entries')
    .values({
      ...{ id, listId, state, expiresAt, strictness },
      details: sealDetails(own, id, said),
      wrappedKey: wrapped,
      createdAt: at,
      createdBy: hand.by,
    })
    .execute()
  const belongings = await belongingsOf(tx, entry.id, photos)
  const ends = { from: { id: entry.id, key }, to: { id, key: own } }
  await carry(tx, belongings, { ...ends, after: 0 })
  await closeUp(tx, entry.id)
  const act = { kind: 'entry.split', hand, at } as const
  const counts = { photos: photos.length, alerts: belongings.alerts.length }
  const about = { entry: entry.id, list: listId }
  await appendAct(tx, { ...act, about, details: { into: id, ...counts } })
  await appendAct(tx, { ...act, about: { entry: id, list: listId }, details: { from: entry.id } })
  return id
}

/** The photographs that are left are 1, 2, 3 … again. */
async function closeUp(tx: Database, entryId: string): Promise<void> {
  const rows = await tx
    .selectFrom('photos')
    .select(['id', 'position'])
    .where('entryId', '=', entryId)
    .orderBy('position')
    .execute()
  for (const [position, row] of rows.entries()) {
    if (row.position === position) continue
    await tx.updateTable('photos').set({ position }).where('id', '=', row.id).execute()
  }
}

function unsplittable(why: string, hint: string): Refusal {
  return new Refusal('entry.unsplittable', why, { hint })
}
