import { isPlacement, PLACEMENT_WANTED, placementFields } from '@vedette/shared/place'
import { z } from 'zod'

const fields = z.strictObject({
  ...placementFields,
  /** How far a face is still to be known, metres. */
  range: z.number().positive().max(10_000).optional(),
})

/**
 * What an operator says of where a camera is: latitude and longitude, or an address; or only how it
 * looks, where its agent or a floor plan says where it is.
 */
export const placing = fields.refine((said) => isPlacement(said) || isView(said), PLACEMENT_WANTED)
export type Placing = z.output<typeof placing>

function isView(said: z.output<typeof fields>): boolean {
  const { latitude, longitude, address, bearing, fieldOfView, range } = said
  if ((latitude ?? longitude ?? address) !== undefined) return false
  return (bearing ?? fieldOfView ?? range) !== undefined
}

/** Where on a floor plan a camera is: shares of its width and height, from the top left. */
export const planSpot = z.strictObject({
  plan: z.string().min(1).max(64),
  x: z.number().min(0).max(1),
  y: z.number().min(0).max(1),
})
export type PlanSpot = z.output<typeof planSpot>
