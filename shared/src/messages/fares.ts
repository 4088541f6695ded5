import { z } from 'zod'
import { count, label } from './fields.ts'

const rate = z.number().min(0).max(10_000)

/** agent → server, now and then: how it fares. Frames a second, over the last half minute. */
export const fares = z.strictObject({
  type: z.literal('fares'),
  cameras: z
    .array(
      z.strictObject({
        camera: label,
        /** Given by the camera; passed over, as a newer one was there; looked at for faces. */
        given: rate,
        skipped: rate,
        looked: rate,
      }),
    )
    .max(64),
  /** Messages that wait to be sent, and those that were given up for want of room or for their age. */
  waiting: count,
  dropped: count,
})

export type Fares = z.infer<typeof fares>
