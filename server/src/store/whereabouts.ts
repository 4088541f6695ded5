import { type Database, guarded } from './database.ts'

/** What something belongs to, as far as it belongs to any. */
export type Whereabouts = { list?: string; agent?: string; camera?: string }

/** Things that are shown by an id, and belong to a list, a camera, or both. */
export type Belonging = 'entries' | 'alerts' | 'rejections' | 'troubles'

/** Which list and camera something belongs to: whoever may not see those must not see it. */
export class WhereaboutsStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Undefined where there is no such thing. */
  of(kind: Belonging, id: string): Promise<Whereabouts | undefined> {
    return guarded(() => this.#find(kind, id))
  }

  #find(kind: Belonging, id: string): Promise<Whereabouts | undefined> {
    switch (kind) {
      case 'entries':
        return this.#db
          .selectFrom('entries')
          .select('listId as list')
          .where('id', '=', id)
          .executeTakeFirst()
      case 'alerts':
        return this.#db
          .selectFrom('alerts')
          .select(['listId as list', 'agent', 'camera'])
          .where('id', '=', id)
          .executeTakeFirst()
      case 'rejections':
        return this.#db
          .selectFrom('rejections')
          .innerJoin('alerts', 'alerts.id', 'rejections.alertId')
          .select(['alerts.listId as list', 'alerts.agent', 'alerts.camera'])
          .where('rejections.id', '=', id)
          .executeTakeFirst()
      case 'troubles':
        return this.#db
          .selectFrom('troubles')
          .select(['agent', 'camera'])
          .where('id', '=', id)
          .executeTakeFirst()
      default:
        return kind satisfies never
    }
  }
}
