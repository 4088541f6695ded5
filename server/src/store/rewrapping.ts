import { setImmediate as otherWork } from 'node:timers/promises'
import { codeOf } from '@vedette/shared/errors'
import type { RawBuilder } from 'kysely'
import { sql } from 'kysely'
import { guarded, type OpenDatabase } from './database.ts'
import { type Vault, wrappedBy } from './vault.ts'

/** Tables with a key that the vault's wraps, and what names its row there. */
const WRAPPED: Readonly<Record<string, RawBuilder<unknown>>> = {
  vaultSecrets: sql.ref('name'),
  entries: sql.ref('id'),
  troubles: sql.ref('id'),
  floorPlans: sql.ref('id'),
}
/** Keys wrapped anew in one transaction, so that nobody else waits for long. */
const SLICE = 40

type WrappedRow = { id: string; wrappedKey: Uint8Array }

/** How many keys there are, and how many of them the newest key of the vault does not wrap. */
export type Wrapping = { keys: number; old: number; damaged: number }

/** Wraps all keys anew when the vault has a newer key, slice by slice, as often as it is begun. */
export class Rewrapping {
  readonly #db: OpenDatabase
  readonly #vault: Vault

  constructor(db: OpenDatabase, vault: Vault) {
    this.#db = db
    this.#vault = vault
  }

  /** Yields after each slice how many keys were wrapped anew. Throws Unavailable `store.*`. */
  async *run(): AsyncGenerator<number> {
    for (const [table, name] of Object.entries(WRAPPED)) {
      for await (const rows of this.#slices(table, name))
        yield await this.#rewrap(table, name, rows)
    }
  }

  /** Opens every key with the newest key alone. */
  async look(): Promise<Wrapping> {
    const wrapping = { keys: 0, old: 0, damaged: 0 }
    for (const [table, name] of Object.entries(WRAPPED)) {
      for await (const rows of this.#slices(table, name)) {
        for (const { id, wrappedKey } of rows) {
          wrapping.keys++
          if (wrappedBy(wrappedKey).version !== this.#vault.version) wrapping.old++
          else if (!this.#opens(id, wrappedKey)) wrapping.damaged++
        }
      }
    }
    return wrapping
  }

  /** From here on the database needs no version before the newest one. */
  async retire(now: number): Promise<void> {
    const { version } = this.#vault
    await guarded(() =>
      this.#db.queries
        .updateTable('vaultKeys')
        .set({ retiredAt: now })
        .where('version', '<', version)
        .where('retiredAt', 'is', null)
        .execute(),
    )
  }

  #opens(id: string, wrappedKey: Uint8Array): boolean {
    try {
      this.#vault.unwrapBytes(id, wrappedKey).fill(0)
      return true
    } catch {
      return false
    }
  }

  async *#slices(table: string, name: RawBuilder<unknown>): AsyncGenerator<WrappedRow[]> {
    const { queries } = this.#db
    for (let after = ''; ; ) {
      const query = sql<WrappedRow>`SELECT ${name} AS id, wrappedKey FROM ${sql.table(table)}
        WHERE ${name} > ${after} ORDER BY ${name} LIMIT ${SLICE}`
      const { rows } = await guarded(() => query.execute(queries))
      if (rows.length === 0) return
      yield rows
      await otherWork()
      after = rows.at(-1)!.id
    }
  }

  /** What was tampered with keeps its key and is told of: it is no reason to stop. */
  #rewrap(table: string, name: RawBuilder<unknown>, rows: WrappedRow[]): Promise<number> {
    const due = rows.filter(({ wrappedKey }) => !this.#isNewest(wrappedKey))
    if (due.length === 0) return Promise.resolve(0)
    return guarded(() =>
      this.#db.queries.transaction().execute(async (tx) => {
        let done = 0
        for (const { id } of due) {
          // Read again: it may have been erased, or given another key, since.
          const now = await sql<WrappedRow>`SELECT ${name} AS id, wrappedKey
            FROM ${sql.table(table)} WHERE ${name} = ${id}`.execute(tx)
          const [row] = now.rows
          if (row === undefined) continue
          try {
            const wrapped = this.#vault.rewrap(id, row.wrappedKey)
            if (wrapped === undefined) continue
            await sql`UPDATE ${sql.table(table)} SET wrappedKey = ${wrapped}
              WHERE ${name} = ${id}`.execute(tx)
            done++
          } catch (error) {
            if (codeOf(error) !== 'vault.changed') throw error
          }
        }
        return done
      }),
    )
  }

  #isNewest(wrappedKey: Uint8Array): boolean {
    const { format, version } = wrappedBy(wrappedKey)
    return format === 2 && version === this.#vault.version
  }
}
