import { Refusal } from '@vedette/shared/errors'
import { type Database, guarded } from './database.ts'
import type { Likeness } from './templates.ts'
import type { EntryKey } from './vault.ts'

/** A photograph as it is kept, its template, and the same in other spaces that are in use. */
export type NewPhoto = Likeness & {
  jpeg: Uint8Array
  quality: number
  also?: readonly Likeness[]
}

/** Stores a photograph of an entry; its templates are stored apart. */
export async function addPhoto(
  tx: Database,
  key: EntryKey,
  photo: Pick<NewPhoto, 'jpeg' | 'quality'> & {
    id: string
    entryId: string
    position: number
    createdAt: number
  },
): Promise<void> {
  const { jpeg, ...row } = photo
  const image = key.seal(photoPlace(photo.id), jpeg)
  await tx
    .insertInto('photos')
    .values({ ...row, image })
    .execute()
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

export const photoPlace = (id: string) => ({ table: 'photos', row: id, column: 'image' })
