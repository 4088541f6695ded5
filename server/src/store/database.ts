import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { IntegrityFault } from '@vedette/shared/errors'
import { checkWhole, DURABLE, setPragmas, sqliteFault } from '@vedette/shared/sqlite'
import BetterSqlite3 from 'better-sqlite3'
import { Kysely } from 'kysely'
import { Dialect } from './dialect.ts'
import { MIGRATIONS } from './migrations.ts'
import type { Schema } from './schema.ts'

export type Database = Kysely<Schema>

/** `close` closes the file, whether anything was asked or not. */
export type OpenFile<S> = { queries: Kysely<S>; close(): void }
export type OpenDatabase = OpenFile<Schema>

/**
 * Opens (or makes) wanted.db in `file`, checks it and brings its schema up to date. Throws
 * IntegrityFault, and Unavailable `store.*` while another process holds it.
 */
export function openDatabase(file: string): OpenDatabase {
  return openFile<Schema>(file, MIGRATIONS)
}

/** The same for a database of another schema. */
export function openFile<S>(file: string, migrations: readonly string[]): OpenFile<S> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const connection = new BetterSqlite3(file)
  try {
    setPragmas(connection, DURABLE)
    checkWhole(connection, file)
    migrate(connection, file, migrations)
  } catch (error) {
    connection.close()
    throw sqliteFault(error)
  }
  const queries = new Kysely<S>({ dialect: new Dialect(connection) })
  return { queries, close: () => connection.close() }
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
