import type { AlertState, Certainty } from '../alerts/life.ts'
import type { Accounted, Fate } from '../report/figures.ts'
import { type Database, guarded } from './database.ts'

/** Alerts about one entry at one camera that came by one photograph and ended alike. */
export type Outcome = {
  entryId: string
  agent: string
  camera: string
  templateId: string
  certainty: Certainty
  state: AlertState
  alerts: number
}

/** What became of all alerts, counted. */
export async function countOutcomes(db: Database): Promise<Outcome[]> {
  const rows = await guarded(() =>
    db
      .selectFrom('alerts')
      .select(['entryId', 'agent', 'camera', 'templateId', 'certainty', 'state'])
      .select((eb) => eb.fn.countAll<number>().as('alerts'))
      .groupBy(['entryId', 'agent', 'camera', 'templateId', 'certainty', 'state'])
      .execute(),
  )
  return rows as Outcome[]
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
      .select(['listId', 'agent', 'camera', 'raisedAt', 'certainty', 'state', 'late'])
      .where('raisedAt', '>=', from)
      .where('raisedAt', '<', to)
      .execute(),
  )
  return rows.map(({ listId: list, agent, camera, raisedAt, late, ...row }) => {
    return { list, agent, camera, raisedAt, late: late === 1, fate: fateOf(row) }
  })
}

function fateOf({ certainty, state }: { certainty: string; state: string }): Fate {
  if (state === 'rejected') return 'false'
  return certainty === 'withdrawn' ? 'withdrawn' : 'unjudged'
}
