import { open } from 'node:fs/promises'
import { DURABLE, setPragmas } from '@vedette/shared/sqlite'
import BetterSqlite3 from 'better-sqlite3'
import { checkSeals, type SealReport } from '../store/seal-check.ts'
import { serve } from '../thread.ts'
import { hashOf } from './manifest.ts'

/** Work on a database that others write meanwhile: too long for the thread that serves. */
export type DatabaseRequest =
  | { kind: 'copy'; from: string; to: string }
  | { kind: 'check'; file: string; key: Uint8Array }

export type DatabaseReply =
  | { kind: 'copy'; bytes: number; sha256: string }
  | ({ kind: 'check'; structure: string; ms: number } & SealReport)

/** Pages copied at a time. */
const PAGES = 1000

serve<DatabaseRequest, DatabaseReply>(async (request) =>
  request.kind === 'copy' ? copy(request.from, request.to) : check(request.file, request.key),
)

/** All of one moment: what is written meanwhile is not in it, and need not wait. */
async function copy(from: string, to: string): Promise<DatabaseReply> {
  const source = new BetterSqlite3(from, { readonly: true, fileMustExist: true })
  try {
    source.exec('BEGIN')
    source.prepare('SELECT count(*) FROM sqlite_schema').get()
    await source.backup(to, { progress: () => PAGES })
    source.exec('COMMIT')
  } finally {
    source.close()
  }
  // A file of its own, without a log beside it.
  const made = new BetterSqlite3(to)
  made.pragma('journal_mode = DELETE')
  made.close()
  const file = await open(to, 'r+')
  await file.chmod(0o600)
  await file.sync().finally(() => file.close())
  return { kind: 'copy', ...(await hashOf(to)) }
}

function check(file: string, key: Uint8Array): DatabaseReply {
  const began = performance.now()
  const connection = new BetterSqlite3(file, { fileMustExist: true })
  try {
    setPragmas(connection, DURABLE)
    connection.pragma('query_only = ON')
    const structure = String(connection.pragma('quick_check(1)', { simple: true }))
    const broken = connection.pragma('foreign_key_check') as unknown[]
    const run = checkSeals(connection, Buffer.from(key))
    let step = run.next()
    while (!step.done) step = run.next()
    const verdict = structure === 'ok' && broken.length > 0 ? 'a row is without another' : structure
    const ms = Math.round(performance.now() - began)
    return { kind: 'check', structure: verdict, ms, ...step.value }
  } finally {
    connection.close()
  }
}
