import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { IntegrityFault } from '@vedette/shared/errors'
import { checkWhole } from '@vedette/shared/sqlite'
import type BetterSqlite3 from 'better-sqlite3'
import { MIGRATIONS } from './migrations.ts'
import { checkSeals } from './seal-check.ts'
import { type Damage, Seals } from './seals.ts'
import type { Vault } from './vault.ts'
import { adoptKeys, matchKeys } from './vault-keys.ts'

/** How long the copy from before a migration is kept, milliseconds. */
const COPY_MS = 7 * 86_400_000

type Options = { vault: Vault; now: number }

/**
 * How many migrations `file` has behind it. Throws IntegrityFault `store.newer-schema` where they are
 * more than `migrations`.
 */
export function madeOf(
  connection: BetterSqlite3.Database,
  file: string,
  migrations: readonly string[],
): number {
  const made = connection.pragma('user_version', { simple: true }) as number
  if (made <= migrations.length) return made
  throw new IntegrityFault('store.newer-schema', `${file} was written by a newer Vedette`, {
    hint: 'install the version that wrote it, or restore an older backup: vedette db restore FOLDER',
  })
}

/** Makes the migrations that are left, in a transaction that is open. Throws IntegrityFault. */
export function migrate(
  connection: BetterSqlite3.Database,
  file: string,
  migrations: readonly string[],
): void {
  for (let step = madeOf(connection, file, migrations); step < migrations.length; step++) {
    connection.exec(migrations[step]!)
    connection.pragma(`user_version = ${step + 1}`)
  }
  checkWhole(connection, file)
  checkKeys(connection, file)
}

/**
 * Brings wanted.db up to date in one transaction, after a copy was put aside; gives the rows that
 * were damaged before, which get no new seal. Throws IntegrityFault `store.newer-schema`,
 * `store.damaged`, `vault.*`; then the file is as it was.
 */
export function migrateSealed(
  connection: BetterSqlite3.Database,
  file: string,
  { vault, now }: Options,
): Damage[] {
  dropOldCopies(file, now)
  const made = madeOf(connection, file, MIGRATIONS)
  if (made === MIGRATIONS.length) return []
  if (made > 0) putAside(connection, copyName(file, made, now))
  return connection.transaction(() => {
    const damages = hasSeals(connection) ? damagesOf(connection, vault, now) : []
    migrate(connection, file, MIGRATIONS)
    adoptKeys(connection, vault, now)
    new Seals(connection, matchKeys(connection, vault, now)).sealAll(damages)
    return damages
  })()
}

function hasSeals(connection: BetterSqlite3.Database): boolean {
  const tables = connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sealSums'")
  return tables.get() !== undefined
}

/** Only rows that are as they were written are sealed anew: a migration must not heal tampering. */
function damagesOf(connection: BetterSqlite3.Database, vault: Vault, now: number): Damage[] {
  const sealed = connection
    .prepare<[], string>('SELECT tbl FROM sealSums UNION SELECT tbl FROM seals')
    .pluck()
    .all()
  const check = checkSeals(connection, matchKeys(connection, vault, now), sealed)
  let step = check.next()
  while (!step.done) step = check.next()
  return step.value.damages
}

function checkKeys(connection: BetterSqlite3.Database, file: string): void {
  const broken = connection.pragma('foreign_key_check') as unknown[]
  if (broken.length === 0) return
  throw new IntegrityFault('store.damaged', `${file}: a row speaks of another that is not there`, {
    hint: 'restore a backup: vedette db restore FOLDER',
  })
}

function copyName(file: string, made: number, now: number): string {
  return `${file}.before-${made}-${now}`
}

/** The copy holds what the database held, sealed, and is as private. */
function putAside(connection: BetterSqlite3.Database, copy: string): void {
  if (existsSync(copy)) return
  connection.prepare('VACUUM INTO ?').run(copy)
  chmodSync(copy, 0o600)
}

/** Copies from before migrations that are older than their time; all of them where `now` is not given. */
export function dropOldCopies(file: string, now = Number.POSITIVE_INFINITY): string[] {
  const start = `${basename(file)}.before-`
  const folder = dirname(file)
  const old = readdirSync(folder).filter((name) => {
    if (!name.startsWith(start)) return false
    const at = Number(name.slice(start.length).split('-')[1])
    return at + COPY_MS <= now
  })
  for (const name of old) rmSync(join(folder, name), { force: true })
  return old
}
