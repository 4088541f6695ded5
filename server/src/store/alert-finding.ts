import type { AlertState, Outcome } from '../alerts/life.ts'
import { type Alert, type FrameName, type NewAlert, toAlert } from './alert-rows.ts'
import { type Database, guarded } from './database.ts'
import { EVERYWHERE, isWithin, type Within } from './within.ts'

export type AlertFilter = {
  state?: AlertState | undefined
  outcome?: Outcome | undefined
  incident?: string | undefined
  list?: string | undefined
  entry?: string | undefined
  /** Of one agent, at one of its cameras. */
  agent?: string | undefined
  camera?: string | undefined
  /** Captured from then on, epoch milliseconds. */
  since?: number | undefined
  within?: Within | undefined
  limit: number
  before?: string | undefined
}

/** What was seen of an entry, where and when. */
export type Sighted = Pick<Alert, 'entryId' | 'agent' | 'camera' | 'track' | 'capturedAt'>

/**
 * The alert that a sighting belongs to: of its own track, else one that stands, of its camera at
 * most `within` milliseconds before or after.
 */
export async function alertOf(
  db: Database,
  { entryId, agent, camera, track, capturedAt }: Sighted,
  within: number,
): Promise<Alert | undefined> {
  const [from, to] = [capturedAt - within, capturedAt + within]
  const row = await guarded(() =>
    db
      .selectFrom('alerts')
      .selectAll()
      .where('entryId', '=', entryId)
      .where('agent', '=', agent)
      .where((eb) =>
        eb.or([
          eb('track', '=', track),
          eb.and([
            eb('camera', '=', camera),
            eb.between('capturedAt', from, to),
            eb('certainty', '!=', 'withdrawn'),
            eb('outcome', 'is distinct from', 'false'),
          ]),
        ]),
      )
      .orderBy((eb) => eb('track', '=', track), 'desc')
      .orderBy('capturedAt', 'desc')
      .limit(1)
      .executeTakeFirst(),
  )
  return row && toAlert(row)
}

/** Whether this frame was noted before for what an agent saw of an entry. */
export async function isNoted(
  db: Database,
  { entryId, agent, track, shot }: Pick<Alert, 'entryId' | 'agent'> & FrameName,
): Promise<boolean> {
  const row = await guarded(() =>
    db
      .selectFrom('evidence')
      .innerJoin('alerts', 'alerts.id', 'evidence.alertId')
      .select('alertId')
      .where('evidence.track', '=', track)
      .where('evidence.shot', '=', shot)
      .where('alerts.agent', '=', agent)
      .where('alerts.entryId', '=', entryId)
      .executeTakeFirst(),
  )
  return row !== undefined
}

/** The incident of the entry's nearest alert that stands. */
export async function incidentOf(
  tx: Database,
  { entryId, capturedAt }: NewAlert,
  trail: number,
): Promise<string | undefined> {
  const row = await tx
    .selectFrom('alerts')
    .select('incident')
    .where('entryId', '=', entryId)
    .where('capturedAt', '>=', capturedAt - trail)
    .where('capturedAt', '<=', capturedAt + trail)
    .where('certainty', '!=', 'withdrawn')
    .where('outcome', 'is distinct from', 'false')
    .orderBy('capturedAt', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.incident
}

/** Newest first. */
export async function listAlerts(db: Database, filter: AlertFilter): Promise<Alert[]> {
  const { limit, before, since, within = EVERYWHERE } = filter
  const equal = {
    state: filter.state,
    outcome: filter.outcome,
    incident: filter.incident,
    listId: filter.list,
    entryId: filter.entry,
    agent: filter.agent,
    camera: filter.camera,
  }
  let query = db.selectFrom('alerts').selectAll().where(isWithin(within))
  for (const [column, value] of Object.entries(equal)) {
    if (value !== undefined) query = query.where(column as keyof typeof equal, '=', value)
  }
  if (since !== undefined) query = query.where('capturedAt', '>=', since)
  if (before !== undefined) query = query.where('id', '<', before)
  const rows = await guarded(() => query.orderBy('id', 'desc').limit(limit).execute())
  return rows.map(toAlert)
}
