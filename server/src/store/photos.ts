import { Refusal } from '@vedette/shared/errors'
import { type Database, guarded } from './database.ts'
import type { Likeness } from './templates.ts'
import type { EntryKey } from './vault.ts'

/** A photograph as it is kept, its template, and the same in other spaces that are in use. */
export type NewPhoto = Likeness & {
  jpeg: Uint8Array
  quality: number
  also?: readonly Likeness[]
  origin?: PhotoOrigin | undefined
}

/** Where a photograph is from; '' where nobody said. */
export type PhotoOrigin = {
  source: string
  /** The day it was taken, as it was given. */
  taken: string
}

/** What is known of a photograph that is kept. */
export type PhotoRecord = PhotoOrigin & {
  id: string
  /** 1 is the first. */
  photo: number
  /** `pending`: it finds nobody until a second person has consented. */
  state: 'live' | 'pending'
  quality: number
  createdAt: number
}

/** Stores a photograph of an entry; its templates are stored apart. */
export async function addPhoto(
  tx: Database,
  key: EntryKey,
  photo: Pick<NewPhoto, 'jpeg' | 'quality' | 'origin'> & {
    id: string
    entryId: string
    position: number
    state: PhotoRecord['state']
    createdAt: number
  },
): Promise<void> {
  const { jpeg, origin, ...row } = photo
  const image = key.seal(photoPlace(photo.id), jpeg)
  const about = origin && key.seal(aboutPlace(photo.id), Buffer.from(JSON.stringify(origin)))
  await tx
    .insertInto('photos')
    .values({ ...row, image, about: about ?? null })
    .execute()
}

/** Every photograph of an entry, the first first. */
export async function photosOf(
  db: Database,
  key: EntryKey,
  entryId: string,
): Promise<PhotoRecord[]> {
  const rows = await guarded(() =>
    db
      .selectFrom('photos')
      .select(['id', 'position', 'state', 'quality', 'createdAt', 'about'])
      .where('entryId', '=', entryId)
      .orderBy('position')
      .execute(),
  )
  return rows.map(({ id, position, state, about, ...row }) => {
    const said = about && (JSON.parse(key.open(aboutPlace(id), about).toString()) as PhotoOrigin)
    const { source, taken } = said ?? { source: '', taken: '' }
    return { id, photo: position + 1, state: state as PhotoRecord['state'], ...row, source, taken }
  })
}

/** The photograph at `position` (0 is the first), JPEG. Throws Refusal `entry.not-found`. */
export async function photoAt(
  db: Database,
  key: EntryKey,
  entryId: string,
  position: number,
): Promise<Buffer> {
  const photo = await guarded(() =>
    db
      .selectFrom('photos')
      .selectAll()
      .where('entryId', '=', entryId)
      .where('position', '=', position)
      .executeTakeFirst(),
  )
  if (photo === undefined) throw photoNotFound(entryId, position)
  return key.open(photoPlace(photo.id), photo.image)
}

/** Its id. Throws Refusal `entry.not-found`. */
export async function photoIdAt(db: Database, entryId: string, position: number): Promise<string> {
  const photo = await guarded(() =>
    db
      .selectFrom('photos')
      .select('id')
      .where('entryId', '=', entryId)
      .where('position', '=', position)
      .executeTakeFirst(),
  )
  if (photo === undefined) throw photoNotFound(entryId, position)
  return photo.id
}

/** Deletes the photograph at `position` of `photos` with its templates; the next moves up. */
export async function deletePhoto(
  tx: Database,
  entryId: string,
  position: number,
  photos: number,
): Promise<void> {
  await tx
    .deleteFrom('photos')
    .where('entryId', '=', entryId)
    .where('position', '=', position)
    .execute()
  for (let next = position + 1; next < photos; next++) {
    await tx
      .updateTable('photos')
      .set({ position: next - 1 })
      .where('entryId', '=', entryId)
      .where('position', '=', next)
      .execute()
  }
}

export function photoNotFound(entryId: string, position: number): Refusal {
  return new Refusal('entry.not-found', `${entryId} has no photo ${position + 1}`, {
    hint: 'see: vedette entries show',
  })
}

const aboutPlace = (id: string) => ({ table: 'photos', row: id, column: 'about' })
export const photoPlace = (id: string) => ({ table: 'photos', row: id, column: 'image' })
