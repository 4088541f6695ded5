import { type Database, guarded } from './database.ts'
import { EVERYWHERE, isWithin } from './within.ts'

/** When what became of an alert, epoch milliseconds; null where it did not. */
export type AlertTimes = {
  capturedAt: number
  receivedAt: number
  raisedAt: number
  acknowledgedAt: number | null
  resolvedAt: number | null
  /** It told of what was, not of what is: late, or found in what was kept. */
  past: boolean
}

/** Of alerts raised from `from` up to `to` that are there still, oldest first. */
export async function timesOf(
  db: Database,
  from: number,
  to: number,
  within = EVERYWHERE,
): Promise<AlertTimes[]> {
  const rows = await guarded(() =>
    db
      .selectFrom('alerts')
      .select(['capturedAt', 'receivedAt', 'raisedAt', 'acknowledgedAt', 'resolvedAt'])
      .select(['late', 'retrospective'])
      .where(isWithin(within))
      .where('raisedAt', '>=', from)
      .where('raisedAt', '<', to)
      .orderBy('raisedAt')
      .execute(),
  )
  return rows.map(({ late, retrospective, ...times }) => {
    return { ...times, past: late === 1 || retrospective === 1 }
  })
}
