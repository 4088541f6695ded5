import { z } from 'zod'
import { bytes, count, sha256 } from './fields.ts'

/** server → agent: the model to speak from now on; fetch it, unless it is there. */
export const model = z.strictObject({
  type: z.literal('model'),
  /** Its manifest row, JSON: what it is, and the size and SHA-256 of its file. */
  row: bytes,
})

/** agent → server: what comes of the offered file from `offset` on? Asked piece by piece. */
export const fetch = z.strictObject({ type: z.literal('fetch'), sha256, offset: count })

/** server → agent, answer to fetch. */
export const piece = z.strictObject({
  type: z.literal('piece'),
  sha256,
  offset: count,
  data: bytes,
})

export type Fetch = z.infer<typeof fetch>
export type Piece = z.infer<typeof piece>
