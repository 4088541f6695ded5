import { Refusal } from '@vedette/shared/errors'
import { expiryOf } from '../../lists/entering.ts'
import { appendAct } from '../audit.ts'
import { listOf } from '../list-rows.ts'
import { type Changing, type KeptEntry, stateAfter } from './changing.ts'

/** A second person has consented to it. Throws Refusal `entry.wrong-state`, `request.expired`. */
export async function approveEntry(changing: Changing, entry: KeptEntry): Promise<void> {
  const { tx, hand, at } = changing
  const state = stateAfter(entry, 'approved')
  if (entry.expiresAt <= at) {
    throw new Refusal('request.expired', `the time of entry ${entry.id} is over`, {
      hint: 'enrol the person again: vedette enroll',
    })
  }
  await tx.updateTable('entries').set({ state }).where('id', '=', entry.id).execute()
  const about = { entry: entry.id, list: entry.listId }
  await appendAct(tx, { kind: 'entry.approved', hand, at, about })
}

/** When it would expire. Throws Refusal `entry.wrong-state`, `entry.expiry`. */
export async function extension(
  { tx, at }: Changing,
  entry: KeptEntry,
  asked: number | undefined,
): Promise<number> {
  stateAfter(entry, 'extended')
  return expiryOf(await listOf(tx, entry.listId), asked, at)
}

/** It has until `expiresAt`, and matches again if it did not. Throws as `extension` does. */
export async function extendEntry(
  changing: Changing,
  entry: KeptEntry,
  asked: number,
): Promise<void> {
  const { tx, hand, at } = changing
  const state = stateAfter(entry, 'extended')
  const expiresAt = await extension(changing, entry, asked)
  await tx.updateTable('entries').set({ state, expiresAt }).where('id', '=', entry.id).execute()
  const about = { entry: entry.id, list: entry.listId }
  const details = { expiresAt, before: entry.expiresAt, was: entry.state }
  await appendAct(tx, { kind: 'entry.extended', hand, at, about, details })
}

/** Its photographs `photos`, by id, may match. */
export async function approvePhotos(
  { tx, hand, at }: Changing,
  entry: KeptEntry,
  photos: readonly string[],
): Promise<void> {
  await tx
    .updateTable('photos')
    .set({ state: 'live' })
    .where('entryId', '=', entry.id)
    .where('id', 'in', photos)
    .execute()
  const about = { entry: entry.id, list: entry.listId }
  const details = { photos: photos.length }
  await appendAct(tx, { kind: 'entry.photos-added', hand, at, about, details })
}
