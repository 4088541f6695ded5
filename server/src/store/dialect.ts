import type BetterSqlite3 from 'better-sqlite3'
import { type DatabaseConnection, type Driver, SqliteDialect, SqliteDriver } from 'kysely'

/** Kysely's SQLite, save that SQLite may end a transaction by itself: on a full disk it does. */
export class Dialect extends SqliteDialect {
  readonly #connection: BetterSqlite3.Database

  constructor(connection: BetterSqlite3.Database) {
    super({ database: connection })
    this.#connection = connection
  }

  override createDriver(): Driver {
    return new ConnectionDriver(this.#connection)
  }
}

class ConnectionDriver extends SqliteDriver {
  readonly #connection: BetterSqlite3.Database

  constructor(connection: BetterSqlite3.Database) {
    super({ database: connection })
    this.#connection = connection
  }

  /** Rolling back twice would throw, and hide why the transaction failed. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#connection.inTransaction) await super.rollbackTransaction(connection)
  }
}
