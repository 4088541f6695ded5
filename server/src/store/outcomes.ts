import type { AlertState, Certainty } from '../alerts/life.ts'
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
