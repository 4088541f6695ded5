import { type Embedding, encodeEmbedding } from '@vedette/shared/embedding'
import { type Database, guarded } from './database.ts'
import type { EntryKey, Vault } from './vault.ts'

/** What a face looks like in an embedding space. */
export type Likeness = {
  space: string
  template: Embedding
  /** The same face seen from afar. */
  far?: Embedding | undefined
}

export type Template = {
  id: string
  entryId: string
  list: string
  vector: Embedding
  /** The same face seen from afar. */
  far?: Embedding | undefined
}
export type SpaceTemplate = Template & { space: string }

/** A template that is not stored yet, and the photograph that it is of. */
export type NewTemplate = Omit<SpaceTemplate, 'list'> & { photoId: string }

/** Stores the template of a photograph. */
export async function addTemplate(
  tx: Database,
  key: EntryKey,
  template: NewTemplate,
): Promise<void> {
  const { id, entryId, photoId, space, vector, far } = template
  await tx
    .insertInto('templates')
    .values({
      ...{ id, entryId, photoId, space },
      vector: key.seal(templatePlace(id), encodeEmbedding(vector)),
      far: far === undefined ? null : key.seal(farPlace(id), encodeEmbedding(far)),
    })
    .execute()
}

export type TemplateFilter = {
  /** Of one entry. */
  entry?: string | undefined
  /** Those that may match at that time, epoch milliseconds. */
  liveAt?: number | undefined
}

/** Templates of `space`, opened. */
export async function openTemplates(
  db: Database,
  vault: Vault,
  space: string,
  { entry, liveAt }: TemplateFilter,
): Promise<SpaceTemplate[]> {
  const query = db
    .selectFrom('templates')
    .innerJoin('entries', 'entries.id', 'templates.entryId')
    .innerJoin('photos', 'photos.id', 'templates.photoId')
    .select(['templates.id', 'templates.entryId', 'templates.vector', 'templates.far'])
    .select(['entries.listId', 'entries.wrappedKey'])
    .where('templates.space', '=', space)
    .$if(entry !== undefined, (all) => all.where('templates.entryId', '=', entry!))
    .$if(liveAt !== undefined, (all) =>
      all
        .where('entries.state', '=', 'live')
        .where('photos.state', '=', 'live')
        .where('entries.expiresAt', '>', liveAt!),
    )
    .orderBy('templates.id')
  const rows = await guarded(() => query.execute())
  const keys = new Map<string, EntryKey>()
  return rows.map(({ id, entryId, listId: list, wrappedKey, ...sealed }) => {
    const key = keys.get(entryId) ?? vault.unwrap(entryId, wrappedKey)
    keys.set(entryId, key)
    const vector = floatsOf(key.open(templatePlace(id), sealed.vector))
    const far = sealed.far === null ? undefined : floatsOf(key.open(farPlace(id), sealed.far))
    return { id, entryId, list, space, vector, far }
  })
}

/** Which photograph a template is of, 0 is the first. */
export async function templatePositions(db: Database): Promise<Map<string, number>> {
  const rows = await guarded(() =>
    db
      .selectFrom('templates')
      .innerJoin('photos', 'photos.id', 'templates.photoId')
      .select(['templates.id', 'photos.position'])
      .execute(),
  )
  return new Map(rows.map(({ id, position }) => [id, position]))
}

function floatsOf(bytes: Uint8Array): Embedding {
  return new Float32Array(new Uint8Array(bytes).buffer)
}

const farPlace = (id: string) => ({ table: 'templates', row: id, column: 'far' })
const templatePlace = (id: string) => ({ table: 'templates', row: id, column: 'vector' })
