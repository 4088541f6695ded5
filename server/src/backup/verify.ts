import { join } from 'node:path'
import { codeOf, IntegrityFault } from '@vedette/shared/errors'
import BetterSqlite3 from 'better-sqlite3'
import { MIGRATIONS } from '../store/migrations.ts'
import { checkSeals } from '../store/seal-check.ts'
import type { Vault } from '../store/vault.ts'
import { readKeys } from '../store/vault-keys.ts'
import { changed, checkFiles, isOwn, type Manifest, readManifest } from './manifest.ts'

export type BackupReport = Manifest & {
  /** Rows that were compared with their seals; null where no key was given, or for an older schema. */
  rows: number | null
}

/**
 * Whether the backup in `folder` is whole: every file, the structure, and with the vault's keys every
 * row. Throws Refusal `backup.not-found`; IntegrityFault `backup.changed`, `store.newer-schema`, `vault.*`.
 */
export async function verifyBackup(
  folder: string,
  vault: Vault | undefined,
): Promise<BackupReport> {
  const manifest = await readManifest(folder)
  if (manifest.schema > MIGRATIONS.length) {
    throw new IntegrityFault('store.newer-schema', `${folder} is of a newer Vedette`, {
      hint: 'install the version that wrote it, or take an older backup',
    })
  }
  await checkFiles(folder, manifest)
  const file = join(folder, 'wanted.db')
  // Immutable: a reader must leave nothing beside it, and change nothing of it.
  const connection = new BetterSqlite3(file, { readonly: true, fileMustExist: true })
  try {
    const verdict = connection.pragma('quick_check(1)', { simple: true })
    if (verdict !== 'ok') throw changed(`${file}: ${verdict}`)
    return { ...manifest, rows: vault === undefined ? null : rowsOf(connection, manifest, vault) }
  } catch (error) {
    if (codeOf(error).startsWith('SQLITE_')) throw changed(`${file}: ${codeOf(error)}`, error)
    throw error
  } finally {
    connection.close()
  }
}

function rowsOf(
  connection: BetterSqlite3.Database,
  manifest: Manifest,
  vault: Vault,
): number | null {
  const key = readKeys(connection, vault)
  if (!isOwn(manifest, key)) throw changed('the manifest was changed')
  if (manifest.schema < MIGRATIONS.length) return null
  const run = checkSeals(connection, key)
  let step = run.next()
  while (!step.done) step = run.next()
  const { damages, rows } = step.value
  const [first] = damages
  if (first !== undefined) {
    const more = damages.length > 1 ? ` and ${damages.length - 1} more` : ''
    throw changed(`${first.table}/${first.row} is ${first.what}${more}`)
  }
  return rows
}
