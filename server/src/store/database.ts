import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { checkWhole, DURABLE, setPragmas, sqliteFault } from '@vedette/shared/sqlite'
import BetterSqlite3 from 'better-sqlite3'
import { Kysely } from 'kysely'
import { Dialect } from './dialect.ts'
import { madeOf, migrate, migrateSealed } from './migrating.ts'
import { PROTECTED } from './protected.ts'
import type { Schema } from './schema.ts'
import { SealedReads } from './sealed-reads.ts'
import { Seals } from './seals.ts'
import type { Vault } from './vault.ts'
import { matchKeys } from './vault-keys.ts'

export type Database = Kysely<Schema>

/** `close` closes the file, whether anything was asked or not. */
export type OpenFile<S> = {
  queries: Kysely<S>
  connection: BetterSqlite3.Database
  close(): void
}
export type OpenDatabase = OpenFile<Schema> & { seals: Seals }

export type OpenOptions = { vault: Vault; now?: number }

/**
 * Opens (or makes) wanted.db in `file`, checks it, brings its schema up to date, and seals what is
 * written from then on. Throws IntegrityFault, and Unavailable `store.*` while another process holds
 * it.
 */
export function openDatabase(file: string, { vault, now = Date.now() }: OpenOptions): OpenDatabase {
  return opened(file, (connection) => {
    const damages = migrateSealed(connection, file, { vault, now })
    const seals = new Seals(connection, matchKeys(connection, vault, now))
    for (const damage of damages) seals.tell(damage)
    seals.arm()
    const plugins = [new SealedReads(seals, PROTECTED)]
    const queries = new Kysely<Schema>({ dialect: new Dialect(connection), plugins })
    return { queries, seals, connection, close: () => connection.close() }
  })
}

/** Opens a database of another schema, whose rows are not sealed. Throws as `openDatabase`. */
export function openFile<S>(file: string, migrations: readonly string[]): OpenFile<S> {
  return opened(file, (connection) => {
    if (madeOf(connection, file, migrations) < migrations.length) {
      connection.transaction(() => migrate(connection, file, migrations))()
    }
    const queries = new Kysely<S>({ dialect: new Dialect(connection) })
    return { queries, connection, close: () => connection.close() }
  })
}

function opened<T>(file: string, prepare: (connection: BetterSqlite3.Database) => T): T {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const connection = new BetterSqlite3(file)
  try {
    setPragmas(connection, DURABLE)
    checkWhole(connection, file)
    return prepare(connection)
  } catch (error) {
    connection.close()
    throw sqliteFault(error)
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
