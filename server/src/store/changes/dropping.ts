import type { Database } from '../database.ts'
import { deletePhoto } from '../photos.ts'

/** Deletes the photographs of an entry that nobody consented to. */
export async function dropPhotos(tx: Database, entryId: string): Promise<void> {
  const rows = await tx
    .selectFrom('photos')
    .select(['position', 'state'])
    .where('entryId', '=', entryId)
    .orderBy('position', 'desc')
    .execute()
  let left = rows.length
  for (const { position, state } of rows) {
    if (state === 'live') continue
    await deletePhoto(tx, entryId, position, left)
    left--
  }
}
