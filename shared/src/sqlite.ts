import { IntegrityFault, Unavailable } from './errors.ts'

/** Name of a pragma, what it is set to, and what it must then say of itself. */
export type Pragmas = Readonly<Record<string, readonly [value: string, expected: string | number]>>

/**
 * What every open sets and reads back. synchronous is 2 (FULL) on purpose each time: reopening a
 * WAL database leaves it at 1 (NORMAL), and a power cut then takes acknowledged commits with it.
 */
export const DURABLE: Pragmas = {
  // First, as the others may have to wait; longer would stop everything else this process does.
  busy_timeout: ['50', 50],
  journal_mode: ['WAL', 'wal'],
  synchronous: ['FULL', 2],
  foreign_keys: ['ON', 1],
  trusted_schema: ['OFF', 0],
  cell_size_check: ['ON', 1],
  secure_delete: ['ON', 1],
  // What is sorted or put aside meanwhile is not to be found in a file.
  temp_store: ['MEMORY', 2],
}

type Connection = { pragma(source: string, options?: { simple: boolean }): unknown }

/** Sets pragmas and reads them back. Throws IntegrityFault `store.pragma`. */
export function setPragmas(connection: Connection, pragmas: Pragmas): void {
  for (const [pragma, [value, expected]] of Object.entries(pragmas)) {
    connection.pragma(`${pragma} = ${value}`)
    const found = connection.pragma(pragma, { simple: true })
    if (found !== expected) {
      throw new IntegrityFault('store.pragma', `${pragma} is ${found}, ${expected} wanted`)
    }
  }
}

/** Throws IntegrityFault `store.damaged` where the file's structure is not whole. */
export function checkWhole(connection: Connection, file: string): void {
  const verdict = connection.pragma('quick_check(1)', { simple: true })
  if (verdict !== 'ok') throw new IntegrityFault('store.damaged', `${file}: ${verdict}`)
}

/** When to ask again for what the disk or a lock did not let be done, milliseconds. */
export const RETRY_AFTER_MS = 5000
const DAMAGE = /^SQLITE_(CORRUPT|NOTADB)/
const CODES = {
  SQLITE_FULL: 'store.full',
  SQLITE_BUSY: 'store.busy',
} as const

/** SQLite's own errors as Unavailable or IntegrityFault `store.*`; any other value as it is. */
export function sqliteFault(error: unknown): unknown {
  const code = codeOf(error)
  if (code === undefined) return error
  const message = `the database says ${code}: ${(error as Error).message}`
  if (DAMAGE.test(code)) {
    return new IntegrityFault('store.damaged', message, { cause: error, hint: 'restore a backup' })
  }
  const known = Object.entries(CODES).find(([start]) => code.startsWith(start))
  const kind = known?.[1] ?? 'store.failed'
  return new Unavailable(kind, message, {
    cause: error,
    retryAfter: RETRY_AFTER_MS,
    ...(kind === 'store.full' && { hint: 'free some space on the disk of the database' }),
  })
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' && error.code.startsWith('SQLITE_') ? error.code : undefined
}
