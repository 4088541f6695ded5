import type { Selectable } from 'kysely'
import { type Database, guarded } from './database.ts'
import type { Schema } from './schema.ts'

export type DeliveryRow = Selectable<Schema['deliveries']>

/** How far each agent has come with its outbox. */
export class DeliveryStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  async all(): Promise<DeliveryRow[]> {
    return guarded(() => this.#db.selectFrom('deliveries').selectAll().execute())
  }

  /** All or none. */
  async save(rows: readonly DeliveryRow[]): Promise<void> {
    await guarded(() =>
      this.#db
        .insertInto('deliveries')
        .values(rows)
        .onConflict((conflict) =>
          conflict.column('agent').doUpdateSet((eb) => ({
            stream: eb.ref('excluded.stream'),
            done: eb.ref('excluded.done'),
            lost: eb.ref('excluded.lost'),
          })),
        )
        .execute(),
    )
  }
}
