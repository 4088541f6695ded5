import type BetterSqlite3 from 'better-sqlite3'

/**
 * Tables whose every row is sealed as a whole: a row changed, put back or taken away by anybody but
 * the server is noticed. Each name of a table is either here or in UNPROTECTED.
 */
export const PROTECTED = [
  'lists',
  'entries',
  'photos',
  'requests',
  'imports',
  'templates',
  'alerts',
  'evidence',
  'dossiers',
  'rejections',
  'rejectionExamples',
  'budgets',
  'troubles',
  'channels',
  'pushSubscriptions',
] as const

/** The others, and why nothing is lost where one of their rows is changed. */
export const UNPROTECTED: Readonly<Record<string, string>> = {
  spaces: 'counts of a comparison; which one is active is seen by every agent',
  enrolmentKeys:
    'sealed by the key of its entry; without it an enrolment asked for again is a new one',
  spaceFailures: 'what could not be embedded is tried again',
  alertEvents: 'what an operator did is told by the record, which is chained',
  nearMisses: 'counts',
  agents: 'what agents said last; who may come in is told by the ledger of certificates',
  addresses: 'where agents came from last',
  cameras: 'when cameras passed last',
  pulse: 'whether the database takes writes',
  invitations: 'a code works only for who knows its secret',
  joinAttempts: 'a log',
  deliveries: 'how far agents have come; evidence knows repeats',
  cameraPlaces: 'said again by agents and operators',
  floorPlans: 'each is sealed by itself, and named in the record when it changes',
  planPlaces: 'said again by operators',
  geocodes: 'a cache',
  impostors: 'counts',
  usage: 'counts',
  enrolmentTakes: 'counted by the record as well',
  operatorsNoted: 'how far the record has followed',
  listSizes: 'counts',
  alertTallies: 'counts',
  notices: 'what is to be told again is told; alerts themselves are sealed',
  noticesPlanned: 'how far that has come; told twice is known by its id',
  camerasTold: 'told again',
  acts: 'the record is chained and signed',
  actBodies: 'hashed into the record',
  actSubjects: 'an index of the record',
  auditHeads: 'signed',
  auditCuts: 'the record tells what retention took',
  seals: 'they are the seals',
  sealSums: 'sealed themselves',
  vaultKeys: 'marks of keys; a wrong one is a refusal',
  vaultSecrets: 'wrapped by the key of the vault',
  erasures: 'kept a second time beside the database',
}

/** A table as its seals see it. */
export type SealedTable = {
  name: string
  columns: readonly string[]
  /** Columns of the primary key. */
  key: readonly string[]
}

/** Throws SqliteError, or TypeError where there is no such table. */
export function sealedTable(connection: BetterSqlite3.Database, name: string): SealedTable {
  const columns = connection.pragma(`table_info(${name})`) as { name: string; pk: number }[]
  const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk)
  if (key.length === 0) throw new TypeError(`no table ${name} with a primary key`)
  return { name, columns: columns.map((one) => one.name), key: key.map((one) => one.name) }
}

/** The same, of a row that was read. */
export function keyOf({ key }: SealedTable, row: Readonly<Record<string, unknown>>): string {
  return key.map((column) => String(row[column])).join('/')
}

/** The text by which the row called `row` in SQL is known to its seal. */
export function keySql({ key }: SealedTable, row: string): string {
  return key.map((column) => `CAST(${row}."${column}" AS TEXT)`).join(" || '/' || ")
}
