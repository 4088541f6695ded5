import { setImmediate as otherWork } from 'node:timers/promises'
import { Refusal } from '@vedette/shared/errors'
import { sql } from 'kysely'
import { v7 as newId } from 'uuid'
import type { EntryState } from '../entries/life.ts'
import type { Hand } from '../hand.ts'
import { checkDemands, expiryOf } from '../lists/entering.ts'
import { type Act, appendAct, recording } from './audit.ts'
import type { Condition } from './condition.ts'
import { type Database, guarded } from './database.ts'
import { type Enrolled, enrolledOf } from './enrolled.ts'
import { countEntries, type EntryCount } from './entry-counts.ts'
import {
  detailsOf,
  type Entry,
  type EntryRow,
  entryNotFound,
  type NewEntry,
  sealDetails,
  toEntry,
} from './entry-rows.ts'
import { listOf } from './list-rows.ts'
import {
  addPhoto,
  deletePhoto,
  type NewPhoto,
  type PhotoRecord,
  photoAt,
  photoIdAt,
  photoNotFound,
  photosOf,
} from './photos.ts'
import { addRequest } from './request-rows.ts'
import {
  addTemplate,
  openTemplates,
  type SpaceTemplate,
  type TemplateFilter,
  templatePositions,
} from './templates.ts'
import type { EntryKey, Vault } from './vault.ts'

export type { Entry, EntryDetails, NewEntry } from './entry-rows.ts'

/** Entries opened before other work has its turn. */
const SLICE = 25

export type EntryFilter = {
  list?: string | undefined
  state?: EntryState | undefined
  /** Who enrolled them. */
  by?: string | undefined
  /** Who expire until then, epoch milliseconds. */
  until?: number | undefined
  /** Only those behind that entry, in the order of `all`, and no more than `limit`. */
  after?: string | undefined
  limit?: number | undefined
  /** What else must be so of it. */
  is?: ((entry: Entry) => boolean) | undefined
}

/** The wanted, sealed at rest. */
export class EntryStore {
  readonly #db: Database
  readonly #vault: Vault
  readonly #condition: Pick<Condition, 'ask'>

  constructor(db: Database, vault: Vault, condition: Pick<Condition, 'ask'>) {
    this.#db = db
    this.#vault = vault
    this.#condition = condition
  }

  /**
   * Stores a person with all photographs or not at all, to be matched or, where the list asks for a
   * second person, to wait for one; `also` is done in the same transaction. Throws Refusal
   * `list.not-found`, `entry.expiry`, `entry.incomplete`, `request.too-many`, and Unavailable
   * `store.full`, `store.failed`.
   */
  async add(
    entry: NewEntry,
    photos: readonly NewPhoto[],
    also?: (tx: Database, entry: Entry, key: EntryKey) => Promise<void>,
  ): Promise<{ entry: Entry; templates: SpaceTemplate[] }> {
    this.#condition.ask()
    const id = newId()
    const { key, wrapped } = this.#vault.newKey(id)
    const { list: listId, createdAt, hand, strictness = 1 } = entry
    const createdBy = hand.by
    const rows = photos.map((photo) => ({ ...photo, id: newId() }))
    const templates = rows.flatMap((photo) =>
      [photo, ...(photo.also ?? [])].map(({ space, template, far }) => {
        return { id: newId(), photoId: photo.id, space, vector: template, far }
      }),
    )
    const made = await guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        const list = await listOf(tx, listId)
        checkDemands(list, entry)
        const state: EntryState = list.approvals === 2 ? 'pending' : 'live'
        const expiresAt = expiryOf(list, entry.expiresAt, createdAt)
        const sealed = sealDetails(key, id, entry)
        const about = { listId, state, expiresAt, createdAt, createdBy, strictness }
        await tx
          .insertInto('entries')
          .values({ id, details: sealed, wrappedKey: wrapped, ...about })
          .execute()
        for (const [position, { id: photoId, jpeg, quality, origin }] of rows.entries()) {
          const photo = { id: photoId, entryId: id, position, jpeg, quality, origin, createdAt }
          await addPhoto(tx, key, { ...photo, state: 'live' })
        }
        for (const template of templates) await addTemplate(tx, key, { ...template, entryId: id })
        const act = { hand, at: createdAt, about: { entry: id, list: listId } }
        const counts = { photos: rows.length, expiresAt, state }
        const details = { ...entry.recorded, ...counts }
        await appendAct(tx, { kind: 'entry.enrolled', ...act, details })
        if (state === 'pending') {
          const asked = {
            change: { kind: 'entry.add' as const },
            list: listId,
            hand,
            at: createdAt,
          }
          await addRequest(tx, { ...asked, entry: { id, key, expiresAt } })
        }
        const said = { id, list: listId, ...detailsOf(entry), state, expiresAt }
        const stored = { ...said, photos: photos.length, createdAt, createdBy, strictness }
        await also?.(tx, stored, key)
        return stored
      }),
    )
    return {
      entry: made,
      templates: templates.map(({ photoId: _photo, ...template }) => ({
        ...template,
        entryId: id,
        list: listId,
        expiresAt: made.expiresAt,
      })),
    }
  }

  /** The first enrolled first; opened slice by slice so that other work has its turn. */
  async all(filter: EntryFilter = {}): Promise<Entry[]> {
    const found: Entry[] = []
    const { is = () => true, limit = Number.POSITIVE_INFINITY } = filter
    for (let after = filter.after ?? ''; ; ) {
      const rows = await guarded(() =>
        this.#filtered(filter).where('entries.id', '>', after).limit(SLICE).execute(),
      )
      found.push(...rows.map((row) => this.#entry(row)).filter(is))
      if (found.length >= limit) return found.slice(0, limit)
      const last = rows.at(-1)?.id ?? (await this.#skipped(after))
      if (last === undefined) return found
      after = last
      await otherWork()
    }
  }

  /** Those of which false alerts must be rarer than usual. */
  async strict(): Promise<Pick<Entry, 'id' | 'strictness'>[]> {
    const query = this.#db.selectFrom('entries').selectAll().where('strictness', '!=', 1)
    return guarded(() => query.execute())
  }

  /** How many there are, in whatever state. */
  async count(): Promise<number> {
    const query = this.#db.selectFrom('entries').select((eb) => eb.fn.countAll<number>().as('all'))
    return (await guarded(() => query.executeTakeFirstOrThrow())).all
  }

  /** How many there are, by list and state, and of these those who expire until `until`. */
  counts(until: number): Promise<EntryCount[]> {
    return countEntries(this.#db, until)
  }

  /** Throws Refusal `entry.not-found`. */
  async get(id: string): Promise<Entry> {
    return this.#entry(await this.#row(id))
  }

  /** The photograph at `position` (0 is the first), JPEG. Throws Refusal `entry.not-found`. */
  async photo(id: string, position: number): Promise<Buffer> {
    return photoAt(this.#db, await this.key(id), id, position)
  }

  /** The id of that photograph, which never shows anything else. Throws Refusal `entry.not-found`. */
  photoId(id: string, position: number): Promise<string> {
    return photoIdAt(this.#db, id, position)
  }

  /** Its photographs, the first first. Throws Refusal `entry.not-found`. */
  async photos(id: string): Promise<PhotoRecord[]> {
    return photosOf(this.#db, await this.key(id), id)
  }

  /** What can match of one entry in `space` now. Throws Refusal `entry.not-found`. */
  async enrolled(id: string, space: string): Promise<Enrolled> {
    return enrolledOf(this.#db, await this.key(id), id, space)
  }

  /** Templates of `space`, opened: all, those of one entry, those that may match. */
  templates(space: string, filter: TemplateFilter = {}): Promise<SpaceTemplate[]> {
    return openTemplates(this.#db, this.#vault, space, filter)
  }

  /** Which photograph a template is of, 0 is the first. */
  positions(): Promise<Map<string, number>> {
    return templatePositions(this.#db)
  }

  /**
   * Removes one photograph, which is not the last, with its templates; the next moves up.
   * Throws Refusal `entry.not-found`, `entry.last-photo`.
   */
  async removePhoto(id: string, position: number, hand: Hand, at: number): Promise<void> {
    const { photos } = await this.get(id)
    if (!Number.isInteger(position) || position < 0 || position >= photos) {
      throw photoNotFound(id, position)
    }
    if (photos === 1) {
      throw new Refusal('entry.last-photo', `it is the only photograph of ${id}`, {
        hint: 'erase the person with: vedette entries erase',
      })
    }
    const details = { photo: position + 1 }
    const act: Act = { kind: 'entry.photo-removed', hand, at, about: { entry: id }, details }
    await recording(this.#db, act, (tx) => deletePhoto(tx, id, position, photos))
    await this.#wipe()
  }

  /** Throws Refusal `entry.not-found`. */
  async tighten(id: string, strictness: number, hand: Hand, at: number): Promise<void> {
    const about = { entry: id }
    const act: Act = { kind: 'entry.tightened', hand, at, about, details: { strictness } }
    await recording(this.#db, act, async (tx) => {
      const change = tx.updateTable('entries').set({ strictness }).where('id', '=', id)
      const { numUpdatedRows } = await change.executeTakeFirst()
      if (numUpdatedRows === 0n) throw entryNotFound(id)
    })
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

  /** The last of the next entries, where all of them were changed by somebody and so left out. */
  async #skipped(after: string): Promise<string | undefined> {
    const next = this.#db.selectFrom('entries').select('id').where('id', '>', after)
    const rows = await guarded(() => next.orderBy('id').limit(SLICE).execute())
    const last = rows.at(-1)?.id
    // An id that is no text is read as another, behind which it is found again.
    return last === after ? undefined : last
  }

  #filtered({ list, state, by, until }: EntryFilter) {
    return this.#select()
      .$if(list !== undefined, (all) => all.where('entries.listId', '=', list!))
      .$if(state !== undefined, (all) => all.where('entries.state', '=', state!))
      .$if(by !== undefined, (all) => all.where('entries.createdBy', '=', by!))
      .$if(until !== undefined, (all) => all.where('entries.expiresAt', '<=', until!))
      .orderBy('entries.id')
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
    if (row === undefined) throw entryNotFound(id)
    return row
  }

  #entry(row: EntryRow): Entry {
    return toEntry(this.#vault.unwrap(row.id, row.wrappedKey), row)
  }
}
