import { type Embedding, encodeEmbedding } from '@vedette/shared/embedding'
import { Refusal } from '@vedette/shared/errors'
import { type Selectable, sql } from 'kysely'
import { v7 as newId } from 'uuid'
import { type Database, guarded } from './database.ts'
import type { Schema } from './schema.ts'
import type { EntryKey, Vault } from './vault.ts'

/** What is said of a wanted person. */
export type EntryDetails = { name: string; note: string }

export type Entry = EntryDetails & {
  id: string
  list: string
  photos: number
  createdAt: number
  createdBy: string
  /** How many times rarer than usual a false alert about it must be. */
  strictness: number
}

/** A photograph as it is kept, its template, and the same in other spaces that are in use. */
export type NewPhoto = Likeness & {
  jpeg: Uint8Array
  quality: number
  also?: readonly Likeness[]
}
type Likeness = {
  space: string
  template: Embedding
  /** The same face seen from afar. */
  far?: Embedding | undefined
}
export type NewEntry = EntryDetails & { list: string; createdAt: number; createdBy: string }

export type Template = {
  id: string
  entryId: string
  list: string
  vector: Embedding
  /** The same face seen from afar. */
  far?: Embedding | undefined
}
export type SpaceTemplate = Template & { space: string }

type EntryRow = Selectable<Schema['entries']> & { photos: number | null }

/** The wanted, sealed at rest. */
export class EntryStore {
  readonly #db: Database
  readonly #vault: Vault

  constructor(db: Database, vault: Vault) {
    this.#db = db
    this.#vault = vault
  }

  /** Stores a person with all photographs or not at all. Throws Refusal `list.not-found`. */
  async add(
    entry: NewEntry,
    photos: readonly NewPhoto[],
  ): Promise<{ entry: Entry; templates: SpaceTemplate[] }> {
    const id = newId()
    const { key, wrapped } = this.#vault.newKey(id)
    const { list, createdAt, createdBy, name, note } = entry
    const rows = photos.map((photo) => ({ ...photo, id: newId() }))
    const templates = rows.flatMap((photo) =>
      [photo, ...(photo.also ?? [])].map(({ space, template, far }) => {
        return { id: newId(), photoId: photo.id, space, vector: template, far }
      }),
    )
    await guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        const known = await tx
          .selectFrom('lists')
          .select('id')
          .where('id', '=', list)
          .executeTakeFirst()
        if (known === undefined) throw unknownList(list)
        await tx
          .insertInto('entries')
          .values({
            id,
            listId: list,
            details: key.seal(detailsPlace(id), Buffer.from(JSON.stringify({ name, note }))),
            wrappedKey: wrapped,
            createdAt,
            createdBy,
          })
          .execute()
        for (const [position, photo] of rows.entries()) {
          await tx
            .insertInto('photos')
            .values({
              id: photo.id,
              entryId: id,
              position,
              image: key.seal(photoPlace(photo.id), photo.jpeg),
              quality: photo.quality,
              createdAt,
            })
            .execute()
        }
        for (const { photoId, ...template } of templates) {
          await addTemplate(tx, key, { entryId: id, photoId, ...template })
        }
      }),
    )
    return {
      entry: { id, list, name, note, photos: photos.length, createdAt, createdBy, strictness: 1 },
      templates: templates.map(({ photoId: _photo, ...template }) => ({
        ...template,
        entryId: id,
        list,
      })),
    }
  }

  async all(): Promise<Entry[]> {
    const rows = await guarded(() => this.#select().orderBy('entries.id').execute())
    return rows.map((row) => this.#entry(row))
  }

  /** Throws Refusal `entry.not-found`. */
  async get(id: string): Promise<Entry> {
    return this.#entry(await this.#row(id))
  }

  /** The photograph at `position` (0 is the first), JPEG. Throws Refusal `entry.not-found`. */
  async photo(id: string, position: number): Promise<Buffer> {
    const key = await this.key(id)
    const photo = await guarded(() =>
      this.#db
        .selectFrom('photos')
        .select(['id', 'image'])
        .where('entryId', '=', id)
        .where('position', '=', position)
        .executeTakeFirst(),
    )
    if (photo === undefined)
      throw new Refusal('entry.not-found', `${id} has no photo ${position + 1}`)
    return key.open(photoPlace(photo.id), photo.image)
  }

  /** Every template of `space`, or of one entry, opened. */
  async templates(space: string, entryId?: string): Promise<SpaceTemplate[]> {
    let query = this.#db
      .selectFrom('templates')
      .innerJoin('entries', 'entries.id', 'templates.entryId')
      .select(['templates.id', 'templates.entryId', 'templates.vector', 'templates.far'])
      .select(['entries.listId', 'entries.wrappedKey'])
      .where('templates.space', '=', space)
      .orderBy('templates.id')
    if (entryId !== undefined) query = query.where('templates.entryId', '=', entryId)
    const rows = await guarded(() => query.execute())
    const keys = new Map<string, EntryKey>()
    return rows.map(({ id, entryId, listId: list, wrappedKey, ...sealed }) => {
      const key = keys.get(entryId) ?? this.#vault.unwrap(entryId, wrappedKey)
      keys.set(entryId, key)
      const vector = floatsOf(key.open(templatePlace(id), sealed.vector))
      const far = sealed.far === null ? undefined : floatsOf(key.open(farPlace(id), sealed.far))
      return { id, entryId, list, space, vector, far }
    })
  }

  /** Which photograph a template is of, 0 is the first. */
  async positions(): Promise<Map<string, number>> {
    const rows = await guarded(() =>
      this.#db
        .selectFrom('templates')
        .innerJoin('photos', 'photos.id', 'templates.photoId')
        .select(['templates.id', 'photos.position'])
        .execute(),
    )
    return new Map(rows.map(({ id, position }) => [id, position]))
  }

  /**
   * Removes one photograph, which is not the last, with its templates; the next moves up.
   * Throws Refusal `entry.not-found`, `entry.last-photo`.
   */
  async removePhoto(id: string, position: number): Promise<void> {
    const { photos } = await this.get(id)
    if (!Number.isInteger(position) || position < 0 || position >= photos) {
      throw new Refusal('entry.not-found', `${id} has no photo ${position + 1}`)
    }
    if (photos === 1) {
      throw new Refusal('entry.last-photo', `it is the only photograph of ${id}`, {
        hint: 'take the person off the list with: vedette entries remove',
      })
    }
    await guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        const of = tx.deleteFrom('photos').where('entryId', '=', id)
        await of.where('position', '=', position).execute()
        for (let next = position + 1; next < photos; next++) {
          await tx
            .updateTable('photos')
            .set({ position: next - 1 })
            .where('entryId', '=', id)
            .where('position', '=', next)
            .execute()
        }
      }),
    )
    await this.#wipe()
  }

  /** Throws Refusal `entry.not-found`. */
  async tighten(id: string, strictness: number): Promise<void> {
    const { numUpdatedRows } = await guarded(() =>
      this.#db.updateTable('entries').set({ strictness }).where('id', '=', id).executeTakeFirst(),
    )
    if (numUpdatedRows === 0n) throw notFound(id)
  }

  /** Removes a person with key, photographs and templates. Throws Refusal `entry.not-found`. */
  async remove(id: string): Promise<void> {
    const { numDeletedRows } = await guarded(() =>
      this.#db.deleteFrom('entries').where('id', '=', id).executeTakeFirst(),
    )
    if (numDeletedRows === 0n) throw notFound(id)
    await this.#wipe()
  }

  /** The key that seals what belongs to entry `id`. Throws Refusal `entry.not-found`. */
  async key(id: string, db = this.#db): Promise<EntryKey> {
    return this.#vault.unwrap(id, (await this.#row(id, db)).wrappedKey)
  }

  /** The same; undefined where the entry is gone, and its key with it. */
  async knownKey(id: string, db = this.#db): Promise<EntryKey | undefined> {
    return this.key(id, db).catch((error) => {
      if (error instanceof Refusal) return undefined
      throw error
    })
  }

  /** Until then what was deleted is still in the database's older pages and in its log. */
  async #wipe(): Promise<void> {
    await guarded(() => sql`PRAGMA wal_checkpoint(TRUNCATE)`.execute(this.#db))
  }

  #select(db = this.#db) {
    return db
      .selectFrom('entries')
      .selectAll('entries')
      .select((eb) =>
        eb
          .selectFrom('photos')
          .select((inner) => inner.fn.countAll<number>().as('count'))
          .whereRef('photos.entryId', '=', 'entries.id')
          .as('photos'),
      )
  }

  async #row(id: string, db = this.#db): Promise<EntryRow> {
    const query = this.#select(db).where('entries.id', '=', id)
    const row = await guarded(() => query.executeTakeFirst())
    if (row === undefined) throw notFound(id)
    return row
  }

  #entry(row: EntryRow): Entry {
    const sealed = this.#vault
      .unwrap(row.id, row.wrappedKey)
      .open(detailsPlace(row.id), row.details)
    const { name, note } = JSON.parse(sealed.toString()) as EntryDetails
    const { id, listId: list, photos, createdAt, createdBy, strictness } = row
    return { id, list, name, note, photos: photos ?? 0, createdAt, createdBy, strictness }
  }
}

function notFound(id: string): Refusal {
  return new Refusal('entry.not-found', `no entry ${id}`, { hint: 'see: vedette entries list' })
}

function unknownList(list: string): Refusal {
  return new Refusal('list.not-found', `no list ${list}`, {
    hint: 'the first list is called wanted',
  })
}

const detailsPlace = (id: string) => ({ table: 'entries', row: id, column: 'details' })
export const photoPlace = (id: string) => ({ table: 'photos', row: id, column: 'image' })
/** Stores the template of a photograph. */
export async function addTemplate(
  tx: Database,
  key: EntryKey,
  template: Omit<SpaceTemplate, 'list'> & { photoId: string },
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

function floatsOf(bytes: Uint8Array): Embedding {
  return new Float32Array(new Uint8Array(bytes).buffer)
}

const farPlace = (id: string) => ({ table: 'templates', row: id, column: 'far' })
const templatePlace = (id: string) => ({ table: 'templates', row: id, column: 'vector' })
