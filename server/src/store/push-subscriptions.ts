import { appendAct } from './audit.ts'
import { channelKey } from './channel-key.ts'
import { type Database, guarded } from './database.ts'
import type { Doing } from './lists.ts'
import type { EntryKey, Vault } from './vault.ts'

/** Where a browser wants to be told, as it says itself. Source: W3C Push API. */
export type PushEnd = { endpoint: string; keys: { p256dh: string; auth: string } }

export type PushSubscriptionRow = {
  id: string
  channelId: string
  operator: string
  /** Which browser of theirs it is, as the console knows it; '' where it does not. */
  device: string
  end: PushEnd
  createdAt: number
}

/** Devices of people who want to be told while no console is open. */
export class PushSubscriptionStore {
  readonly #db: Database
  readonly #vault: Vault

  constructor(db: Database, vault: Vault) {
    this.#db = db
    this.#vault = vault
  }

  /** Of one channel, of one operator, or all. */
  all(filter: { channelId?: string; operator?: string } = {}): Promise<PushSubscriptionRow[]> {
    return guarded(async () => {
      let query = this.#db.selectFrom('pushSubscriptions').selectAll().orderBy('createdAt')
      const { channelId, operator } = filter
      if (channelId !== undefined) query = query.where('channelId', '=', channelId)
      if (operator !== undefined) query = query.where('operator', '=', operator)
      const rows = await query.execute()
      if (rows.length === 0) return []
      const key = await channelKey(this.#db, this.#vault)
      return rows.map(({ about, ...row }) => ({ ...row, end: opened(key, row.id, about) }))
    })
  }

  /** Takes the place of `former`: the same device subscribed again. */
  async add(row: PushSubscriptionRow, former: readonly string[], doing: Doing): Promise<void> {
    const { end, ...rest } = row
    await guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        if (former.length > 0) {
          await tx.deleteFrom('pushSubscriptions').where('id', 'in', former).execute()
        }
        const key = await channelKey(tx, this.#vault)
        const about = key.seal(placeOf(row.id), Buffer.from(JSON.stringify(end)))
        await tx
          .insertInto('pushSubscriptions')
          .values({ ...rest, about })
          .execute()
        const { hand, at } = doing
        const whose = { channel: row.channelId, operator: row.operator }
        await appendAct(tx, { kind: 'push.subscribed', hand, at, about: whose })
      }),
    )
  }

  /** They are told nothing any more, not even what waits; gives whether there were any. */
  async remove(ids: readonly string[], doing: Doing, why: string): Promise<boolean> {
    if (ids.length === 0) return false
    return guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        const gone = await tx
          .deleteFrom('pushSubscriptions')
          .where('id', 'in', ids)
          .returning(['channelId', 'operator'])
          .execute()
        const { hand, at } = doing
        for (const { channelId, operator } of gone) {
          const about = { channel: channelId, operator }
          await appendAct(tx, { kind: 'push.unsubscribed', hand, at, about, details: { why } })
        }
        await tx
          .updateTable('notices')
          .set({ state: 'stale', settledAt: at, code: 'push.unsubscribed', said: why })
          .where('recipient', 'in', ids)
          .where('state', '=', 'waiting')
          .execute()
        return gone.length > 0
      }),
    )
  }
}

function opened(key: EntryKey, id: string, about: Uint8Array): PushEnd {
  return JSON.parse(key.open(placeOf(id), about).toString()) as PushEnd
}

const placeOf = (id: string) => ({ table: 'pushSubscriptions', row: id, column: 'about' })
