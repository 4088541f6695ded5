import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { IntegrityFault, Unavailable } from '@vedette/shared/errors'
import BetterSqlite3 from 'better-sqlite3'
import { Kysely } from 'kysely'
import { Dialect } from './dialect.ts'
import { MIGRATIONS } from './migrations.ts'
import type { Schema } from './schema.ts'

export type Database = Kysely<Schema>

/**
 * What every open sets and reads back. synchronous is 2 (FULL) on purpose each time: reopening a
 * WAL database leaves it at 1 (NORMAL), and a power cut then takes acknowledged commits with it.
 */
const PRAGMAS = {
  // First, as the others may have to wait; longer would stop everything else this process does.
  busy_timeout: ['50', 50],
  journal_mode: ['WAL', 'wal'],
  synchronous: ['FULL', 2],
  foreign_keys: ['ON', 1],
  trusted_schema: ['OFF', 0],
  cell_size_check: ['ON', 1],
  secure_delete: ['ON', 1],
} as const

/** `close` closes the file, whether anything was asked or not. */
export type OpenDatabase = { queries: Database; close(): void }

/**
 * Opens (or makes) `file`, checks it and brings its schema up to date. Throws IntegrityFault, and
 * Unavailable `store.*` while another process holds it.
 */
export function openDatabase(file: string): OpenDatabase {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const connection = new BetterSqlite3(file)
  try {
    for (const [pragma, [value, expected]] of Object.entries(PRAGMAS)) {
      connection.pragma(`${pragma} = ${value}`)
      const found = connection.pragma(pragma, { simple: true })
      if (found !== expected) {
        throw new IntegrityFault('store.pragma', `${pragma} is ${found}, ${expected} wanted`)
      }
    }
    const verdict = connection.pragma('quick_check(1)', { simple: true })
    if (verdict !== 'ok') throw new IntegrityFault('store.damaged', `${file}: ${verdict}`)
    migrate(connection, file)
  } catch (error) {
    connection.close()
    throw faultOf(error)
  }
  const queries = new Kysely<Schema>({ dialect: new Dialect(connection) })
  return { queries, close: () => connection.close() }
}

function migrate(connection: BetterSqlite3.Database, file: string): void {
  const made = connection.pragma('user_version', { simple: true }) as number
  if (made > MIGRATIONS.length) {
    throw new IntegrityFault('store.newer-schema', `${file} was written by a newer Vedette`, {
      hint: 'install the version that wrote it, or restore an older backup',
    })
  }
  for (let step = made; step < MIGRATIONS.length; step++) {
    connection.transaction(() => {
      connection.exec(MIGRATIONS[step]!)
      connection.pragma(`user_version = ${step + 1}`)
    })()
  }
}

const DAMAGE = /^SQLITE_(CORRUPT|NOTADB)/
const CODES = {
  SQLITE_FULL: 'store.full',
  SQLITE_BUSY: 'store.busy',
} as const

/** Runs a query and turns SQLite's own errors into Unavailable or IntegrityFault `store.*`. */
export async function guarded<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query()
  } catch (error) {
    throw faultOf(error)
  }
}

function faultOf(error: unknown): unknown {
  if (!(error instanceof BetterSqlite3.SqliteError)) return error
  const message = `the database says ${error.code}: ${error.message}`
  if (DAMAGE.test(error.code)) {
    return new IntegrityFault('store.damaged', message, { cause: error, hint: 'restore a backup' })
  }
  const known = Object.entries(CODES).find(([code]) => error.code.startsWith(code))
  const code = known?.[1] ?? 'store.failed'
  return new Unavailable(code, message, {
    cause: error,
    ...(code === 'store.full' && { hint: 'free some space on the disk of the database' }),
  })
}
