import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { IntegrityFault, Unavailable } from '@vedette/shared/errors'
import { SEAL_BYTES, seal, unseal } from '@vedette/shared/seal'
import { checkWhole, DURABLE, type Pragmas, setPragmas, sqliteFault } from '@vedette/shared/sqlite'
import BetterSqlite3 from 'better-sqlite3'

/** Why something was dropped. */
export const DROP_REASONS = ['size', 'age', 'damaged'] as const
export type DropReason = (typeof DROP_REASONS)[number]

/** What an outbox knows of itself besides what waits in it. */
export type OutboxState = {
  /** Whom the numbers belong to. */
  stream: string
  /** No number above this was ever given out. */
  reserved: number
  /** Dropped at the end of the row, with nothing behind them yet that could tell of it. */
  untold: number
  dropped: Record<DropReason, number>
}

/** One that waits, without what it says. */
export type Stored = { seq: number; at: number; lost: number; bytes: number }
export type Unsaved = { seq: number; at: number; lost: number; body: Uint8Array }
export type Changes = {
  put: readonly Unsaved[]
  gone: readonly number[]
  lost: ReadonlyMap<number, number>
  state: OutboxState
}

const VERSION = 1
const SCHEMA = `
  CREATE TABLE items (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, lost INTEGER NOT NULL, body BLOB NOT NULL
  ) STRICT;
  CREATE TABLE state (
    one INTEGER PRIMARY KEY CHECK (one = 1), stream TEXT NOT NULL,
    reserved INTEGER NOT NULL, untold INTEGER NOT NULL,
    size INTEGER NOT NULL, age INTEGER NOT NULL, damaged INTEGER NOT NULL
  ) STRICT;
`
/** Two agents on one outbox would give out the same numbers. */
const ALONE: Pragmas = { locking_mode: ['EXCLUSIVE', 'exclusive'] }
/** Taken by a file in which there is nothing yet. */
const NEW: Pragmas = { auto_vacuum: ['INCREMENTAL', 2] }
const SMALL: Pragmas = { journal_size_limit: ['4000000', 4_000_000] }

const PAGE = 4096
/** Of a page in a chain, this much is content. */
const PAGE_CONTENT = PAGE - 4
/** Free pages beyond which an emptied file gives its room back. */
const MOST_FREE_PAGES = 256

/** Room that a body takes in the file, bytes. */
export function roomFor(body: number): number {
  return (Math.ceil((body + SEAL_BYTES) / PAGE_CONTENT) + 0.25) * PAGE
}

/**
 * What waits, on disk: every body sealed for its stream and number. What `write` has returned from
 * survives a power cut.
 */
export class OutboxFile {
  readonly #db: BetterSqlite3.Database
  readonly #key: Buffer
  readonly #write: BetterSqlite3.Transaction<(changes: Changes) => void>
  readonly #body: BetterSqlite3.Statement<[number], Buffer>
  #stream = ''

  /**
   * Opens or makes the file in `folder`. Throws Unavailable `store.*` while another process has it,
   * and IntegrityFault `store.*`.
   */
  static open(folder: string, key: Buffer): OutboxFile {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    chmodSync(folder, 0o700)
    const file = join(folder, 'outbox.db')
    let db: BetterSqlite3.Database | undefined
    try {
      db = new BetterSqlite3(file, { timeout: 50 })
      chmodSync(file, 0o600)
      setPragmas(db, ALONE)
      if (db.pragma('page_count', { simple: true }) === 0) setPragmas(db, NEW)
      setPragmas(db, { ...DURABLE, ...SMALL })
      checkWhole(db, file)
      prepare(db, file)
      return new OutboxFile(db, key)
    } catch (error) {
      db?.close()
      throw faultOf(error, folder)
    }
  }

  /** Removes the file from `folder`, whatever is in it. */
  static remove(folder: string): void {
    for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `outbox.db${end}`), { force: true })
  }

  private constructor(db: BetterSqlite3.Database, key: Buffer) {
    this.#db = db
    this.#key = key
    const put = db.prepare('INSERT INTO items (seq, at, lost, body) VALUES (?, ?, ?, ?)')
    const remove = db.prepare('DELETE FROM items WHERE seq = ?')
    const mark = db.prepare('UPDATE items SET lost = ? WHERE seq = ?')
    const keep = db.prepare(
      'REPLACE INTO state VALUES (1, @stream, @reserved, @untold, @size, @age, @damaged)',
    )
    this.#body = db.prepare<[number], Buffer>('SELECT body FROM items WHERE seq = ?').pluck()
    this.#write = db.transaction(({ put: added, gone, lost, state }: Changes) => {
      for (const seq of gone) remove.run(seq)
      for (const { seq, at, lost: before, body } of added) {
        put.run(seq, at, before, seal(key, [state.stream, seq], body))
      }
      for (const [seq, before] of lost) mark.run(before, seq)
      const { dropped, ...rest } = state
      keep.run({ ...rest, ...dropped })
    })
  }

  /** Undefined in a new file. */
  state(): OutboxState | undefined {
    const row = this.#db.prepare('SELECT * FROM state').get() as
      | (Omit<OutboxState, 'dropped'> & Record<DropReason, number>)
      | undefined
    if (row === undefined) return undefined
    const { stream, reserved, untold, size, age, damaged } = row
    this.#stream = stream
    return { stream, reserved, untold, dropped: { size, age, damaged } }
  }

  /** All that wait, oldest first. */
  stored(): Stored[] {
    const rows = this.#db.prepare(
      'SELECT seq, at, lost, length(body) bytes FROM items ORDER BY seq',
    )
    return rows.all() as Stored[]
  }

  /** What number `seq` says; undefined where it is not there, or not what was written. */
  body(seq: number): Uint8Array | undefined {
    const sealed = this.#body.get(seq)
    try {
      return sealed && unseal(this.#key, [this.#stream, seq], sealed)
    } catch {
      return undefined
    }
  }

  /** Makes changes, all or none. Throws Unavailable `store.*`: then the same may be tried again. */
  write(changes: Changes): void {
    try {
      this.#write(changes)
      this.#stream = changes.state.stream
    } catch (error) {
      throw sqliteFault(error)
    }
  }

  /** Gives room back to the disk when much is free: for when nothing waits any more. */
  shrink(): void {
    try {
      const free = this.#db.pragma('freelist_count', { simple: true }) as number
      if (free <= MOST_FREE_PAGES) return
      this.#db.pragma('incremental_vacuum')
      this.#db.pragma('wal_checkpoint(TRUNCATE)')
    } catch (error) {
      throw sqliteFault(error)
    }
  }

  close(): void {
    this.#db.close()
  }
}

function prepare(db: BetterSqlite3.Database, file: string): void {
  const made = db.pragma('user_version', { simple: true }) as number
  if (made > VERSION) {
    throw new IntegrityFault('store.newer-schema', `${file} was written by a newer Vedette`, {
      hint: 'install the version that wrote it, or remove the file: what waits in it is then lost',
    })
  }
  if (made === VERSION) return
  db.transaction(() => {
    db.exec(SCHEMA)
    db.pragma(`user_version = ${VERSION}`)
  })()
}

function faultOf(error: unknown, folder: string): unknown {
  const fault = sqliteFault(error)
  if (!(fault instanceof Unavailable) || fault.code !== 'store.busy') return fault
  return new Unavailable('store.busy', `the outbox in ${folder} is in use`, {
    cause: error,
    hint: 'another vedette-agent runs with this state folder: stop it, or give each its own',
  })
}
