import type { AlertState, Certainty, Outcome } from '../alerts/life.ts'
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
