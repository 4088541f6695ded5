import type { Finding } from '@vedette/server/audit/findings'
import { verifyRecord } from '@vedette/server/audit/verify'
import { recordIn } from '@vedette/server/store/audit-file'
import type BetterSqlite3 from 'better-sqlite3'
import { type Made, openCopy } from './ledger.ts'
import { type Copy, TAMPERINGS } from './tamper.ts'

export type Trial = { name: string; found: boolean; named: boolean; findings: Finding[] }

/** What verifying a copy says. */
export function judge(db: BetterSqlite3.Database, heads: Copy['heads'], known: Made['known']) {
  const store = recordIn(db)
  return store.heads().then((database) =>
    verifyRecord({
      slices: store.recorded(),
      heads: { database, file: heads },
      known,
      cuts: () => store.cuts(),
    }),
  )
}

/** Tampers with a copy of `whole` so many times, each time anew, and verifies it each time. */
export async function* trials(
  { whole, older }: { whole: Made; older: Made },
  count: number,
  random: () => number,
): AsyncGenerator<Trial> {
  const db = openCopy(whole.database)
  const names = Object.keys(TAMPERINGS)
  const pick = (from: number, to: number) => from + Math.floor(random() * (to - from + 1))
  try {
    for (let i = 0; i < count; i++) {
      const name = names[i % names.length]!
      db.exec('BEGIN')
      const copy: Copy = { db, heads: [...whole.heads], older, pick }
      const named = TAMPERINGS[name]!(copy)
      const { findings } = await judge(copy.db, copy.heads, whole.known)
      db.exec('ROLLBACK')
      if (copy.db !== db) copy.db.close()
      yield { name, found: findings.length > 0, named: findings.some(named), findings }
    }
  } finally {
    db.close()
  }
}
