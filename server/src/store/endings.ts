import type { AlertState, Certainty, Outcome } from '../alerts/life.ts'
import type { Accounted, Fate } from '../report/figures.ts'
import { type Database, guarded } from './database.ts'

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

/** What became of each alert that was raised from `from` up to `to`, epoch milliseconds. */
export async function accountedAlerts(
  db: Database,
  from: number,
  to: number,
): Promise<Accounted[]> {
  const rows = await guarded(() =>
    db
      .selectFrom('alerts')
      .select(['listId', 'agent', 'camera', 'raisedAt', 'certainty', 'outcome', 'late'])
      .select('retrospective')
      .where('raisedAt', '>=', from)
      .where('raisedAt', '<', to)
      .execute(),
  )
  return rows.map(({ listId: list, agent, camera, raisedAt, ...row }) => {
    const [late, retrospective] = [row.late === 1, row.retrospective === 1]
    return { list, agent, camera, raisedAt, late, retrospective, fate: fateOf(row) }
  })
}

function fateOf({ certainty, outcome }: { certainty: string; outcome: string | null }): Fate {
  if (outcome === 'true' || outcome === 'false') return outcome
  if (certainty === 'withdrawn') return 'withdrawn'
  return outcome === 'unresolved' ? 'unresolved' : 'unjudged'
}
