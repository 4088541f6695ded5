import { createHash } from 'node:crypto'
import type { Embedding } from '@vedette/shared/embedding'
import { type Database, guarded } from './database.ts'
import { photoPlace } from './photos.ts'
import { farPlace, floatsOf, templatePlace } from './templates.ts'
import type { EntryKey } from './vault.ts'

/** What an entry is matched by in one space, and the photographs that this comes of. */
export type Enrolled = {
  templates: { id: string; photo: string; vector: Embedding; far: Embedding | undefined }[]
  /** By the SHA-256 of what is kept, hexadecimal; position 1 is the first. */
  photos: { id: string; position: number; sha256: string }[]
}

/** What can match of entry `entryId` in `space` now. */
export async function enrolledOf(
  db: Database,
  key: EntryKey,
  entryId: string,
  space: string,
): Promise<Enrolled> {
  const rows = await guarded(() =>
    db
      .selectFrom('templates')
      .innerJoin('photos', 'photos.id', 'templates.photoId')
      .select(['templates.id', 'vector', 'far', 'photoId', 'position', 'image'])
      .where('templates.entryId', '=', entryId)
      .where('space', '=', space)
      .where('photos.state', '=', 'live')
      .orderBy('templates.id')
      .execute(),
  )
  return {
    templates: rows.map(({ id, photoId: photo, vector, far }) => ({
      ...{ id, photo },
      vector: floatsOf(key.open(templatePlace(id), vector)),
      far: far === null ? undefined : floatsOf(key.open(farPlace(id), far)),
    })),
    photos: rows.map(({ photoId: id, position, image }) => {
      const sha256 = createHash('sha256')
        .update(key.open(photoPlace(id), image))
        .digest('hex')
      return { id, position: position + 1, sha256 }
    }),
  }
}
