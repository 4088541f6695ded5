import { z } from 'zod'
import { instant, label } from './fields.ts'

/** server → agent, where both sides' configuration asks for it: announce this on the spot. */
export const alert = z.strictObject({
  type: z.literal('alert'),
  id: label,
  camera: label,
  name: z.string().max(256),
  list: label,
  capturedAt: instant,
})

export type AlertNotice = z.infer<typeof alert>
