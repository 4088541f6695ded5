import { Refusal } from '@vedette/shared/errors'
import type { FrameName } from './alert-rows.ts'
import { type Database, guarded } from './database.ts'
import type { EntryKey } from './vault.ts'

/** Frames kept of one alert; whoever stands before a camera for hours adds no more. */
const MOST_FRAMES = 24

/** A frame that an alert rests on: what the walk's score was with it. */
export type EvidenceFrame = FrameName & {
  /** Chips that the score speaks of. */
  chips: number
  capturedAt: number
  quality: number
  score: number
  threshold: number
}

type NewFrame = EvidenceFrame & { alertId: string; chip: Uint8Array | null }

/** Adds a frame that has a picture while there is room for it, or `always`. */
export async function addFrame(
  tx: Database,
  key: EntryKey,
  { chip, ...frame }: NewFrame,
  { always = false } = {},
): Promise<void> {
  if (chip === null) return
  if (!always && (await countOf(tx, frame.alertId)) >= MOST_FRAMES) return
  await tx
    .insertInto('evidence')
    .values({ ...frame, chip: key.seal(chipPlace(frame.alertId, frame), chip) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Oldest first. */
export async function framesOf(db: Database, alertId: string): Promise<EvidenceFrame[]> {
  const rows = await guarded(() =>
    db
      .selectFrom('evidence')
      .selectAll()
      .where('alertId', '=', alertId)
      .orderBy('capturedAt')
      .orderBy('shot')
      .execute(),
  )
  return rows.map(({ alertId: _alert, chip: _chip, ...frame }) => frame)
}

/** JPEG. Throws Refusal `alert.not-found`. */
export async function frameChip(
  db: Database,
  key: EntryKey,
  alertId: string,
  frame: FrameName,
): Promise<Buffer> {
  const row = await guarded(() =>
    db
      .selectFrom('evidence')
      .selectAll()
      .where('alertId', '=', alertId)
      .where('track', '=', frame.track)
      .where('shot', '=', frame.shot)
      .executeTakeFirst(),
  )
  if (row !== undefined) return key.open(chipPlace(alertId, frame), row.chip)
  throw new Refusal('alert.not-found', `alert ${alertId} has no such frame`, {
    hint: 'see: vedette alerts show',
  })
}

async function countOf(tx: Database, alertId: string): Promise<number> {
  const { count } = await tx
    .selectFrom('evidence')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('alertId', '=', alertId)
    .executeTakeFirstOrThrow()
  return count
}

function chipPlace(alertId: string, { track, shot }: FrameName) {
  return { table: 'evidence', row: `${alertId}/${track}/${shot}`, column: 'chip' }
}
