import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { systemClock } from '@vedette/shared/clock'
import { checkWhole, DURABLE, setPragmas, sqliteFault } from '@vedette/shared/sqlite'
import BetterSqlite3 from 'better-sqlite3'
import { Kysely, type KyselyPlugin } from 'kysely'
import { Dialect, type Writing } from './dialect.ts'
import { madeOf, migrate, migrateSealed } from './migrating.ts'
import { MIGRATIONS } from './migrations.ts'
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
  writer: BetterSqlite3.Database
  close(): void
}
export type OpenDatabase = OpenFile<Schema> & { seals: Seals }

/** How long a write waits for another process that writes, milliseconds. */
const PATIENCE_MS = 2000

/**
 * Opens (or makes) wanted.db in `file`, checks it (save where somebody else does, `checked`, and
 * its schema is of today), brings its schema up to date, and seals what is written from then on. Throws IntegrityFault, and Unavailable `store.*` while another process holds
 * it.
 */
export function openDatabase(
  file: string,
  { vault, checked = false, ...writing }: Partial<Writing> & { vault: Vault; checked?: boolean },
): OpenDatabase {
  const now = (writing.clock ?? systemClock).now()
  let seals: Seals | undefined
  const prepare = (writer: BetterSqlite3.Database) => {
    const damages = migrateSealed(writer, file, { vault, now })
    seals = new Seals(writer, matchKeys(writer, vault, now))
    for (const damage of damages) seals.tell(damage)
    seals.arm()
    return [new SealedReads(seals, PROTECTED)]
  }
  const check = (writer: BetterSqlite3.Database) =>
    !checked || madeOf(writer, file, MIGRATIONS) < MIGRATIONS.length
  const open = opened<Schema>(file, { check, prepare }, writing)
  return { ...open, seals: seals! }
}

/** Opens a database of another schema, whose rows are not sealed. Throws as `openDatabase`. */
export function openFile<S>(
  file: string,
  migrations: readonly string[],
  writing: Partial<Writing> = {},
): OpenFile<S> {
  const prepare = (writer: BetterSqlite3.Database) => {
    if (madeOf(writer, file, migrations) < migrations.length) {
      writer.transaction(() => migrate(writer, file, migrations))()
    }
    return []
  }
  return opened(file, { check: () => true, prepare }, writing)
}

type Preparing = {
  /** Whether the structure of the file is to be checked here and now. */
  check: (writer: BetterSqlite3.Database) => boolean
  /** Brings the file up to date before anything is asked, and says how rows are read. */
  prepare: (writer: BetterSqlite3.Database) => KyselyPlugin[]
}

function opened<S>(
  file: string,
  { check, prepare }: Preparing,
  { clock = systemClock, patience = PATIENCE_MS, onWrite }: Partial<Writing>,
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
    if (check(writer)) checkWhole(writer, file)
    const plugins = prepare(writer)
    writer.pragma('busy_timeout = 0')
    const reader = connect()
    reader.pragma('query_only = ON')
    const dialect = new Dialect({ writer, reader }, { clock, patience, onWrite })
    return { queries: new Kysely<S>({ dialect, plugins }), writer, close }
  } catch (error) {
    close()
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
