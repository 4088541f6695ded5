import { type Embedding, encodeEmbedding } from '@vedette/shared/embedding'
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

/** What the walk looked like with a frame: see Evidence. */
export type Look = {
  /** The frame's own probe; null where only that of the whole walk is known. */
  own: Embedding | null
  fused: Embedding
  coherence: number
  weight: number | null
  side: number
}

type NewFrame = EvidenceFrame & { alertId: string; chip: Uint8Array | null; look: Look }

/** Adds a frame that has a picture while there is room for it, or `always`. */
export async function addFrame(
  tx: Database,
  key: EntryKey,
  { chip, look, ...frame }: NewFrame,
  { always = false } = {},
): Promise<void> {
  if (chip === null) return
  if (!always && (await countOf(tx, frame.alertId)) >= MOST_FRAMES) return
  await tx
    .insertInto('evidence')
    .values({
      ...frame,
      ...lookColumns(key, frame, look),
      chip: key.seal(framePlace(frame.alertId, frame, 'chip'), chip),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Oldest first. */
export function framesOf(db: Database, alertId: string): Promise<EvidenceFrame[]> {
  return guarded(() =>
    db
      .selectFrom('evidence')
      .select(['track', 'shot', 'chips', 'capturedAt', 'quality', 'score', 'threshold'])
      .where('alertId', '=', alertId)
      .orderBy('capturedAt')
      .orderBy('shot')
      .execute(),
  )
}

/** A frame with all that is kept of it; of frames kept by a former version less is. */
export type WholeFrame = EvidenceFrame & {
  chip: Buffer
  /** Little-endian float32. */
  own: Buffer | null
  fused: Buffer | null
  coherence: number | null
  weight: number | null
  side: number | null
}

/** Every frame of alert `alertId`, opened, in the order in which they were kept. */
export async function wholeFrames(
  db: Database,
  key: EntryKey,
  alertId: string,
): Promise<WholeFrame[]> {
  const rows = await guarded(() =>
    db
      .selectFrom('evidence')
      .selectAll()
      .where('alertId', '=', alertId)
      .orderBy('capturedAt')
      .orderBy('shot')
      .execute(),
  )
  return rows.map(({ alertId: _, chip, own, fused, ...row }) => ({
    ...row,
    chip: key.open(framePlace(alertId, row, 'chip'), chip),
    own: own && key.open(framePlace(alertId, row, 'own'), own),
    fused: fused && key.open(framePlace(alertId, row, 'fused'), fused),
  }))
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
  if (row !== undefined) return key.open(framePlace(alertId, frame, 'chip'), row.chip)
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

function lookColumns(
  key: EntryKey,
  frame: FrameName & { alertId: string },
  { own, fused, coherence, weight, side }: Look,
) {
  const sealed = (column: 'own' | 'fused', embedding: Embedding) =>
    key.seal(framePlace(frame.alertId, frame, column), encodeEmbedding(embedding))
  return {
    own: own && sealed('own', own),
    fused: sealed('fused', fused),
    ...{ coherence, weight, side },
  }
}

function framePlace(alertId: string, { track, shot }: FrameName, column: 'chip' | 'own' | 'fused') {
  return { table: 'evidence', row: `${alertId}/${track}/${shot}`, column }
}
