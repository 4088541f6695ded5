import { IntegrityFault } from '@vedette/shared/errors'
import BetterSqlite3 from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { AuditStore } from './audit.ts'
import type { Schema } from './schema.ts'

/** The record in a database that is only looked at: a copy, or one whose server does not run. */
export function recordIn(connection: BetterSqlite3.Database): AuditStore {
  return new AuditStore(
    new Kysely<Schema>({ dialect: new SqliteDialect({ database: connection }) }),
  )
}

/** The same for a file. Throws IntegrityFault `store.damaged`. */
export function recordOf(file: string): { store: AuditStore; close(): void } {
  try {
    const connection = new BetterSqlite3(file, { readonly: true, fileMustExist: true })
    connection.pragma('trusted_schema = OFF')
    connection.prepare('SELECT count(*) FROM acts').get()
    return { store: recordIn(connection), close: () => connection.close() }
  } catch (cause) {
    throw new IntegrityFault('store.damaged', `${file} is no database with a record`, {
      cause,
      hint: 'name the file wanted.db of a server that does not run, or a copy of it',
    })
  }
}
