import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Act } from '@vedette/server/audit/act'
import { AuditLog } from '@vedette/server/audit/audit-log'
import type { Head } from '@vedette/server/audit/head'
import { HEADS_FILE, HeadsFile } from '@vedette/server/audit/heads-file'
import { AuditStore } from '@vedette/server/store/audit'
import { openFile } from '@vedette/server/store/database'
import { MIGRATIONS } from '@vedette/server/store/migrations'
import type { Schema } from '@vedette/server/store/schema'
import type { Clock } from '@vedette/shared/clock'
import { silentLog } from '@vedette/shared/log'
import BetterSqlite3 from 'better-sqlite3'

/** A record as it lies on a disk, and what lies beside it. */
export type Made = {
  database: Buffer
  heads: readonly Head[]
  known: ReadonlyMap<string, string>
}

const KINDS = [
  'entry.viewed',
  'alert.raised',
  'alert.acknowledged',
  'threshold.changed',
  'agent.arrived',
  'entry.enrolled',
] as const

/** An act different for each `n`. */
export function actOf(n: number, at: number): Act {
  const hand = {
    by: ['anna', 'bert', 'server'][n % 3]!,
    from: `10.0.${n % 4}.${n % 250}`,
    why: null,
  }
  const about = { entry: `entry-${n % 17}`, alert: n % 2 ? `alert-${n}` : undefined }
  return { kind: KINDS[n % KINDS.length]!, hand, at, about, details: { number: n, score: 0.9 } }
}

/** A copy in memory, whose triggers are gone: nothing holds whoever has the file. */
export function openCopy(database: Buffer): BetterSqlite3.Database {
  const db = new BetterSqlite3(database)
  db.pragma('foreign_keys = OFF')
  const triggers = db.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").pluck()
  for (const name of triggers.all()) db.exec(`DROP TRIGGER ${name}`)
  return db
}

/**
 * A record of `acts` acts with a head every `every`, and the same when it was only half as long, on
 * a clock that is moved by hand.
 */
export async function makeRecord(
  clock: Clock & { advance(ms: number): void },
  { acts, every }: { acts: number; every: number },
): Promise<{ whole: Made; older: Made }> {
  const home = await mkdtemp(join(tmpdir(), 'vedette-audit-'))
  const file = join(home, 'wanted.db')
  const { queries, close } = openFile<Schema>(file, MIGRATIONS)
  try {
    const store = new AuditStore(queries)
    const options = { store, home, data: home, heads: { every: 3_600_000, acts: 1e9 } }
    const audit = await AuditLog.open({ ...options, clock, log: silentLog })
    const copy = async (): Promise<Made> => {
      const connection = new BetterSqlite3(file, { readonly: true })
      const database = connection.serialize()
      connection.close()
      // Off the disk there is no write-ahead log.
      database.fill(1, 18, 20)
      const { heads } = await new HeadsFile(join(home, HEADS_FILE)).read()
      return { database, heads, known: audit.signer.known }
    }
    let older: Made | undefined
    for (let n = 1; n <= acts; n++) {
      clock.advance(1000)
      await store.note(actOf(n, clock.now()))
      if (n % every === 0 || n === acts) await audit.sign()
      if (n === Math.floor(acts / 2)) {
        await audit.sign()
        older = await copy()
      }
    }
    const whole = await copy()
    await audit[Symbol.asyncDispose]()
    return { whole, older: older ?? whole }
  } finally {
    close()
    await rm(home, { recursive: true, force: true })
  }
}
