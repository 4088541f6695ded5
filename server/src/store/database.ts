import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { systemClock } from '@vedette/shared/clock'
import { IntegrityFault } from '@vedette/shared/errors'
import { checkWhole, DURABLE, setPragmas, sqliteFault } from '@vedette/shared/sqlite'
import BetterSqlite3 from 'better-sqlite3'
import { Kysely } from 'kysely'
import { Dialect, type Writing } from './dialect.ts'
import { MIGRATIONS } from './migrations.ts'
import type { Schema } from './schema.ts'

export type Database = Kysely<Schema>

/** `close` closes the file, whether anything was asked or not. */
export type OpenFile<S> = { queries: Kysely<S>; close(): void }
export type OpenDatabase = OpenFile<Schema>

/** How long a write waits for another process that writes, milliseconds. */
const PATIENCE_MS = 2000

/**
 * Opens (or makes) wanted.db in `file`, checks it and brings its schema up to date. Throws
 * IntegrityFault, and Unavailable `store.*` while another process holds it.
 */
export function openDatabase(file: string, writing: Partial<Writing> = {}): OpenDatabase {
  return openFile<Schema>(file, MIGRATIONS, writing)
}

/** The same for a database of another schema. */
export function openFile<S>(
  file: string,
  migrations: readonly string[],
  { clock = systemClock, patience = PATIENCE_MS, onWrite }: Partial<Writing> = {},
): OpenFile<S> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const opened: BetterSqlite3.Database[] = []
  const connect = () => {
    const connection = new BetterSqlite3(file)
    opened.unshift(connection)
    setPragmas(connection, DURABLE)
    return connection
  }
  const close = () => {
    for (const connection of opened) connection.close()
  }
  try {
    const writer = connect()
    checkWhole(writer, file)
    migrate(writer, file, migrations)
    writer.pragma('busy_timeout = 0')
    const reader = connect()
    reader.pragma('query_only = ON')
    const dialect = new Dialect({ writer, reader }, { clock, patience, onWrite })
    return { queries: new Kysely<S>({ dialect }), close }
  } catch (error) {
    close()
    throw sqliteFault(error)
  }
}

function migrate(
  connection: BetterSqlite3.Database,
  file: string,
  migrations: readonly string[],
): void {
  const made = connection.pragma('user_version', { simple: true }) as number
  if (made > migrations.length) {
    throw new IntegrityFault('store.newer-schema', `${file} was written by a newer Vedette`, {
      hint: 'install the version that wrote it, or restore an older backup',
    })
  }
  for (let step = made; step < migrations.length; step++) {
    connection.transaction(() => {
      connection.exec(migrations[step]!)
      connection.pragma(`user_version = ${step + 1}`)
    })()
  }
}

/** Runs a query and turns SQLite's own errors into Unavailable or IntegrityFault `store.*`. */
export async function guarded<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query()
  } catch (error) {
    throw sqliteFault(error)
  }
}
