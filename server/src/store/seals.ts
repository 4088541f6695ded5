import { IntegrityFault } from '@vedette/shared/errors'
import type BetterSqlite3 from 'better-sqlite3'
import { keyOf, PROTECTED, type SealedTable, sealedTable } from './protected.ts'
import { type CheckProgress, checkSeals, type Damage, type SealReport } from './seal-check.ts'
import { emptySum, isSame, type RowSeal, SealMac } from './seal-mac.ts'
import { sealTriggers } from './seal-triggers.ts'

export type { Damage } from './seal-check.ts'

export type Row = Readonly<Record<string, unknown>>

/**
 * Seals every row of the protected tables as a whole, in the statement that writes it, whoever wrote
 * that statement: by triggers of this connection. Whoever reads asks whether a row is as it was
 * written. A row that is not is never sealed again.
 */
export class Seals {
  readonly #connection: BetterSqlite3.Database
  /** What all is sealed with; for a thread of this process. */
  readonly key: Buffer
  readonly #mac: SealMac
  readonly #tables: ReadonlyMap<string, SealedTable>
  readonly #sealOf: BetterSqlite3.Statement<[string, string], RowSeal>
  readonly #listeners: ((damage: Damage) => void)[] = []
  /** What was told of, by table and row. */
  readonly #told = new Map<string, Damage>()
  /** What the seals that are being written change in their table's sum. */
  #pending = emptySum()

  /** For a connection whose schema is up to date. */
  constructor(connection: BetterSqlite3.Database, key: Buffer) {
    this.#connection = connection
    this.key = key
    this.#mac = new SealMac(key)
    this.#tables = new Map(PROTECTED.map((name) => [name, sealedTable(connection, name)]))
    this.#sealOf = connection.prepare('SELECT version, mac FROM seals WHERE tbl = ? AND row = ?')
  }

  /** Everything that was found damaged since the start. */
  get damages(): Damage[] {
    return [...this.#told.values()]
  }

  /** Calls `listener` once for each damage, also for those that are known. */
  listen(listener: (damage: Damage) => void): void {
    this.#listeners.push(listener)
    for (const damage of this.damages) listener(damage)
  }

  /** Tells of a damage that was found elsewhere. */
  tell(damage: Damage): void {
    const name = `${damage.table}/${damage.row}/${damage.what}`
    if (this.#told.has(name)) return
    this.#told.set(name, damage)
    for (const listener of this.#listeners) listener(damage)
  }

  /** From here on whatever this connection writes is sealed. */
  arm(): void {
    const db = this.#connection
    const options = { varargs: true }
    db.function('vedette_seal', options, (name, key, version, mac, ...values) =>
      this.#seal(String(name), String(key), sealOf(version, mac), values),
    )
    db.function('vedette_reseal', options, (name, from, to, version, mac, ...values) =>
      this.#reseal(String(name), [String(from), String(to)], sealOf(version, mac)!, values),
    )
    db.function('vedette_gone', options, (name, key, version, mac) => {
      const seal = sealOf(version, mac)
      this.#pending.fill(0)
      if (seal !== undefined) this.#mac.toggle(this.#pending, String(name), String(key), seal)
      return null
    })
    db.function('vedette_sum', options, (name, sum) => this.#sum(String(name), sum as Buffer))
    for (const table of this.#tables.values()) db.exec(sealTriggers(table))
  }

  /**
   * Whether `row`, with all columns of its table, is as it was written; what is wrong with it is told
   * of.
   */
  isWhole(table: string, row: Row): boolean {
    const of = this.#tables.get(table)!
    const key = keyOf(of, row)
    const read = (from: Row) => of.columns.map((column) => from[column])
    if (this.#fits(of, key, read(row)) === 'whole') return true
    // It may have been written between the reading and this: what counts is what is there now.
    const where = of.key.map((column) => `"${column}" = ?`).join(' AND ')
    const again = this.#connection.prepare<unknown[], Row>(`SELECT * FROM ${table} WHERE ${where}`)
    const now = again.get(...of.key.map((column) => row[column]))
    if (now === undefined) {
      // Gone since; save where its key is no text any more, by which nothing can be found.
      if (!key.includes('\uFFFD')) return true
      this.tell({ table, row: key, what: 'unsealed' })
      return false
    }
    const what = this.#fits(of, key, read(now))
    if (what !== 'whole') this.tell({ table, row: key, what })
    return what === 'whole'
  }

  /** Throws IntegrityFault `vault.changed` where `row` is not as it was written. */
  check<T extends Row>(table: string, row: T): T {
    if (this.isWhole(table, row)) return row
    throw changed(table, keyOf(this.#tables.get(table)!, row))
  }

  /** Looks at every row, here and now; yields how far it is. What is found is told of. */
  *checkAll(): Generator<CheckProgress, SealReport> {
    const report = yield* checkSeals(this.#connection, this.key)
    for (const damage of report.damages) this.tell(damage)
    return report
  }

  /** Seals every row anew, save those that `damages` names: they stay without a seal. */
  sealAll(damages: readonly Damage[]): void {
    const db = this.#connection
    db.exec('DELETE FROM seals; DELETE FROM sealSums')
    const bad = new Set(damages.map(({ table, row }) => `${table}/${row}`))
    const addSeal = db.prepare('INSERT INTO seals VALUES (?, ?, 1, ?)')
    const addSum = db.prepare('INSERT INTO sealSums VALUES (?, ?)')
    for (const table of this.#tables.values()) {
      const { name, key, columns } = table
      const sum = emptySum()
      const list = (of: readonly string[]) => of.map((column) => `"${column}"`).join(', ')
      const where = key.map((column) => `"${column}" = ?`).join(' AND ')
      const one = db.prepare(`SELECT ${list(columns)} FROM ${name} WHERE ${where}`).raw()
      for (const parts of db
        .prepare(`SELECT ${list(key)} FROM ${name}`)
        .raw()
        .all()) {
        const row = (parts as unknown[]).join('/')
        if (bad.has(`${name}/${row}`)) continue
        const mac = this.#mac.row(table, 1, one.get(...(parts as unknown[])) as unknown[])
        addSeal.run(name, row, mac)
        this.#mac.toggle(sum, name, row, { version: 1, mac })
      }
      addSum.run(name, this.#mac.closeSum(name, sum))
    }
  }

  #seal(name: string, key: string, former: RowSeal | undefined, values: unknown[]): Buffer {
    const version = (former?.version ?? 0) + 1
    const mac = this.#mac.row(this.#tables.get(name)!, version, values)
    this.#pending.fill(0)
    if (former !== undefined) this.#mac.toggle(this.#pending, name, key, former)
    this.#mac.toggle(this.#pending, name, key, { version, mac })
    return mac
  }

  /** A row that was not whole before must not become so by being written: the write fails. */
  #reseal(name: string, [from, to]: [string, string], former: RowSeal, values: unknown[]): Buffer {
    const table = this.#tables.get(name)!
    const [before, after] = [
      values.slice(0, table.columns.length),
      values.slice(table.columns.length),
    ]
    if (!isSame(this.#mac.row(table, former.version, before), former.mac)) {
      this.tell({ table: name, row: from, what: 'changed' })
      throw changed(name, from)
    }
    const version = former.version + 1
    const mac = this.#mac.row(table, version, after)
    this.#pending.fill(0)
    this.#mac.toggle(this.#pending, name, from, former)
    this.#mac.toggle(this.#pending, name, to, { version, mac })
    return mac
  }

  /** A sum that was tampered with stays as it is and is told of: what is seen must still be stored. */
  #sum(name: string, sealed: Buffer): Uint8Array {
    const sum = this.#mac.openSum(name, sealed)
    if (sum === undefined) {
      this.tell({ table: name, row: '*', what: 'put-back' })
      return sealed
    }
    for (const [i, byte] of this.#pending.entries()) sum[i]! ^= byte
    this.#pending.fill(0)
    return this.#mac.closeSum(name, sum)
  }

  #fits(table: SealedTable, key: string, values: unknown[]): 'whole' | 'changed' | 'unsealed' {
    const seal = this.#sealOf.get(table.name, key)
    if (seal === undefined) return 'unsealed'
    const mac = this.#mac.row(table, seal.version, values)
    return isSame(mac, seal.mac) ? 'whole' : 'changed'
  }
}

function sealOf(version: unknown, mac: unknown): RowSeal | undefined {
  if (typeof version !== 'number' || !(mac instanceof Uint8Array)) return undefined
  return { version, mac }
}

function changed(table: string, row: string): IntegrityFault {
  return new IntegrityFault('vault.changed', `${table}/${row} is not as it was written`, {
    hint: 'see what else is: vedette db check; then restore a backup, or erase the entry',
  })
}
