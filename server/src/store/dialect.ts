import type { Clock } from '@vedette/shared/clock'
import type BetterSqlite3 from 'better-sqlite3'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  SelectQueryNode,
  SqliteDialect,
} from 'kysely'

/** Time between two tries for the write lock, milliseconds. */
const TRY_AGAIN_MS = 10

export type Connections = {
  /** Must not wait for locks by itself. */
  writer: BetterSqlite3.Database
  reader: BetterSqlite3.Database
}

export type Writing = {
  clock: Clock
  /** How long a write waits while another process has the write lock, milliseconds. */
  patience: number
  /** Told of every transaction that did or did not come to be on the disk. */
  onWrite?: ((error?: unknown) => void) | undefined
}

/**
 * Kysely's SQLite over two connections. A read waits for nothing. Writes take turns; one that finds
 * the database locked by another process waits without stopping this one. A transaction has the
 * write lock from its beginning, so that whatever is done in it is done once.
 */
export class Dialect extends SqliteDialect {
  readonly #connections: Connections
  readonly #writing: Writing

  constructor(connections: Connections, writing: Writing) {
    super({ database: connections.writer })
    this.#connections = connections
    this.#writing = writing
  }

  override createDriver(): Driver {
    return new TwoWayDriver(this.#connections, this.#writing)
  }
}

/** One at a time, in the order in which they came. */
class Turns {
  #last: Promise<void> = Promise.resolve()

  /** Resolves when it is the caller's turn, to what ends it. */
  async take(): Promise<() => void> {
    const before = this.#last
    let end = () => {}
    this.#last = new Promise((resolve) => {
      end = resolve
    })
    await before
    return end
  }
}

class TwoWayDriver implements Driver {
  readonly #connections: Connections
  readonly #writing: Writing
  readonly #turns = new Turns()

  constructor(connections: Connections, writing: Writing) {
    this.#connections = connections
    this.#writing = writing
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<Talk> {
    return new Talk(this.#connections, this.#writing, this.#turns)
  }

  beginTransaction(talk: Talk): Promise<void> {
    return talk.begin()
  }

  async commitTransaction(talk: Talk): Promise<void> {
    talk.commit()
  }

  async rollbackTransaction(talk: Talk): Promise<void> {
    talk.rollback()
  }

  /** One that was given back without an end is of nobody any more. */
  async releaseConnection(talk: Talk): Promise<void> {
    talk.rollback()
  }

  async destroy(): Promise<void> {
    this.#connections.reader.close()
    this.#connections.writer.close()
  }
}

/** A query, or a transaction. */
class Talk implements DatabaseConnection {
  readonly #connections: Connections
  readonly #writing: Writing
  readonly #turns: Turns
  /** Of a transaction: lets the next one write. */
  #end: (() => void) | undefined

  constructor(connections: Connections, writing: Writing, turns: Turns) {
    this.#connections = connections
    this.#writing = writing
    this.#turns = turns
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { reader, writer } = this.#connections
    if (this.#end !== undefined) return this.#noting(() => run(writer, query))
    if (SelectQueryNode.is(query.query)) return run(reader, query)
    const { result, release } = await this.#inTurn(() => run<R>(writer, query))
    release()
    this.#writing.onWrite?.()
    return result
  }

  /** All at once: a statement that is not finished keeps its connection from any other. */
  async *streamQuery<R>(query: CompiledQuery): AsyncGenerator<QueryResult<R>> {
    yield run(this.#connections.reader, query)
  }

  async begin(): Promise<void> {
    const { writer } = this.#connections
    this.#end = (await this.#inTurn(() => writer.exec('BEGIN IMMEDIATE'))).release
  }

  commit(): void {
    this.#noting(() => this.#connections.writer.exec('COMMIT'))
    this.#finish()
    this.#writing.onWrite?.()
  }

  /** Also where SQLite has rolled back by itself, as it does on a full disk. */
  rollback(): void {
    if (this.#end === undefined) return
    const { writer } = this.#connections
    try {
      if (writer.inTransaction) writer.exec('ROLLBACK')
    } finally {
      this.#finish()
    }
  }

  #noting<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      this.#writing.onWrite?.(error)
      throw error
    }
  }

  #finish(): void {
    this.#end?.()
    this.#end = undefined
  }

  /** Does `work` when it is its turn and the lock can be had; until `release` nobody else writes. */
  async #inTurn<T>(work: () => T): Promise<{ result: T; release: () => void }> {
    const { clock, patience, onWrite } = this.#writing
    const deadline = clock.now() + patience
    const release = await this.#turns.take()
    try {
      for (;;) {
        try {
          return { result: work(), release }
        } catch (error) {
          if (!isBusy(error) || clock.now() >= deadline) throw error
        }
        await clock.sleep(TRY_AGAIN_MS)
      }
    } catch (error) {
      release()
      onWrite?.(error)
      throw error
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')
}

function run<R>(connection: BetterSqlite3.Database, query: CompiledQuery): QueryResult<R> {
  const statement = connection.prepare(query.sql)
  if (statement.reader) return { rows: statement.all(query.parameters) as R[] }
  const { changes, lastInsertRowid } = statement.run(query.parameters)
  return { numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid), rows: [] }
}
