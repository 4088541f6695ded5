import { randomUUID } from 'node:crypto'
import { decodeEmbedding, type Embedding, encodeEmbedding } from '@vedette/shared/embedding'
import { Refusal } from '@vedette/shared/errors'
import { newSealKey } from '@vedette/shared/seal'
import type { Kysely, Selectable } from 'kysely'
import { sql } from 'kysely'
import { guarded } from '../database.ts'
import { EntryKey } from '../vault.ts'
import type { PastSchema } from './schema.ts'

export type PastDatabase = Kysely<PastSchema>

/** A walk that was taken for nobody. Times are epoch milliseconds by the server's clock. */
export type Kept = {
  id: string
  /** The slot that it is kept in: a camera's minute. */
  slot: string
  agent: string
  camera: string
  track: string
  space: string
  /** When the walk was first and last seen, and when its best chip was. */
  from: number
  until: number
  at: number
  receivedAt: number
  /** Of the best chip. */
  shot: number
  quality: number
  box: [number, number, number, number]
  /** Longer side of the largest face, pixels of its frame. */
  side: number
  /** See Evidence. */
  coherence: number
  chips: number
  pictured: boolean
  /** What it takes on the disk. */
  bytes: number
}

/** What is new, with what it looks like: the walk's fused probe, and the best chip where one is kept. */
export type NewKept = {
  kept: Omit<Kept, 'bytes' | 'pictured'>
  probe: Embedding
  picture: Uint8Array | null
}

/** Whose minute a slot is. */
export type Slot = { id: string; agent: string; camera: string; minute: number }

/** Sightings written at a time: no longer than a hundredth of a second. */
const SLICE = 256
/** Bytes of a sealed sighting besides what it looks like, about. */
const BODY_BYTES = 400

/** Walks that were nobody's, for as long as somebody may ask; every slot is sealed by a key of its own. */
export class SightingStore {
  readonly #db: PastDatabase
  readonly #key: EntryKey
  /** Keys of the slots that may still get something. */
  readonly #keys = new Map<string, EntryKey>()

  constructor(db: PastDatabase, key: EntryKey) {
    this.#db = db
    this.#key = key
  }

  /** Writes all of them, a slice at a time; `slots` are theirs. What is there already stays. */
  async add(all: readonly NewKept[], slots: ReadonlyMap<string, Slot>): Promise<void> {
    for (let at = 0; at < all.length; at += SLICE) {
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

  /** What is kept in one slot. Throws IntegrityFault `vault.changed`. */
  async of(slot: string): Promise<{ kept: Kept; probe: Embedding }[]> {
    const [key, rows] = await Promise.all([
      this.#keyOf(slot),
      guarded(() =>
        this.#db
          .selectFrom('sightings')
          .select(['id', 'slotId', 'body'])
          .select(sql<number | null>`length(picture)`.as('pictureBytes'))
          .where('slotId', '=', slot)
          .execute(),
      ),
    ])
    if (key === undefined) return []
    return rows.map((row) => opened(key, row))
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
    const keys = new Map<string, EntryKey>()
    for (const id of new Set(some.map(({ kept }) => kept.slot))) {
      const known = await this.#keyOf(id, tx)
      if (known !== undefined) {
        keys.set(id, known)
        continue
      }
      const { agent, camera, minute } = slots.get(id)!
      const bytes = newSealKey()
      const key = new EntryKey(bytes)
      const about = Buffer.from(JSON.stringify({ agent, camera, minute }))
      const row = { id, about: key.seal(aboutPlace(id), about) }
      const wrappedKey = this.#key.seal(keyPlace(id), bytes)
      await tx
        .insertInto('slots')
        .values({ ...row, wrappedKey })
        .execute()
      keys.set(id, key)
    }
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

  async #keyOf(slot: string, db = this.#db): Promise<EntryKey | undefined> {
    const known = this.#keys.get(slot)
    if (known !== undefined) return known
    const row = await guarded(() =>
      db.selectFrom('slots').select('wrappedKey').where('id', '=', slot).executeTakeFirst(),
    )
    return row && this.#unwrap(slot, row.wrappedKey)
  }

  #unwrap(slot: string, wrapped: Uint8Array): EntryKey {
    return new EntryKey(this.#key.open(keyPlace(slot), wrapped))
  }
}

/** What a sighting takes on the disk, nearly. */
export function bytesOf({ probe, picture }: NewKept): number {
  return BODY_BYTES + probe.byteLength + (picture?.length ?? 0)
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

type Body = Omit<Kept, 'id' | 'slot' | 'pictured' | 'bytes'>
type Sealed = Omit<Selectable<PastSchema['sightings']>, 'picture'> & { pictureBytes: number | null }

/*
 * What is sealed of a sighting:
 *
 *   Offset  Size  Field
 *   0       4     n, little-endian
 *   4       n     all of it but what it looks like, JSON
 *   4+n     4·d   the walk's fused probe, little-endian float32
 */

function sealed(key: EntryKey, { kept, probe, picture }: NewKept) {
  const { id, slot, ...body } = kept
  const text = Buffer.from(JSON.stringify(body satisfies Body))
  const size = Buffer.alloc(4)
  size.writeUInt32LE(text.length)
  const plain = Buffer.concat([size, text, encodeEmbedding(probe)])
  return {
    id,
    slotId: slot,
    body: key.seal(bodyPlace(id), plain),
    picture: picture === null ? null : key.seal(picturePlace(id), picture),
  }
}

function opened(
  key: EntryKey,
  { id, slotId, body, pictureBytes }: Sealed,
): { kept: Kept; probe: Embedding } {
  const plain = key.open(bodyPlace(id), body)
  const end = 4 + plain.readUInt32LE()
  const about = JSON.parse(plain.subarray(4, end).toString()) as Body
  const bytes = plain.subarray(end)
  return {
    kept: {
      ...{ id, slot: slotId, ...about },
      pictured: pictureBytes !== null,
      bytes: body.length + (pictureBytes ?? 0),
    },
    probe: decodeEmbedding(bytes, bytes.length / Float32Array.BYTES_PER_ELEMENT),
  }
}

const keyPlace = (id: string) => ({ table: 'slots', row: id, column: 'wrappedKey' })
const aboutPlace = (id: string) => ({ table: 'slots', row: id, column: 'about' })
const bodyPlace = (id: string) => ({ table: 'sightings', row: id, column: 'body' })
const picturePlace = (id: string) => ({ table: 'sightings', row: id, column: 'picture' })
