import type BetterSqlite3 from 'better-sqlite3'
import { keySql, PROTECTED, type SealedTable, sealedTable } from './protected.ts'
import { emptySum, isSame, type RowSeal, SealMac } from './seal-mac.ts'

/** Rows read in one statement: a reader must not hold the log for long. */
const SLICE = 200

/** What is wrong with a row, or with a table as a whole (`row` is `*`). */
export type Damage = {
  table: string
  row: string
  /**
   * `changed`: it is not as it was written. `missing`: it is gone. `unsealed`: somebody else wrote
   * it. `put-back`: rows of the table were put back, or taken away, together with their seals.
   */
  what: 'changed' | 'missing' | 'unsealed' | 'put-back'
}

export type SealReport = { rows: number; damages: Damage[] }
export type CheckProgress = { table: string; rows: number }

/**
 * Reads every row of the protected tables, slice by slice, and yields how far it is; returns what is
 * wrong. The connection may be any, also one that others write beside.
 */
export function* checkSeals(
  connection: BetterSqlite3.Database,
  key: Buffer,
  tables: readonly string[] = PROTECTED,
): Generator<CheckProgress, SealReport> {
  const mac = new SealMac(key)
  const damages: Damage[] = []
  let rows = 0
  for (const name of tables) {
    const table = sealedTable(connection, name)
    for (const slice of slices(connection, table)) {
      for (const row of slice) {
        const what = verdict(mac, table, row)
        if (what !== undefined) damages.push({ table: name, row: String(row.at(-3)), what })
      }
      rows += slice.length
      yield { table: name, rows }
    }
    damages.push(...missing(connection, table))
    const sum = checkSum(connection, mac, name)
    // A row that is gone or unsealed does not tell by itself that anything was put back.
    if (sum !== undefined) damages.push(sum)
    yield { table: name, rows }
  }
  return { rows, damages }
}

type Raw = unknown[]

/** Rows with their key, version and mac behind their columns. */
function* slices(db: BetterSqlite3.Database, table: SealedTable): Generator<Raw[]> {
  const { name, key, columns } = table
  const list = columns.map((column) => `t."${column}"`).join(', ')
  const order = key.map((column) => `t."${column}"`).join(', ')
  const after = key.map(() => '?').join(', ')
  const select = `SELECT ${list}, ${keySql(table, 't')}, s.version, s.mac FROM ${name} t
    LEFT JOIN seals s ON s.tbl = '${name}' AND s.row = ${keySql(table, 't')}`
  const end = `ORDER BY ${order} LIMIT ${SLICE}`
  const first = db.prepare<unknown[], Raw>(`${select} ${end}`).raw()
  const next = db.prepare<unknown[], Raw>(`${select} WHERE (${order}) > (${after}) ${end}`).raw()
  let slice = first.all()
  while (slice.length > 0) {
    yield slice
    const last = slice.at(-1)!
    slice = next.all(...key.map((column) => last[columns.indexOf(column)]))
  }
}

function verdict(mac: SealMac, table: SealedTable, row: Raw): Damage['what'] | undefined {
  const [version, digest] = row.slice(-2) as [number | null, Uint8Array | null]
  if (version === null || digest === null) return 'unsealed'
  const values = row.slice(0, table.columns.length)
  return isSame(mac.row(table, version, values), digest) ? undefined : 'changed'
}

function missing(db: BetterSqlite3.Database, table: SealedTable): Damage[] {
  const { name } = table
  const gone = db
    .prepare<[], string>(
      `SELECT row FROM seals WHERE tbl = '${name}' EXCEPT SELECT ${keySql(table, 't')} FROM ${name} t`,
    )
    .pluck()
    .all()
  return gone.map((row) => ({ table: name, row, what: 'missing' }))
}

/** In one statement, so that seals and sum are of one moment. */
function checkSum(db: BetterSqlite3.Database, mac: SealMac, table: string): Damage | undefined {
  const read = db.transaction(() => ({
    sealed: db
      .prepare<[string], Buffer>('SELECT sum FROM sealSums WHERE tbl = ?')
      .pluck()
      .get(table),
    seals: db
      .prepare<[string], RowSeal & { row: string }>(
        'SELECT row, version, mac FROM seals WHERE tbl = ?',
      )
      .all(table),
  }))
  const { sealed, seals } = read()
  const found = emptySum()
  for (const { row, ...seal } of seals) mac.toggle(found, table, row, seal)
  const sum = sealed && mac.openSum(table, sealed)
  return sum !== undefined && isSame(sum, found) ? undefined : { table, row: '*', what: 'put-back' }
}
