import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { FATES, type Fate } from '../report/figures.ts'
import { type Alert, toAlert } from './alert-rows.ts'
import { type Database, guarded } from './database.ts'
import { partsOf } from './time-parts.ts'
import { EVERYWHERE, isWithin, type Within } from './within.ts'

/** Which alerts are meant; what is left out confines nothing. Times are epoch milliseconds. */
export type HistoryFilter = {
  /** Captured from `since` on, before `until`. */
  since?: number | undefined
  until?: number | undefined
  lists?: readonly string[] | undefined
  entry?: string | undefined
  /** AGENT/CAMERA, or AGENT/* for every camera of an agent. */
  cameras?: readonly string[] | undefined
  fates?: readonly Fate[] | undefined
  certainty?: string | undefined
  state?: string | undefined
  late?: boolean | undefined
  retrospective?: boolean | undefined
  within?: Within | undefined
}

/** The last alert that was shown: when it was captured, and its id. */
export type Cursor = { at: number; id: string }

/** Alerts captured from `at` on, for as long as a step is, by what became of them. */
export type Density = { at: number } & Record<Fate, number>

const fate = sql<Fate>`CASE
  WHEN outcome IN ('true', 'false') THEN outcome
  WHEN certainty = 'withdrawn' THEN 'withdrawn'
  WHEN outcome = 'unresolved' THEN 'unresolved'
  ELSE 'unjudged' END`

/** By when they were captured, the latest first; `next` is undefined where this is the last page. */
export async function pageOfHistory(
  db: Database,
  filter: HistoryFilter,
  { limit, before }: { limit: number; before?: Cursor | undefined },
): Promise<{ alerts: Alert[]; next: Cursor | undefined }> {
  // Names come from an index that has all that is asked by: rows are wide, and few are shown.
  const names = await guarded(() =>
    filtered(db, filter)
      .select(['id', 'capturedAt as at'])
      .$if(before !== undefined, (query) =>
        query.where(sql<boolean>`("capturedAt", id) < (${before!.at}, ${before!.id})`),
      )
      .orderBy('capturedAt', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute(),
  )
  const page = names.slice(0, limit)
  const ids = page.map(({ id }) => id)
  const rows = await guarded(() =>
    db
      .selectFrom('alerts')
      .selectAll()
      .where('id', 'in', ids)
      .orderBy('capturedAt', 'desc')
      .orderBy('id', 'desc')
      .execute(),
  )
  // Of rows that were tampered with some are left out here: by names the page goes on behind them.
  return { alerts: rows.map(toAlert), next: names.length > limit ? page.at(-1) : undefined }
}

/**
 * How many there are in each step of `step` milliseconds in which there are any, oldest first. Counts
 * one part of the time after the other: nobody waits for a long look back.
 */
export async function densityOf(
  db: Database,
  filter: HistoryFilter & { since: number; until: number },
  step: number,
): Promise<Density[]> {
  const at = sql<number>`("capturedAt" / ${sql.lit(step)}) * ${sql.lit(step)}`
  const steps = new Map<number, Density>()
  for (const span of partsOf(filter.since, filter.until)) {
    const rows = await guarded(() =>
      filtered(db, { ...filter, ...span })
        .select([at.as('at'), fate.as('fate')])
        .select((eb) => eb.fn.countAll<number>().as('alerts'))
        .groupBy(['at', 'fate'])
        .orderBy('at')
        .execute(),
    )
    for (const row of rows) {
      const known = steps.get(row.at) ?? { at: row.at, ...NONE }
      steps.set(row.at, { ...known, [row.fate]: known[row.fate] + row.alerts })
    }
    await new Promise(setImmediate)
  }
  return [...steps.values()]
}

const NONE = Object.fromEntries(FATES.map((one) => [one, 0])) as Record<Fate, number>

/** The same, for no other index than that of the time: a camera's rows are spread over all of it. */
function judged(condition: RawBuilder<unknown>): RawBuilder<SqlBool> {
  return sql<SqlBool>`CASE WHEN ${condition} THEN 1 ELSE 0 END = 1`
}

function filtered(db: Database, filter: HistoryFilter) {
  const { since, until, lists, entry, cameras, fates, within = EVERYWHERE } = filter
  const { certainty, state, late, retrospective } = filter
  return db
    .selectFrom('alerts')
    .where(judged(isWithin(within)))
    .where(judged(isWithin({ lists: lists ?? null, cameras: cameras ?? null })))
    .$if(since !== undefined, (query) => query.where('capturedAt', '>=', since!))
    .$if(until !== undefined, (query) => query.where('capturedAt', '<', until!))
    .$if(entry !== undefined, (query) => query.where('entryId', '=', entry!))
    .$if(fates !== undefined, (query) =>
      query.where(sql<boolean>`${fate} IN (${sql.join(fates!)})`),
    )
    .$if(certainty !== undefined, (query) => query.where('certainty', '=', certainty!))
    .$if(state !== undefined, (query) => query.where(judged(sql`state = ${state}`)))
    .$if(late !== undefined, (query) => query.where('late', '=', late ? 1 : 0))
    .$if(retrospective !== undefined, (query) =>
      query.where('retrospective', '=', retrospective ? 1 : 0),
    )
}
