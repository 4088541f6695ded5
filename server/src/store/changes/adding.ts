import { Refusal } from '@vedette/shared/errors'
import { v7 as newId } from 'uuid'
import { appendAct } from '../audit.ts'
import type { Database } from '../database.ts'
import { type Entry, toEntry } from '../entry-rows.ts'
import { listOf } from '../list-rows.ts'
import { addPhoto, type NewPhoto } from '../photos.ts'
import { addRequest } from '../request-rows.ts'
import { addTemplate } from '../templates.ts'
import type { EntryKey } from '../vault.ts'
import type { Made } from './changes.ts'
import { type Changing, keptEntry, keyOf } from './changing.ts'
import { MOST_PHOTOS } from './merging.ts'

/** Run in the transaction that stores them. */
export type AddedAlso = (
  tx: Database,
  key: EntryKey,
  made: { entry: Entry; request: string | undefined },
) => Promise<void>

/**
 * Stores more photographs of a person, to be matched or, where the list asks for a second person, to
 * wait for one. Throws Refusal `entry.not-found`, `entry.wrong-state`, `photo.too-many`,
 * `request.too-many`.
 */
export async function addPhotos(
  changing: Changing,
  entryId: string,
  photos: readonly NewPhoto[],
  also: AddedAlso = async () => {},
): Promise<Made> {
  const { tx, hand, at } = changing
  const entry = await keptEntry(tx, entryId)
  if (entry.state !== 'live' && entry.state !== 'expired') {
    throw new Refusal('entry.wrong-state', `entry ${entryId} is ${entry.state}`, {
      hint: 'a second person consents to it first: vedette entries pending',
      params: { state: entry.state },
    })
  }
  const { last } = await tx
    .selectFrom('photos')
    .select((eb) => eb.fn.max('position').as('last'))
    .where('entryId', '=', entryId)
    .executeTakeFirstOrThrow()
  const first = (last ?? -1) + 1
  if (first + photos.length > MOST_PHOTOS) {
    throw new Refusal('photo.too-many', `it would have more than ${MOST_PHOTOS} photographs`, {
      hint: 'remove some first: vedette entries remove-photo',
      params: { most: MOST_PHOTOS },
    })
  }
  const key = keyOf(changing, entry)
  const { approvals } = await listOf(tx, entry.listId)
  const state = approvals === 2 ? 'pending' : 'live'
  const ids: string[] = []
  for (const [i, photo] of photos.entries()) {
    const id = newId()
    ids.push(id)
    const { jpeg, quality, origin } = photo
    const row = { id, entryId, position: first + i, jpeg, quality, origin, createdAt: at }
    await addPhoto(tx, key, { ...row, state })
    for (const { space, template: vector, far } of [photo, ...(photo.also ?? [])]) {
      await addTemplate(tx, key, { id: newId(), entryId, photoId: id, space, vector, far })
    }
  }
  const after = toEntry(key, { ...entry, photos: first + photos.length })
  if (state === 'pending') {
    const change = { kind: 'entry.photos' as const, photos: ids }
    const asked = { change, list: entry.listId, entry: { id: entryId, key } }
    const request = await addRequest(tx, { ...asked, hand, at })
    await also(tx, key, { entry: after, request })
    return { request, affected: [] }
  }
  const about = { entry: entryId, list: entry.listId }
  await appendAct(tx, {
    kind: 'entry.photos-added',
    hand,
    at,
    about,
    details: { photos: ids.length },
  })
  await also(tx, key, { entry: after, request: undefined })
  return { request: undefined, affected: [entryId] }
}
