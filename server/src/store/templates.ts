import { setImmediate as otherWork } from 'node:timers/promises'
import { type Embedding, encodeEmbedding } from '@vedette/shared/embedding'
import { type Database, guarded } from './database.ts'
import type { EntryKey, Vault } from './vault.ts'

/** Templates opened before other work has its turn. */
const SLICE = 100

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
  /** From then on it matches nothing, epoch milliseconds. */
  expiresAt?: number
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

/**
 * Templates of `space`, opened slice by slice so that other work has its turn. What was changed by
 * anybody else is left out, and told of by its seal.
 */
export async function openTemplates(
  db: Database,
  vault: Vault,
  space: string,
  { entry, liveAt }: TemplateFilter,
): Promise<SpaceTemplate[]> {
  const opened: SpaceTemplate[] = []
  const owners = new Map<string, Owner>()
  const waiting = liveAt === undefined ? new Set() : await waitingPhotos(db)
  let ids = await idsAfter(db, '', space, entry)
  while (ids.length > 0) {
    const rows = await guarded(() =>
      db.selectFrom('templates').selectAll().where('id', 'in', ids).orderBy('id').execute(),
    )
    await addOwners(db, vault, owners, rows)
    for (const { id, entryId, photoId, ...sealed } of rows) {
      const owner = owners.get(entryId)
      if (owner === undefined || waiting.has(photoId)) continue
      const { key, list, live, expiresAt } = owner
      if (liveAt !== undefined && !(live && expiresAt > liveAt)) continue
      const vector = floatsOf(key.open(templatePlace(id), sealed.vector))
      const far = sealed.far === null ? undefined : floatsOf(key.open(farPlace(id), sealed.far))
      opened.push({ id, entryId, list, expiresAt, space, vector, far })
    }
    await otherWork()
    ids = await idsAfter(db, ids.at(-1)!, space, entry)
  }
  return opened
}

/** Photographs that may not match yet. */
async function waitingPhotos(db: Database): Promise<Set<string>> {
  const query = db.selectFrom('photos').select('id').where('state', '!=', 'live')
  const rows = await guarded(() => query.execute())
  return new Set(rows.map(({ id }) => id))
}

/** Ids of the next templates, also of those that were changed. */
async function idsAfter(
  db: Database,
  after: string,
  space: string,
  entry: string | undefined,
): Promise<string[]> {
  const rows = await guarded(() =>
    db
      .selectFrom('templates')
      .select('id')
      .where('space', '=', space)
      .where('id', '>', after)
      .$if(entry !== undefined, (all) => all.where('entryId', '=', entry!))
      .orderBy('id')
      .limit(SLICE)
      .execute(),
  )
  return rows.map(({ id }) => id)
}

/** What templates have of their entry. */
type Owner = { key: EntryKey; list: string; live: boolean; expiresAt: number }

/** The owners of `rows` that are not known yet. */
async function addOwners(
  db: Database,
  vault: Vault,
  owners: Map<string, Owner>,
  rows: readonly { entryId: string }[],
): Promise<void> {
  const ids = [...new Set(rows.map(({ entryId }) => entryId))].filter((id) => !owners.has(id))
  if (ids.length === 0) return
  const entries = await guarded(() =>
    db.selectFrom('entries').selectAll().where('entries.id', 'in', ids).execute(),
  )
  for (const { id, listId: list, wrappedKey, state, expiresAt } of entries) {
    const key = vault.unwrap(id, wrappedKey)
    owners.set(id, { key, list, live: state === 'live', expiresAt })
  }
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

export function floatsOf(bytes: Uint8Array): Embedding {
  return new Float32Array(new Uint8Array(bytes).buffer)
}

export const farPlace = (id: string) => ({ table: 'templates', row: id, column: 'far' })
export const templatePlace = (id: string) => ({ table: 'templates', row: id, column: 'vector' })
