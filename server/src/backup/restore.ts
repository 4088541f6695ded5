import { copyFile, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { HEADS_FILE } from '../audit/heads-file.ts'
import { DataLock } from '../store/lock.ts'
import type { Vault } from '../store/vault.ts'
import { DATABASES, syncFolder, writeSynced } from './backups.ts'
import { type BackupReport, verifyBackup } from './verify.ts'

/** Says to the next start that an older database is there by right. */
export const RESTORED = 'restored.json'

export type Restored = { backup: string; taken: number; at: number; by: string; why: string }

/**
 * Puts the backup in `folder` in the place of the databases in `data`; what was there is kept beside
 * it. Nobody may use them. Throws Unavailable `store.in-use` and what verifyBackup throws; then all is
 * as it was.
 */
export async function restoreBackup(
  folder: string,
  to: { data: string; vault: Vault; by: string; why: string; now: number },
): Promise<BackupReport> {
  const { data, vault, by, why, now } = to
  await using _lock = DataLock.take(data)
  const report = await verifyBackup(folder, vault)
  const files = DATABASES.filter((name) => name in report.files)
  for (const name of files) {
    await copySynced(join(folder, name), join(data, `${name}.restoring`))
  }
  const note: Restored = { backup: report.name, taken: report.at, at: now, by, why }
  await writeSynced(join(data, RESTORED), `${JSON.stringify(note)}\n`)
  for (const name of files) {
    const file = join(data, name)
    await putAside(file, `${file}.before-restore-${now}`)
    await rename(`${file}.restoring`, file)
  }
  await syncFolder(data)
  return report
}

/** What the last restore says of itself, until the server has recorded it. */
export async function restored(data: string): Promise<Restored | undefined> {
  const text = await readFile(join(data, RESTORED), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as Restored)
}

export async function forgetRestored(data: string): Promise<void> {
  await rm(join(data, RESTORED), { force: true })
}

/** Heads of the record stay where they are: they tell how far it had come. */
export const KEPT_AT_RESTORE = [HEADS_FILE] as const

async function putAside(file: string, aside: string): Promise<void> {
  if ((await stat(file).catch(() => undefined)) === undefined) return
  // What is in the log belongs to this file, and must not be read into another.
  try {
    const connection = new BetterSqlite3(file)
    connection.pragma('wal_checkpoint(TRUNCATE)')
    connection.close()
  } catch {
    // It is too damaged for that: it is kept as it is.
  }
  await rename(file, aside)
  for (const end of ['-wal', '-shm']) {
    await rename(`${file}${end}`, `${aside}${end}`).catch(() => {})
  }
}

async function copySynced(from: string, to: string): Promise<void> {
  await copyFile(from, to)
  const file = await open(to, 'r+')
  await file.chmod(0o600)
  await file.sync().finally(() => file.close())
}
