import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { FATES, type Fate } from '../report/figures.ts'
import { type Alert, toAlert } from './alert-rows.ts'
import { type Database, guarded } from './database.ts'
import { partsOf } from './time-parts.ts'
import { confines, EVERYWHERE, isWithin, type Within } from './within.ts'

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

/** Counts are made in so many parts: asking costs more than the few alerts that one has of a day. */
const PARTS = 16

/** Whether it came to that: what was judged right or wrong counts as that, also where it was withdrawn. */
function ofFate(fate: Fate): RawBuilder<SqlBool> {
  switch (fate) {
    case 'true':
    case 'false':
      return sql<SqlBool>`outcome = ${sql.lit(fate)}`
    case 'withdrawn':
      return sql<SqlBool>`(certainty = 'withdrawn' AND (outcome IS NULL OR outcome = 'unresolved'))`
    case 'unresolved':
      return sql<SqlBool>`(outcome = 'unresolved' AND certainty <> 'withdrawn')`
    case 'unjudged':
      return sql<SqlBool>`(outcome IS NULL AND certainty <> 'withdrawn')`
    default:
      return fate satisfies never
  }
}

/** By when they were captured, the latest first; `next` is undefined where this is the last page. */
export async function pageOfHistory(
  db: Database,
  filter: HistoryFilter,
  { limit, before }: { limit: number; before?: Cursor | undefined },
): Promise<{ alerts: Alert[]; next: Cursor | undefined }> {
  // Names come from an index that has all that is asked by: rows are wide, and few are shown.
  // The place to begin at is said alone: beside another bound the index is entered at that one.
  const until =
    before === undefined ? filter.until : Math.min(before.at + 1, filter.until ?? before.at + 1)
  const names = await guarded(() =>
    filtered(db, { ...filter, until })
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
  const steps = new Map<number, Density>()
  for (const span of partsOf(filter.since, filter.until, PARTS)) {
    for (const { at, counts } of await guarded(() => counted(db, filter, span, step).execute())) {
      const [all = 0, ...found] = JSON.parse(counts) as number[]
      if (all === 0) continue
      const known = steps.get(at) ?? { at, ...NONE }
      JUDGED.forEach((one, i) => {
        known[one] += found[i]!
      })
      known.unjudged += found.reduce((rest, alerts) => rest - alerts, all)
      steps.set(at, known)
    }
    await new Promise(setImmediate)
  }
  return [...steps.values()]
}

const NONE = Object.fromEntries(FATES.map((one) => [one, 0])) as Record<Fate, number>

const JUDGED = FATES.filter((one) => one !== 'unjudged')

/** How many there are, and of each that something became of, in the order of `JUDGED`. */
const tally = sql<string>`json_array(COUNT(*), ${sql.join(
  JUDGED.map((one) => sql`COUNT(*) FILTER (WHERE ${ofFate(one)})`),
)})`

/**
 * Each step of a span with its counts. To group them would be to sort all that is counted, which
 * takes longer than counting it; from step to step the index has them in order.
 */
function counted(
  db: Database,
  filter: HistoryFilter,
  { since, until }: { since: number; until: number },
  step: number,
) {
  const length = sql.lit(step)
  const next = (from: RawBuilder<number>) =>
    db
      .selectFrom('alerts')
      .select(sql<number>`"capturedAt" / ${length} * ${length}`.as('at'))
      .where('capturedAt', '>=', from)
      .where('capturedAt', '<', until)
      .orderBy('capturedAt')
      .limit(1)
  const begin = sql<number>`CASE WHEN "steps"."at" < ${since} THEN ${since} ELSE "steps"."at" END`
  const end = sql<number>`CASE WHEN "steps"."at" + ${length} > ${until} THEN ${until}
    ELSE "steps"."at" + ${length} END`
  return db
    .withRecursive('steps(at)', (one) =>
      one.selectNoFrom(next(sql`${since}`).as('at')).unionAll(
        one
          .selectFrom('steps')
          .where('steps.at', 'is not', null)
          .select(next(sql`"steps"."at" + ${length}`).as('at')),
      ),
    )
    .selectFrom('steps')
    .where('steps.at', 'is not', null)
    .select('steps.at')
    .select(
      filtered(db, { ...filter, since: undefined, until: undefined })
        .where('capturedAt', '>=', begin)
        .where('capturedAt', '<', end)
        .select(tally.as('counts'))
        .as('counts'),
    )
    .$castTo<{ at: number; counts: string }>()
}

/** The same, for no other index than that of the time: a camera's rows are spread over all of it. */
function judged(condition: RawBuilder<unknown>): RawBuilder<SqlBool> {
  return sql<SqlBool>`CASE WHEN ${condition} THEN 1 ELSE 0 END = 1`
}

function filtered(db: Database, filter: HistoryFilter) {
  const { since, until, lists, entry, cameras, fates, within = EVERYWHERE } = filter
  const { certainty, state, late, retrospective } = filter
  const asked = { lists: lists ?? null, cameras: cameras ?? null }
  return db
    .selectFrom('alerts')
    .$if(confines(within), (query) => query.where(judged(isWithin(within))))
    .$if(confines(asked), (query) => query.where(judged(isWithin(asked))))
    .$if(since !== undefined, (query) => query.where('capturedAt', '>=', since!))
    .$if(until !== undefined, (query) => query.where('capturedAt', '<', until!))
    .$if(entry !== undefined, (query) => query.where('entryId', '=', entry!))
    .$if(fates !== undefined, (query) =>
      query.where(judged(sql`(${sql.join(fates!.map(ofFate), sql` OR `)})`)),
    )
    .$if(certainty !== undefined, (query) => query.where('certainty', '=', certainty!))
    .$if(state !== undefined, (query) => query.where(judged(sql`state = ${state}`)))
    .$if(late !== undefined, (query) => query.where('late', '=', late ? 1 : 0))
    .$if(retrospective !== undefined, (query) =>
      query.where('retrospective', '=', retrospective ? 1 : 0),
    )
}
