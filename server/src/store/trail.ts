import { type Alert, toAlert } from './alert-rows.ts'
import { type Database, guarded } from './database.ts'
import { isWithin, type Within } from './within.ts'

export type TrailFilter = {
  entry: string
  /** Captured from then on, and until then, epoch milliseconds. */
  since: number | undefined
  until: number | undefined
  within: Within
  limit: number
}

/** Alerts about one entry that stand, at whatever cameras: the latest first. */
export async function trailOf(db: Database, filter: TrailFilter): Promise<Alert[]> {
  const { entry, since = 0, until = Number.MAX_SAFE_INTEGER, within, limit } = filter
  const rows = await guarded(() =>
    db
      .selectFrom('alerts')
      .selectAll()
      .where('entryId', '=', entry)
      .where((eb) => eb.between('capturedAt', since, until))
      .where('certainty', '!=', 'withdrawn')
      .where('outcome', 'is distinct from', 'false')
      .where(isWithin(within))
      .orderBy('capturedAt', 'desc')
      .limit(limit)
      .execute(),
  )
  return rows.map(toAlert)
}
