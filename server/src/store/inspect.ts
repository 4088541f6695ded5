import { IntegrityFault } from '@vedette/shared/errors'
import BetterSqlite3 from 'better-sqlite3'
import { MIGRATIONS } from './migrations.ts'

/** What can be seen of a database while the daemon has it. */
export type Inspection = {
  /** Migrations that it has and that there are. */
  made: number
  known: number
  journal: string
  entries: number
  templates: number
  /** The embedding space that is active; undefined in a new database. */
  space: string | undefined
}

/** Reads `file` and changes nothing. Throws IntegrityFault `store.damaged`. */
export function inspectDatabase(file: string): Inspection {
  const db = new BetterSqlite3(file, { readonly: true, fileMustExist: true })
  try {
    const verdict = db.pragma('integrity_check(1)', { simple: true })
    if (verdict !== 'ok') throw damaged(file, String(verdict))
    const count = (sql: string) => db.prepare<[], number>(sql).pluck().get() ?? 0
    const space = db
      .prepare<[], string>("SELECT id FROM spaces WHERE role = 'active'")
      .pluck()
      .get()
    return {
      made: db.pragma('user_version', { simple: true }) as number,
      known: MIGRATIONS.length,
      journal: String(db.pragma('journal_mode', { simple: true })),
      entries: count("SELECT count(*) FROM entries WHERE state = 'live'"),
      templates:
        db
          .prepare<[string], number>('SELECT count(*) FROM templates WHERE space = ?')
          .pluck()
          .get(space ?? '') ?? 0,
      space,
    }
  } catch (error) {
    if (!(error instanceof BetterSqlite3.SqliteError)) throw error
    throw damaged(file, error.message)
  } finally {
    db.close()
  }
}

function damaged(file: string, why: string): IntegrityFault {
  return new IntegrityFault('store.damaged', `${file}: ${why}`, {
    hint: 'stop the server, and restore a backup',
  })
}
