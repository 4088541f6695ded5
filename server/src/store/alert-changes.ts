import { type AlertChange, type FrameName, toAlert } from './alert-rows.ts'
import { type Database, guarded } from './database.ts'

/** When a change was made, by whom, if by a person, and which frame brought it about. */
type Occasion = { at: number; by: string | null; frame: FrameName | null }

/** Makes a change and its event in one transaction, and gives both as they now are. */
export function makeChange(
  db: Database,
  id: string,
  kind: AlertChange['kind'],
  { at, by, frame }: Occasion,
  write: (tx: Database) => Promise<void>,
): Promise<AlertChange> {
  return guarded(() =>
    db.transaction().execute(async (tx) => {
      await write(tx)
      const { track, shot } = frame ?? { track: null, shot: null }
      const { seq } = await tx
        .insertInto('alertEvents')
        .values({ alertId: id, kind, at, by, track, shot })
        .returning('seq')
        .executeTakeFirstOrThrow()
      const row = await tx
        .selectFrom('alerts')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
      return { seq, kind, frame, alert: toAlert(row) }
    }),
  )
}

/** Changes after number `seq`, oldest first. */
export async function changesAfter(
  db: Database,
  seq: number,
  limit: number,
): Promise<AlertChange[]> {
  const rows = await guarded(() =>
    db
      .selectFrom('alertEvents')
      .innerJoin('alerts', 'alerts.id', 'alertEvents.alertId')
      .selectAll('alerts')
      .select(['seq', 'kind', 'alertEvents.track as eventTrack', 'alertEvents.shot as eventShot'])
      .where('seq', '>', seq)
      .orderBy('seq')
      .limit(limit)
      .execute(),
  )
  return rows.map(({ seq: number, kind, eventTrack: track, eventShot: shot, ...alert }) => ({
    seq: number,
    kind: kind as AlertChange['kind'],
    frame: track === null || shot === null ? null : { track, shot },
    alert: toAlert(alert),
  }))
}

/** Number of the last change, 0 before the first. */
export async function lastNumber(db: Database): Promise<number> {
  const row = await guarded(() =>
    db
      .selectFrom('alertEvents')
      .select((eb) => eb.fn.max('seq').as('seq'))
      .executeTakeFirst(),
  )
  return row?.seq ?? 0
}
