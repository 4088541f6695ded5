import { IntegrityFault } from '@vedette/shared/errors'
import { newSealKey } from '@vedette/shared/seal'
import type BetterSqlite3 from 'better-sqlite3'
import { type Vault, wrappedBy } from './vault.ts'

/** The key that rows are sealed with; kept twice, as without it nothing can be told of any row. */
const SEALS = ['seals', 'seals.copy']
/** Entries whose keys are tried to see whether the vault's key is theirs. */
const TRIED = 20

/**
 * Notes the vault's keys in a database that knew none before, and makes what it needs. Throws
 * IntegrityFault `vault.wrong-key`.
 */
export function adoptKeys(connection: BetterSqlite3.Database, vault: Vault, now: number): void {
  const { n } = connection.prepare<[], { n: number }>('SELECT count(*) n FROM vaultSecrets').get()!
  if (n > 0) return
  const wrapped = connection
    .prepare<[number], { id: string; wrappedKey: Buffer }>(
      'SELECT id, wrappedKey FROM entries LIMIT ?',
    )
    .all(TRIED)
  const opened = wrapped.filter(({ id, wrappedKey }) => opens(vault, id, wrappedKey))
  if (wrapped.length > 0 && opened.length === 0) throw wrongKey(1)
  const key = newSealKey()
  const insert = connection.prepare('INSERT INTO vaultSecrets VALUES (?, ?)')
  for (const name of SEALS) insert.run(name, vault.wrap(name, key))
  for (const { version, mark } of vault.marks) noteVersion(connection, version, mark, now)
}

/**
 * Compares the vault's keys with those that the database knows, notes a newer one, and gives the key
 * of its seals. Throws IntegrityFault `vault.wrong-key`, `vault.key-lost`, `vault.changed`.
 */
export function matchKeys(connection: BetterSqlite3.Database, vault: Vault, now: number): Buffer {
  const known = checkMarks(connection, vault)
  for (const { version, mark } of vault.marks) {
    if (!known.has(version)) noteVersion(connection, version, mark, now)
  }
  return sealsKey(connection, vault)
}

/** The same of a database that is not written: what is newer there is only passed over. */
export function readKeys(connection: BetterSqlite3.Database, vault: Vault): Buffer {
  checkMarks(connection, vault)
  return sealsKey(connection, vault)
}

/** Versions that the database knows. */
function checkMarks(connection: BetterSqlite3.Database, vault: Vault): Set<number> {
  const known = connection
    .prepare<[], { version: number; mark: string; retiredAt: number | null }>(
      'SELECT version, mark, retiredAt FROM vaultKeys ORDER BY version',
    )
    .all()
  const marks = new Map(vault.marks.map(({ version, mark }) => [version, mark]))
  for (const { version, mark, retiredAt } of known) {
    const here = marks.get(version)
    if (here === undefined && retiredAt === null) throw lostKey(version, mark)
    if (here !== undefined && here !== mark) throw wrongKey(version, mark, here)
  }
  return new Set(known.map(({ version }) => version))
}

/** Throws IntegrityFault `vault.changed` where both copies are damaged. */
function sealsKey(connection: BetterSqlite3.Database, vault: Vault): Buffer {
  let last: unknown
  for (const name of SEALS) {
    const wrapped = connection
      .prepare<[string], Buffer>('SELECT wrappedKey FROM vaultSecrets WHERE name = ?')
      .pluck()
      .get(name)
    try {
      if (wrapped !== undefined) return vault.unwrapBytes(name, wrapped)
    } catch (error) {
      last = error
    }
  }
  throw new IntegrityFault('vault.changed', 'vaultSecrets was changed: no row can be checked', {
    cause: last,
    hint: 'restore a backup: vedette db restore FOLDER',
  })
}

function noteVersion(
  connection: BetterSqlite3.Database,
  version: number,
  mark: string,
  now: number,
): void {
  connection.prepare('INSERT INTO vaultKeys VALUES (?, ?, ?, NULL)').run(version, mark, now)
}

function opens(vault: Vault, id: string, wrapped: Buffer): boolean {
  try {
    vault.unwrapBytes(id, wrapped).fill(0)
    return wrappedBy(wrapped).version > 0
  } catch {
    return false
  }
}

function wrongKey(version: number, wanted?: string, here?: string): IntegrityFault {
  const marks = wanted === undefined ? '' : `: its mark is ${here}, not ${wanted}`
  return new IntegrityFault(
    'vault.wrong-key',
    `version ${version} of the vault key is not the one of this database${marks}`,
    { hint: 'put back the key of this deployment; the data are whole, only this key is wrong' },
  )
}

function lostKey(version: number, mark: string): IntegrityFault {
  return new IntegrityFault(
    'vault.key-lost',
    `the database needs version ${version} of the vault key (mark ${mark}), which is not here`,
    {
      hint: 'put back the newest copy of the key file; a backup from before a rotation needs the key of its time',
    },
  )
}
