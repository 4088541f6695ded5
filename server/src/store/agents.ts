import type { Hand } from '../hand.ts'
import { appendAct } from './audit.ts'
import { type Database, guarded } from './database.ts'

/** An agent as it last said hello. Times are epoch milliseconds. */
export type AgentRecord = {
  name: string
  serial: string
  software: string
  cameras: string[]
  firstSeen: number
  lastSeen: number
  /** Version of the bundle of roots that it trusts; null: it never said. */
  trust: string | null
}

type Greeting = Omit<AgentRecord, 'firstSeen' | 'lastSeen' | 'trust'>

/** Every agent that was ever welcome. */
export class AgentStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  async welcomed(
    { trust = null, ...agent }: Greeting & { trust?: AgentRecord['trust'] },
    at: number,
  ): Promise<void> {
    const row = {
      ...agent,
      trust,
      cameras: JSON.stringify(agent.cameras),
      firstSeen: at,
      lastSeen: at,
    }
    const { firstSeen: _, name: __, ...update } = row
    await guarded(() =>
      this.#db
        .insertInto('agents')
        .values(row)
        .onConflict((conflict) => conflict.column('name').doUpdateSet(update))
        .execute(),
    )
  }

  /** It has taken a bundle of roots in. */
  async trusted(name: string, version: string): Promise<void> {
    await guarded(() =>
      this.#db.updateTable('agents').set({ trust: version }).where('name', '=', name).execute(),
    )
  }

  /** It was welcomed from there. */
  async cameFrom(agent: string, address: string, at: number): Promise<void> {
    await guarded(() =>
      this.#db
        .insertInto('addresses')
        .values({ agent, address, at })
        .onConflict((conflict) => conflict.column('agent').doUpdateSet({ address, at }))
        .execute(),
    )
  }

  /** Addresses that agents were last welcomed from, each once, the latest last. */
  async addresses(): Promise<string[]> {
    const rows = await guarded(() =>
      this.#db
        .selectFrom('addresses')
        .select('address')
        .groupBy('address')
        .orderBy(({ fn }) => fn.max('at'))
        .execute(),
    )
    return rows.map(({ address }) => address)
  }

  /** It was still there at that time. */
  async seen(name: string, at: number): Promise<void> {
    await guarded(() =>
      this.#db.updateTable('agents').set({ lastSeen: at }).where('name', '=', name).execute(),
    )
  }

  /** It is gone for good; tells whether there was such an agent. */
  forget(name: string, hand: Hand, at: number): Promise<boolean> {
    return guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        const { numDeletedRows } = await tx
          .deleteFrom('agents')
          .where('name', '=', name)
          .executeTakeFirst()
        if (numDeletedRows === 0n) return false
        await tx.deleteFrom('addresses').where('agent', '=', name).execute()
        await appendAct(tx, { kind: 'agent.retired', hand, at, about: { agent: name } })
        return true
      }),
    )
  }

  async all(): Promise<AgentRecord[]> {
    const rows = await guarded(() =>
      this.#db.selectFrom('agents').selectAll().orderBy('name').execute(),
    )
    return rows.map((row) => ({ ...row, cameras: JSON.parse(row.cameras) as string[] }))
  }
}
