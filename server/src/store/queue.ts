import { sql } from 'kysely'
import { type Alert, toAlert } from './alert-rows.ts'
import { type Database, guarded } from './database.ts'
import { isWithin, type Within } from './within.ts'

/** Ids in one question: SQLite takes so many parameters and no more. */
const AT_ONCE = 500

/** What was seen of an entry before an alert, and where last. */
export type Earlier = {
  count: number
  last: { alert: string; agent: string; camera: string; capturedAt: number } | null
}

/** Alerts that somebody has to act on, and what belongs to them. */
export class QueueStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Those that are not resolved, oldest first; of withdrawn ones those that somebody sees to. */
  async waiting(within: Within, limit: number): Promise<Alert[]> {
    const rows = await guarded(() =>
      this.#db
        .selectFrom('alerts')
        .selectAll()
        .where('state', 'in', ['open', 'acknowledged', 'parked', 'awaiting'])
        .where((eb) =>
          eb.or([
            eb('certainty', '!=', 'withdrawn'),
            eb('state', 'in', ['acknowledged', 'awaiting']),
          ]),
        )
        .where(isWithin(within))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute(),
    )
    return rows.map(toAlert).reverse()
  }

  /** For each of `alerts` what was seen of its entry before, in alerts that stand. */
  async earlier(
    alerts: readonly Pick<Alert, 'id' | 'entryId'>[],
    within: Within,
  ): Promise<Map<string, Earlier>> {
    const asked = new Set(alerts.map(({ id }) => id))
    const found = new Map<string, Earlier>()
    const entries = [...new Set(alerts.map(({ entryId }) => entryId))]
    for (let i = 0; i < entries.length; i += AT_ONCE) {
      const slice = entries.slice(i, i + AT_ONCE)
      for (const { id, count, ...last } of await this.#numbered(slice, asked, within)) {
        const { lastId: alert, agent, camera, capturedAt } = last
        const known = alert !== null && agent !== null && camera !== null && capturedAt !== null
        found.set(id, { count, last: known ? { alert, agent, camera, capturedAt } : null })
      }
    }
    return found
  }

  /** Which photograph a template is of, 1 is the first; none of templates that are of no one photograph. */
  async photos(templates: readonly string[]): Promise<Map<string, number>> {
    const found = new Map<string, number>()
    const ids = [...new Set(templates)]
    for (let i = 0; i < ids.length; i += AT_ONCE) {
      const rows = await guarded(() =>
        this.#db
          .selectFrom('templates')
          .innerJoin('photos', 'photos.id', 'templates.photoId')
          .select(['templates.id', 'position'])
          .where('templates.id', 'in', ids.slice(i, i + AT_ONCE))
          .execute(),
      )
      for (const { id, position } of rows) found.set(id, position + 1)
    }
    return found
  }

  async #numbered(entries: readonly string[], asked: ReadonlySet<string>, within: Within) {
    const since = sql`PARTITION BY "entryId" ORDER BY "capturedAt", id`
    const rows = await guarded(() =>
      this.#db
        .selectFrom('alerts')
        .select([
          'id',
          sql<number>`row_number() OVER (${since}) - 1`.as('count'),
          sql<string | null>`lag(id) OVER (${since})`.as('lastId'),
          sql<string | null>`lag(agent) OVER (${since})`.as('agent'),
          sql<string | null>`lag(camera) OVER (${since})`.as('camera'),
          sql<number | null>`lag("capturedAt") OVER (${since})`.as('capturedAt'),
        ])
        .where('entryId', 'in', entries)
        .where((eb) =>
          eb.or([
            eb('state', '!=', 'resolved'),
            eb.and([
              eb('certainty', '!=', 'withdrawn'),
              eb('outcome', 'is distinct from', 'false'),
            ]),
          ]),
        )
        .where(isWithin(within))
        .execute(),
    )
    return rows.filter(({ id }) => asked.has(id))
  }
}
