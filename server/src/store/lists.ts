import type { List } from '../lists/list.ts'
import { type Database, guarded } from './database.ts'
import { listOf, toList } from './list-rows.ts'

/** Lists and what holds for whoever is on them. */
export class ListStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** The most urgent first. */
  async all(): Promise<List[]> {
    const rows = await guarded(() =>
      this.#db.selectFrom('lists').selectAll().orderBy('priority').orderBy('id').execute(),
    )
    return rows.map(toList)
  }

  /** Throws Refusal `list.not-found`. */
  async get(id: string): Promise<List> {
    return guarded(() => listOf(this.#db, id))
  }
}
