import { type Selectable, sql } from 'kysely'
import type { AlertState, Certainty, Outcome } from '../alerts/life.ts'
import type { Accounted, Fate } from '../report/figures.ts'
import { type Database, guarded } from './database.ts'
import type { Schema } from './schema.ts'
import { partsOf } from './time-parts.ts'
import { hourOf } from './usage.ts'

/** Alerts about one entry at one camera that came by one photograph and ended alike. */
export type Ended = {
  entryId: string
  agent: string
  camera: string
  templateId: string
  certainty: Certainty
  state: AlertState
  /** What it turned out to be, where somebody said. */
  outcome: Outcome | null
  alerts: number
}

/** What became of all alerts, counted. */
export async function countEndings(db: Database): Promise<Ended[]> {
  const rows = await guarded(() =>
    db
      .selectFrom('alerts')
      .select(['entryId', 'agent', 'camera', 'templateId', 'certainty', 'state', 'outcome'])
      .select((eb) => eb.fn.countAll<number>().as('alerts'))
      .groupBy(['entryId', 'agent', 'camera', 'templateId', 'certainty', 'state', 'outcome'])
      .execute(),
  )
  return rows as Ended[]
}

/** What became of alerts of hours that begin from `from` up to `to`, epoch ms; read part by part. */
export async function accountedAlerts(
  db: Database,
  from: number,
  to: number,
): Promise<Accounted[]> {
  const found: Accounted[] = []
  for (const { since, until } of partsOf(hourOf(from), to)) {
    const rows = await guarded(() =>
      db
        .selectFrom('alerts')
        .select(['listId', 'agent', 'camera', 'raisedAt', 'certainty', 'outcome', 'late'])
        .select('retrospective')
        .where('raisedAt', '>=', since)
        .where('raisedAt', '<', until)
        .execute(),
    )
    for (const row of rows) found.push(accounted(row))
    await new Promise(setImmediate)
  }
  const gone = await guarded(() =>
    db
      .selectFrom('alertTallies')
      .selectAll()
      .where('hour', '>=', hourOf(from))
      .where('hour', '<', to)
      .execute(),
  )
  return [
    ...found,
    ...gone.map(({ late, retrospective, fate, ...row }) => {
      const marks = { late: late === 1, retrospective: retrospective === 1 }
      return { ...row, ...marks, fate: fate as Fate }
    }),
  ]
}

/** Keeps of alerts that are about to go what an account needs: how many ended how, of nobody. */
export async function tally(tx: Database, ids: readonly string[]): Promise<void> {
  const rows = await tx
    .selectFrom('alerts')
    .select(['listId', 'agent', 'camera', 'raisedAt', 'certainty', 'outcome', 'late'])
    .select('retrospective')
    .where('id', 'in', ids)
    .execute()
  for (const { late, retrospective, ...row } of rows.map(accounted)) {
    await tx
      .insertInto('alertTallies')
      .values({ ...row, late: late ? 1 : 0, retrospective: retrospective ? 1 : 0 })
      .onConflict((conflict) =>
        conflict
          .columns(['hour', 'list', 'agent', 'camera', 'fate', 'late', 'retrospective'])
          .doUpdateSet({ alerts: sql`alerts + 1` }),
      )
      .execute()
  }
}

type Row = Pick<Selectable<Schema['alerts']>, 'listId' | 'agent' | 'camera' | 'raisedAt'> &
  Pick<Selectable<Schema['alerts']>, 'certainty' | 'outcome' | 'late' | 'retrospective'>

function accounted({ listId: list, agent, camera, raisedAt, ...row }: Row): Accounted {
  const [late, retrospective] = [row.late === 1, row.retrospective === 1]
  const hour = hourOf(raisedAt)
  return { list, agent, camera, hour, late, retrospective, fate: fateOf(row), alerts: 1 }
}

function fateOf({ certainty, outcome }: { certainty: string; outcome: string | null }): Fate {
  if (outcome === 'true' || outcome === 'false') return outcome
  if (certainty === 'withdrawn') return 'withdrawn'
  return outcome === 'unresolved' ? 'unresolved' : 'unjudged'
}
