import { Refusal } from '@vedette/shared/errors'
import type { Selectable } from 'kysely'
import type { ChangeRequest } from '../approvals/request.ts'
import { appendAct } from './audit.ts'
import { carryOut, letGo } from './changes/changes.ts'
import { type Database, guarded } from './database.ts'
import type { EntryStore } from './entries.ts'
import type { Doing } from './lists.ts'
import { toRequest } from './request-rows.ts'
import type { Schema } from './schema.ts'
import type { Vault } from './vault.ts'

export type Decision = 'approved' | 'refused'

/** Changes that wait for a second person. */
export class RequestStore {
  readonly #db: Database
  readonly #entries: EntryStore
  readonly #vault: Vault

  constructor(db: Database, entries: EntryStore, vault: Vault) {
    this.#db = db
    this.#entries = entries
    this.#vault = vault
  }

  /** Those that wait at `at`, the first asked first. */
  async pending(at: number): Promise<ChangeRequest[]> {
    const rows = await guarded(() =>
      this.#db
        .selectFrom('requests')
        .selectAll()
        .where('state', '=', 'pending')
        .where('expiresAt', '>', at)
        .orderBy('id')
        .execute(),
    )
    return Promise.all(rows.map((row) => this.#open(row)))
  }

  /** Throws Refusal `request.not-found`. */
  async get(id: string, db = this.#db): Promise<ChangeRequest> {
    const query = db.selectFrom('requests').selectAll().where('id', '=', id)
    const row = await guarded(() => query.executeTakeFirst())
    if (row !== undefined) return this.#open(row, db)
    throw new Refusal('request.not-found', `no request ${id}`, {
      hint: 'see: vedette entries pending',
    })
  }

  /**
   * A second person consents, and the change is made with that; or does not, and it never is. Gives
   * the request and the entries that match otherwise now. Throws Refusal `request.not-found`,
   * `request.decided`, `request.expired`, `request.own`, and what making the change throws.
   */
  async decide(
    id: string,
    decision: Decision,
    { hand, at }: Doing,
  ): Promise<{ request: ChangeRequest; affected: string[] }> {
    return guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        const request = await this.get(id, tx)
        checkOpen(request, decision, { hand, at })
        const changing = { tx, vault: this.#vault, hand, at }
        const affected = decision === 'approved' ? await carryOut(changing, request) : []
        if (decision === 'refused') await letGo(changing, request)
        const decided = { state: decision, decidedBy: hand.by, decidedAt: at }
        await tx.updateTable('requests').set(decided).where('id', '=', id).execute()
        const about = { entry: request.entry, list: request.list }
        const details = { request: id, change: request.change.kind, askedBy: request.askedBy }
        await appendAct(tx, { kind: `request.${decision}`, hand, at, about, details })
        return { request: { ...request, ...decided }, affected }
      }),
    )
  }

  async #open(row: Selectable<Schema['requests']>, db = this.#db): Promise<ChangeRequest> {
    const key = row.entryId === null ? undefined : await this.#entries.key(row.entryId, db)
    return toRequest(row, key)
  }
}

function checkOpen(
  { id, state, askedBy, expiresAt, decidedBy }: ChangeRequest,
  decision: Decision,
  { hand, at }: Doing,
): void {
  if (state !== 'pending' && state !== 'expired') {
    throw new Refusal('request.decided', `request ${id} was ${state} by ${decidedBy}`, {
      hint: 'see what waits: vedette entries pending',
      params: { state, by: decidedBy ?? '' },
    })
  }
  if (state === 'expired' || expiresAt <= at) {
    throw new Refusal('request.expired', `request ${id} waited for too long`, {
      hint: 'have it asked for again',
    })
  }
  if (decision === 'approved' && askedBy === hand.by) {
    throw new Refusal('request.own', 'nobody consents to what they asked for themselves', {
      hint: 'a second person must: somebody else with entries.approve',
    })
  }
}
