import { randomUUID } from 'node:crypto'
import type { Embedding } from '@vedette/shared/embedding'
import { IntegrityFault, Refusal } from '@vedette/shared/errors'
import { newSealKey } from '@vedette/shared/seal'
import { type Kysely, sql } from 'kysely'
import { guarded } from '../database.ts'
import { EntryKey } from '../vault.ts'
import { type Kept, type NewKept, opened, picturePlace, sealed } from './kept.ts'
import type { PastSchema } from './schema.ts'

export { bytesOf, type Kept, type NewKept } from './kept.ts'

export type PastDatabase = Kysely<PastSchema>

/** Whose minute a slot is. */
export type Slot = { id: string; agent: string; camera: string; minute: number }

/** Sightings written at a time: no longer than a hundredth of a second. */
const SLICE = 64

/** Walks that were nobody's, for as long as somebody may ask; every slot is sealed by a key of its own. */
export class SightingStore {
  readonly #db: PastDatabase
  readonly #key: EntryKey
  readonly #ask: () => void
  /** Keys of the slots that may still get something. */
  readonly #keys = new Map<string, EntryKey>()

  /** `ask` throws where there is no room for more. */
  constructor(db: PastDatabase, key: EntryKey, ask: () => void) {
    this.#db = db
    this.#key = key
    this.#ask = ask
  }

  /** Writes all of them, a slice at a time; `slots` are theirs. What is there already stays. Throws Unavailable `store.*`. */
  async add(all: readonly NewKept[], slots: ReadonlyMap<string, Slot>): Promise<void> {
    for (let at = 0; at < all.length; at += SLICE) {
      this.#ask()
      const some = all.slice(at, at + SLICE)
      await guarded(() => this.#db.transaction().execute((tx) => this.#add(tx, some, slots)))
      await new Promise(setImmediate)
    }
  }

  /** Every slot that can be opened, and how many cannot. */
  async slots(): Promise<{ slots: Slot[]; unreadable: string[] }> {
    const rows = await guarded(() => this.#db.selectFrom('slots').selectAll().execute())
    const slots: Slot[] = []
    const unreadable: string[] = []
    for (const [i, { id, about, wrappedKey }] of rows.entries()) {
      try {
        const key = this.#unwrap(id, wrappedKey)
        const { agent, camera, minute } = JSON.parse(
          key.open(aboutPlace(id), about).toString(),
        ) as Slot
        slots.push({ id, agent, camera, minute })
      } catch {
        unreadable.push(id)
      }
      if (i % SLICE === 0) await new Promise(setImmediate)
    }
    return { slots, unreadable }
  }

  /** What is kept in `slots`, and how many that cannot be opened. */
  async of(
    slots: readonly string[],
  ): Promise<{ opened: { kept: Kept; probe: Embedding }[]; unreadable: number }> {
    const keys = await this.#keysOf(slots)
    const rows = await guarded(() =>
      this.#db
        .selectFrom('sightings')
        .select(['id', 'slotId', 'body'])
        .select(sql<number | null>`length(picture)`.as('pictureBytes'))
        .where('slotId', 'in', slots)
        .execute(),
    )
    const all = []
    let unreadable = 0
    for (const row of rows) {
      try {
        all.push(opened(keys.get(row.slotId)!, row))
      } catch (error) {
        if (!(error instanceof IntegrityFault)) throw error
        unreadable++
      }
    }
    return { opened: all, unreadable }
  }

  /** Throws Refusal `sighting.not-found`. */
  async get(id: string): Promise<{ kept: Kept; probe: Embedding; picture: Buffer | null }> {
    const row = await guarded(() =>
      this.#db.selectFrom('sightings').selectAll().where('id', '=', id).executeTakeFirst(),
    )
    const key = row && (await this.#keyOf(row.slotId))
    if (row === undefined || key === undefined) throw unknownSighting(id)
    const picture = row.picture === null ? null : key.open(picturePlace(id), row.picture)
    return { ...opened(key, { ...row, pictureBytes: row.picture?.length ?? null }), picture }
  }

  /** Destroys slots with their keys and all that is in them. */
  async destroy(slots: readonly string[]): Promise<void> {
    for (const id of slots) this.#keys.delete(id)
    await this.#inSlices(slots, async (tx, some) => {
      await tx.deleteFrom('slots').where('id', 'in', some).execute()
    })
  }

  /** Removes sightings; what else is in their slots stays. */
  async remove(ids: readonly string[]): Promise<void> {
    await this.#inSlices(ids, async (tx, some) => {
      await tx.deleteFrom('sightings').where('id', 'in', some).execute()
    })
  }

  /** Until then what was deleted is still in the database's log. */
  async wipe(): Promise<void> {
    await guarded(() => sql`PRAGMA wal_checkpoint(TRUNCATE)`.execute(this.#db))
  }

  async count(): Promise<number> {
    const { count } = await guarded(() =>
      this.#db
        .selectFrom('sightings')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow(),
    )
    return count
  }

  /** Forgets keys of slots that get nothing more. */
  close(slots: readonly string[]): void {
    for (const id of slots) this.#keys.delete(id)
  }

  async #add(
    tx: PastDatabase,
    some: readonly NewKept[],
    slots: ReadonlyMap<string, Slot>,
  ): Promise<void> {
    const keys = await this.#keysOf([...new Set(some.map(({ kept }) => kept.slot))], tx)
    const made = [...new Set(some.map(({ kept }) => kept.slot))]
      .filter((id) => !keys.has(id))
      .map((id) => {
        const { agent, camera, minute } = slots.get(id)!
        const bytes = newSealKey()
        const key = new EntryKey(bytes)
        keys.set(id, key)
        const about = Buffer.from(JSON.stringify({ agent, camera, minute }))
        const wrappedKey = this.#key.seal(keyPlace(id), bytes)
        return { id, about: key.seal(aboutPlace(id), about), wrappedKey }
      })
    if (made.length > 0) await tx.insertInto('slots').values(made).execute()
    await tx
      .insertInto('sightings')
      .values(some.map((one) => sealed(keys.get(one.kept.slot)!, one)))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    for (const [id, key] of keys) this.#keys.set(id, key)
  }

  async #inSlices(
    ids: readonly string[],
    work: (tx: PastDatabase, some: readonly string[]) => Promise<void>,
  ): Promise<void> {
    for (let at = 0; at < ids.length; at += SLICE) {
      const some = ids.slice(at, at + SLICE)
      await guarded(() => this.#db.transaction().execute((tx) => work(tx, some)))
      await new Promise(setImmediate)
    }
  }

  async #keyOf(slot: string): Promise<EntryKey | undefined> {
    return (await this.#keysOf([slot])).get(slot)
  }

  /** Keys of those of `slots` that are there. */
  async #keysOf(slots: readonly string[], db = this.#db): Promise<Map<string, EntryKey>> {
    const keys = new Map<string, EntryKey>()
    const others: string[] = []
    for (const slot of slots) {
      const known = this.#keys.get(slot)
      if (known === undefined) others.push(slot)
      else keys.set(slot, known)
    }
    if (others.length === 0) return keys
    const rows = await guarded(() =>
      db.selectFrom('slots').select(['id', 'wrappedKey']).where('id', 'in', others).execute(),
    )
    for (const { id, wrappedKey } of rows) keys.set(id, this.#unwrap(id, wrappedKey))
    return keys
  }

  #unwrap(slot: string, wrapped: Uint8Array): EntryKey {
    return new EntryKey(this.#key.open(keyPlace(slot), wrapped))
  }
}

/** A new id that tells of no time. */
export function newKeptId(): string {
  return randomUUID()
}

export function unknownSighting(id: string): Refusal {
  return new Refusal('sighting.not-found', `no sighting ${id} is kept`, {
    hint: 'it may be past its time; see: vedette search',
  })
}

const keyPlace = (id: string) => ({ table: 'slots', row: id, column: 'wrappedKey' })
const aboutPlace = (id: string) => ({ table: 'slots', row: id, column: 'about' })
