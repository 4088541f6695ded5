import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Unavailable } from '@vedette/shared/errors'
import { sqliteFault } from '@vedette/shared/sqlite'
import BetterSqlite3 from 'better-sqlite3'

/** Locked by whoever uses the databases of a data folder; it has no contents. */
const FILE = 'server.lock'

/**
 * A data folder that is this process's own. The kernel keeps the lock, so that it ends with the
 * process, however that ends.
 */
export class DataLock {
  readonly #connection: BetterSqlite3.Database

  /**
   * Takes the lock at once or throws Unavailable `store.in-use`, which names the process that has it.
   * The folder is made where there is none.
   */
  static take(folder: string): DataLock {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const file = join(folder, FILE)
    const connection = new BetterSqlite3(file, { timeout: 0 })
    try {
      connection.exec('BEGIN EXCLUSIVE')
    } catch (cause) {
      connection.close()
      const fault = sqliteFault(cause)
      if (!(fault instanceof Unavailable) || fault.code !== 'store.busy') throw fault
      const pid = holderOf(file)
      const who = pid === undefined ? 'another process' : `process ${pid}`
      throw new Unavailable('store.in-use', `${who} uses ${folder}`, {
        cause,
        hint: 'only one may: stop it first (systemctl stop vedette-server), or name another folder',
      })
    }
    return new DataLock(connection)
  }

  private constructor(connection: BetterSqlite3.Database) {
    this.#connection = connection
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.close()
  }
}

/**
 * The process that has a lock on `file`, as the kernel says; undefined where it says nothing of it.
 * Source: proc_locks(5).
 */
function holderOf(file: string): number | undefined {
  const { ino } = statSync(file)
  const locks = readFileSync('/proc/locks', 'utf8').split('\n')
  const mine = locks
    .map((line) => line.trim().split(/\s+/))
    .find(([, kind, , , , where]) => kind === 'POSIX' && where?.endsWith(`:${ino}`))
  const pid = Number(mine?.[4])
  return pid > 0 ? pid : undefined
}
