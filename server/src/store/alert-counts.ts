import { type Database, guarded } from './database.ts'

/** Alerts of one state and certainty. */
export type AlertCount = { state: string; certainty: string; count: number }

export function countAlerts(db: Database): Promise<AlertCount[]> {
  return guarded(() =>
    db
      .selectFrom('alerts')
      .select(['state', 'certainty', (eb) => eb.fn.countAll<number>().as('count')])
      .groupBy(['state', 'certainty'])
      .execute(),
  )
}
