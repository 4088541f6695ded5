import { DURABLE, setPragmas } from '@vedette/shared/sqlite'
import BetterSqlite3 from 'better-sqlite3'
import type { KeyRing } from '../vault/key-ring.ts'
import { keySql, type SealedTable, sealedTable } from './protected.ts'
import type { Damage } from './seal-check.ts'
import { isSame, SealMac } from './seal-mac.ts'
import { farPlace, type SpaceTemplate, templatePlace } from './templates.ts'
import { type EntryKey, Vault } from './vault.ts'

/** What the rows of a list are read from; their sums tell whether anything was written since. */
const TABLES = ['entries', 'photos', 'templates'] as const

/** Everything that could be matched in the active space when it was read, in few large pieces. */
export type ListReading = {
  space: string
  /** The sealed sums of what was read, hexadecimal. */
  state: string
  /** Components of a template. */
  length: number
  templates: string[]
  /** Of each template, which of `entries`. */
  owners: Int32Array
  entries: string[]
  lists: string[]
  /** Of each entry, epoch milliseconds. */
  expiresAt: Float64Array
  /** One behind the other. */
  vectors: Float32Array
  /** Which template of `templates` was also seen from afar, and how that looks. */
  farOf: Int32Array
  far: Float32Array
  damages: Damage[]
}

export type ReadingOptions = { file: string; key: Uint8Array; ring: KeyRing }

type Raw = unknown[]
type Owner = { index: number; key: EntryKey }

/**
 * Reads the list at one moment, on a connection of its own, and asks of every row whether it is as it
 * was written: those that are not are left out and named. Undefined where no space is active. Throws
 * IntegrityFault `vault.*`.
 */
export function readList({ file, key, ring }: ReadingOptions): ListReading | undefined {
  const connection = new BetterSqlite3(file, { fileMustExist: true })
  try {
    setPragmas(connection, DURABLE)
    connection.pragma('query_only = ON')
    const reader = new ListReader(connection, Buffer.from(key), new Vault(ring))
    return connection.transaction(() => reader.read())()
  } finally {
    connection.close()
  }
}

/** What the rows of a list are now: as long as this is the same, so are they. */
export function stateOf(connection: BetterSqlite3.Database): string {
  const names = TABLES.map((name) => `'${name}'`).join(', ')
  const sums = connection.prepare<[], string>(
    `SELECT hex(sum) FROM sealSums WHERE tbl IN (${names}) ORDER BY tbl`,
  )
  return sums.pluck().all().join()
}

/** The templates of a reading that may match at that time; they share its memory. */
export function* templatesOf(reading: ListReading, liveAt: number): Generator<SpaceTemplate> {
  const { space, length, templates, owners, entries, lists, expiresAt, vectors } = reading
  const far = new Map([...reading.farOf].map((of, i) => [of, i]))
  const at = (from: Float32Array, i: number) => from.subarray(i * length, (i + 1) * length)
  for (const [i, id] of templates.entries()) {
    const of = owners[i]!
    if (expiresAt[of]! <= liveAt) continue
    const seen = far.get(i)
    yield {
      ...{ id, entryId: entries[of]!, list: lists[of]!, expiresAt: expiresAt[of]!, space },
      vector: at(vectors, i),
      far: seen === undefined ? undefined : at(reading.far, seen),
    }
  }
}

class ListReader {
  readonly #connection: BetterSqlite3.Database
  readonly #mac: SealMac
  readonly #vault: Vault
  readonly #damages: Damage[] = []

  constructor(connection: BetterSqlite3.Database, key: Buffer, vault: Vault) {
    this.#connection = connection
    this.#mac = new SealMac(key)
    this.#vault = vault
  }

  read(): ListReading | undefined {
    const db = this.#connection
    const space = db
      .prepare<[], string>("SELECT id FROM spaces WHERE role = 'active'")
      .pluck()
      .get()
    if (space === undefined) return undefined
    const waiting = new Set(
      db.prepare<[], string>("SELECT id FROM photos WHERE state != 'live'").pluck().all(),
    )
    const entries: string[] = []
    const lists: string[] = []
    const expiries: number[] = []
    const owners = new Map<string, Owner>()
    for (const [id, list, wrapped, expiresAt] of this.#whole(
      ['id', 'listId', 'wrappedKey', 'expiresAt'],
      { table: 'entries', of: "t.state = 'live'" },
    )) {
      const key = this.#vault.unwrap(String(id), wrapped as Uint8Array)
      owners.set(String(id), { index: entries.length, key })
      entries.push(String(id))
      lists.push(String(list))
      expiries.push(Number(expiresAt))
    }
    const templates: string[] = []
    const ownerOf: number[] = []
    const vectors = new Floats()
    const farOf: number[] = []
    const far = new Floats()
    for (const [id, entryId, photoId, vector, afar] of this.#whole(
      ['id', 'entryId', 'photoId', 'vector', 'far'],
      { table: 'templates', of: 't.space = ?' },
      space,
    )) {
      const owner = owners.get(String(entryId))
      if (owner === undefined || waiting.has(String(photoId))) continue
      vectors.add(owner.key.open(templatePlace(String(id)), vector as Uint8Array))
      if (afar !== null) {
        farOf.push(templates.length)
        far.add(owner.key.open(farPlace(String(id)), afar as Uint8Array))
      }
      templates.push(String(id))
      ownerOf.push(owner.index)
    }
    return {
      ...{ space, state: stateOf(db), length: vectors.length, templates, entries, lists },
      ...{ owners: Int32Array.from(ownerOf), expiresAt: Float64Array.from(expiries) },
      ...{ vectors: vectors.all, farOf: Int32Array.from(farOf), far: far.all },
      damages: this.#damages,
    }
  }

  /** `wanted` columns of the rows of `table` that are as they were written. */
  *#whole(
    wanted: readonly string[],
    { table: name, of }: { table: string; of: string },
    ...values: unknown[]
  ): Generator<Raw> {
    const table = sealedTable(this.#connection, name)
    const places = wanted.map((column) => table.columns.indexOf(column))
    const list = table.columns.map((column) => `t."${column}"`).join(', ')
    const key = keySql(table, 't')
    const rows = this.#connection
      .prepare<unknown[], Raw>(
        `SELECT ${list}, ${key}, s.version, s.mac FROM ${name} t
          LEFT JOIN seals s ON s.tbl = '${name}' AND s.row = ${key} WHERE ${of} ORDER BY t.rowid`,
      )
      .raw()
    for (const row of rows.iterate(...values)) {
      if (this.#isWhole(table, row)) yield places.map((place) => row[place])
    }
  }

  #isWhole(table: SealedTable, row: Raw): boolean {
    const [key, version, mac] = row.splice(table.columns.length) as [string, number, Uint8Array]
    const sealed = mac !== null
    if (sealed && isSame(this.#mac.row(table, version, row), mac)) return true
    this.#damages.push({ table: table.name, row: key, what: sealed ? 'changed' : 'unsealed' })
    return false
  }
}

/** Vectors of one length, one behind the other. */
class Floats {
  #all = new Float32Array(1024)
  #used = 0
  /** Components of each. */
  length = 0

  add(bytes: Uint8Array): void {
    this.length = bytes.length / 4
    while (this.#used + this.length > this.#all.length) {
      const larger = new Float32Array(this.#all.length * 2)
      larger.set(this.#all)
      this.#all = larger
    }
    const room = new Uint8Array(this.#all.buffer, this.#used * 4, bytes.length)
    room.set(bytes)
    bytes.fill(0)
    this.#used += this.length
  }

  get all(): Float32Array<ArrayBuffer> {
    return this.#all.slice(0, this.#used)
  }
}
