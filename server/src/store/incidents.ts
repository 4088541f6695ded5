import { type Alert, toAlert } from './alert-rows.ts'
import { type Database, guarded } from './database.ts'
import { isWithin, type Within } from './within.ts'

/** One person's trail: alerts about one entry that followed one another, at whatever cameras. */
export type Incident = {
  id: string
  entryId: string
  firstAt: number
  lastAt: number
  /** Alerts that stand, oldest first. */
  alerts: Alert[]
}

/** Incidents with an alert that stands, the latest first. */
export async function latestIncidents(
  db: Database,
  limit: number,
  within: Within,
): Promise<Incident[]> {
  const standing = db
    .selectFrom('alerts')
    .where('certainty', '!=', 'withdrawn')
    .where('outcome', 'is distinct from', 'false')
    .where(isWithin(within))
  const latest = await guarded(() =>
    standing
      .select(['incident', (eb) => eb.fn.max('capturedAt').as('lastAt')])
      .groupBy('incident')
      .orderBy('lastAt', 'desc')
      .limit(limit)
      .execute(),
  )
  const ids = latest.map(({ incident }) => incident)
  const rows = await guarded(() =>
    standing.selectAll().where('incident', 'in', ids).orderBy('capturedAt').execute(),
  )
  const alerts = rows.map(toAlert)
  return ids.map((id) =>
    incidentOf(
      id,
      alerts.filter(({ incident }) => incident === id),
    ),
  )
}

function incidentOf(id: string, alerts: Alert[]): Incident {
  const [first, last] = [alerts[0]!, alerts.at(-1)!]
  const { entryId } = first
  return { id, entryId, firstAt: first.capturedAt, lastAt: last.capturedAt, alerts }
}
