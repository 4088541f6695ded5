import { z } from 'zod'

const view = {
  /** Where it looks, degrees clockwise from north. */
  bearing: z.number().min(0).max(360).optional(),
  /** How wide it looks, degrees. */
  fieldOfView: z.number().positive().max(360).optional(),
}

/** Fields of a placement, to be used with `isPlacement`. */
export const placementFields = {
  /** Degrees, WGS 84. */
  latitude: z.number().min(-90).max(90).optional(),
  longitude: z.number().min(-180).max(180).optional(),
  /** As a person would write it on a letter; the server may find out where that is. */
  address: z.string().trim().min(3).max(200).optional(),
  ...view,
}

type Fields = z.output<z.ZodObject<typeof placementFields>>

/** Either latitude and longitude, or an address. */
export function isPlacement({ latitude, longitude, address }: Fields): boolean {
  const exact = latitude !== undefined && longitude !== undefined
  const neither = latitude === undefined && longitude === undefined
  return address === undefined ? exact : neither
}
export const PLACEMENT_WANTED = 'expected latitude and longitude, or an address'

/** Where a camera stands, as somebody said it. */
export const placement = z.strictObject(placementFields).refine(isPlacement, PLACEMENT_WANTED)
export type Placement = z.output<typeof placement>

/** Where a camera stands. Degrees, WGS 84. */
export type Place = {
  latitude: number
  longitude: number
  bearing: number | null
  fieldOfView: number | null
  /** The address that it was found by, null where latitude and longitude were given. */
  address: string | null
}

/** A place in a few words: `47.37690, 8.54170, looking 90°`. */
export function placeText({ latitude, longitude, bearing, address }: Place): string {
  const point = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`
  const looking = bearing === null ? '' : `, looking ${Math.round(bearing)}°`
  return `${address === null ? point : `${address} (${point})`}${looking}`
}
