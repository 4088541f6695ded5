import type { Embedding } from '@vedette/shared/embedding'
import { v7 as newId } from 'uuid'
import type { Hand } from '../hand.ts'
import { type Act, recording } from './audit.ts'
import { type Database, guarded } from './database.ts'
import type { EntryStore } from './entries.ts'
import { photoPlace } from './photos.ts'
import { addTemplate } from './templates.ts'

/** The space that probes are searched in, one that is being tried beside it, or one to go back to. */
export type SpaceRole = 'active' | 'candidate' | 'kept'

/** What came of a question in the active space and in a candidate. */
export type Outcome = 'same' | 'onlyOld' | 'onlyNew' | 'different' | 'neither' | 'unseen'

export type SpaceRecord = {
  id: string
  role: SpaceRole
  since: number
  compared: Record<Outcome, number>
}

export type SpaceFailure = { entryId: string; photo: number; code: string }
export type SpaceProgress = {
  photos: number
  done: number
  failed: SpaceFailure[]
  /** Entries with photographs, but without any template: nobody would be found by this space. */
  missing: string[]
}

/** A photograph that has no template in a space: its template now, or why there is none. */
export type Embedded = { photoId: string } & (
  | { vector: Embedding; far: Embedding | undefined }
  | { code: string }
)

/** Embedding spaces: which there are, and which photographs are embedded in them. */
export class SpaceStore {
  readonly #db: Database
  readonly #entries: EntryStore

  constructor(db: Database, entries: EntryStore) {
    this.#db = db
    this.#entries = entries
  }

  /** Every space, the active one first; `first` is it where there is none yet. */
  async open(first: string, now: number): Promise<SpaceRecord[]> {
    const known = await this.all()
    if (known.some(({ role }) => role === 'active')) return known
    await guarded(() => insert(this.#db, first, 'active', now))
    return this.all()
  }

  async all(): Promise<SpaceRecord[]> {
    const query = this.#db.selectFrom('spaces').selectAll().orderBy('role').orderBy('id')
    const rows = await guarded(() => query.execute())
    return rows.map(({ id, role, since, ...compared }) => ({
      id,
      role: role as SpaceRole,
      since,
      compared,
    }))
  }

  /** Tries `id` beside the active space, where it is not there yet. */
  async begin(id: string, now: number, hand: Hand): Promise<void> {
    if ((await this.all()).some((space) => space.id === id)) return
    const act = modelAct(id, hand, now, 'begun')
    await recording(this.#db, act, (tx) => insert(tx, id, 'candidate', now))
  }

  /** Makes `id` the active space and keeps the one before: both or neither. */
  async activate(id: string, now: number, hand: Hand): Promise<void> {
    await recording(this.#db, modelAct(id, hand, now, 'active'), async (tx) => {
      const kept = { role: 'kept', since: now }
      await tx.updateTable('spaces').set(kept).where('role', '=', 'active').execute()
      const active = { role: 'active', since: now }
      await tx.updateTable('spaces').set(active).where('id', '=', id).execute()
    })
  }

  /** One more question was compared in the active space and in `id`. */
  async count(id: string, outcome: Outcome): Promise<void> {
    await guarded(() =>
      this.#db
        .updateTable('spaces')
        .set((eb) => ({ [outcome]: eb(outcome, '+', 1) }))
        .where('id', '=', id)
        .execute(),
    )
  }

  /** An entry with photographs that were not tried in `space` yet, and those photographs. */
  async pending(space: string): Promise<{ entryId: string; photoIds: string[] } | undefined> {
    const [first] = await guarded(() => this.#untried(space).limit(1).execute())
    if (first === undefined) return undefined
    const { entryId } = first
    const query = this.#untried(space).where('photos.entryId', '=', entryId)
    const rows = await guarded(() => query.execute())
    return { entryId, photoIds: rows.map(({ id }) => id) }
  }

  /** Photograph `id` as it is kept, JPEG; undefined when its entry is gone. */
  async photo(id: string): Promise<Buffer | undefined> {
    const row = await guarded(() =>
      this.#db
        .selectFrom('photos')
        .select(['entryId', 'image'])
        .where('id', '=', id)
        .executeTakeFirst(),
    )
    if (row === undefined) return undefined
    return (await this.#entries.key(row.entryId)).open(photoPlace(id), row.image)
  }

  /** Stores what came of an entry's photographs in `space`. Throws Refusal `entry.not-found`. */
  async embedded(space: string, entryId: string, results: readonly Embedded[]): Promise<void> {
    await guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        const key = await this.#entries.key(entryId, tx)
        for (const { photoId, ...result } of results) {
          if ('code' in result) {
            const failure = { photoId, space, code: result.code }
            await tx.insertInto('spaceFailures').values(failure).execute()
            continue
          }
          await addTemplate(tx, key, { id: newId(), entryId, photoId, space, ...result })
        }
      }),
    )
  }

  /** How many photographs are embedded in `space`, and which could not be. */
  async progress(space: string): Promise<SpaceProgress> {
    const { photos } = await guarded(() =>
      this.#db
        .selectFrom('photos')
        .select((eb) => eb.fn.countAll<number>().as('photos'))
        .executeTakeFirstOrThrow(),
    )
    const untried = await guarded(() => this.#untried(space).execute())
    const failed = await guarded(() =>
      this.#db
        .selectFrom('spaceFailures')
        .innerJoin('photos', 'photos.id', 'spaceFailures.photoId')
        .select(['photos.entryId', 'photos.position', 'spaceFailures.code'])
        .where('spaceFailures.space', '=', space)
        .orderBy('photos.id')
        .execute(),
    )
    const missing = await guarded(() =>
      this.#db
        .selectFrom('entries')
        .select('entries.id')
        .where((eb) =>
          eb.not(
            eb.exists(
              eb
                .selectFrom('templates')
                .select('templates.id')
                .whereRef('templates.entryId', '=', 'entries.id')
                .where('templates.space', '=', space),
            ),
          ),
        )
        .orderBy('entries.id')
        .execute(),
    )
    return {
      photos,
      done: photos - untried.length,
      failed: failed.map(({ entryId, position, code }) => ({ entryId, photo: position + 1, code })),
      missing: missing.map(({ id }) => id),
    }
  }

  #untried(space: string) {
    return this.#db
      .selectFrom('photos')
      .select(['photos.id', 'photos.entryId'])
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('templates')
              .select('templates.id')
              .whereRef('templates.photoId', '=', 'photos.id')
              .where('templates.space', '=', space),
          ),
        ),
      )
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('spaceFailures')
              .select('spaceFailures.photoId')
              .whereRef('spaceFailures.photoId', '=', 'photos.id')
              .where('spaceFailures.space', '=', space),
          ),
        ),
      )
      .orderBy('photos.id')
  }
}

async function insert(db: Database, id: string, role: SpaceRole, since: number): Promise<void> {
  await db.insertInto('spaces').values({ id, role, since }).execute()
}

function modelAct(id: string, hand: Hand, at: number, role: 'begun' | 'active'): Act {
  return { kind: 'model.changed', hand, at, about: { model: id }, details: { role } }
}
