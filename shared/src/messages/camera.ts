import { z } from 'zod'
import { isPlacement, PLACEMENT_WANTED, placementFields } from '../place.ts'
import { bytes, instant, label } from './fields.ts'
import { sequenced } from './question.ts'

/** What can be wrong with what a camera shows. */
export const TROUBLES = ['silent', 'frozen', 'dark', 'covered', 'blurred', 'moved'] as const
export type TroubleKind = (typeof TROUBLES)[number]

/** agent → server: something is wrong with what a camera shows, or is not any more. */
export const trouble = z.strictObject({
  type: z.literal('trouble'),
  ...sequenced,
  camera: label,
  kind: z.enum(TROUBLES),
  /** Since when it was so; one trouble keeps its own. */
  since: instant,
  /** When that was noticed, or noticed to be over. */
  at: instant,
  over: z.boolean(),
  /** JPEG of what the camera showed then, small; none where it never showed anything. */
  picture: bytes.optional(),
})

/**
 * agent → server, after welcome, where it knows: where its cameras stand. One that is not named here
 * is nowhere.
 */
export const places = z.strictObject({
  type: z.literal('places'),
  places: z
    .array(
      z.strictObject({ camera: label, ...placementFields }).refine(isPlacement, PLACEMENT_WANTED),
    )
    .max(64),
})

export type Trouble = z.infer<typeof trouble>
export type PlacesReport = z.infer<typeof places>
