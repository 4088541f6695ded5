import { type Database, guarded } from './database.ts'
import { partsOf } from './time-parts.ts'
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

/** Of alerts raised from `from` up to `to` that are there still, oldest first; read part by part. */
export async function timesOf(
  db: Database,
  from: number,
  to: number,
  within = EVERYWHERE,
): Promise<AlertTimes[]> {
  const times: AlertTimes[] = []
  for (const { since, until } of partsOf(from, to)) {
    const rows = await guarded(() =>
      db
        .selectFrom('alerts')
        .select(['capturedAt', 'receivedAt', 'raisedAt', 'acknowledgedAt', 'resolvedAt'])
        .select(['late', 'retrospective'])
        .where(isWithin(within))
        .where('raisedAt', '>=', since)
        .where('raisedAt', '<', until)
        .orderBy('raisedAt')
        .execute(),
    )
    for (const { late, retrospective, ...row } of rows) {
      times.push({ ...row, past: late === 1 || retrospective === 1 })
    }
    await new Promise(setImmediate)
  }
  return times
}
