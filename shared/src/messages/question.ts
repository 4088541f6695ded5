import { z } from 'zod'
import { bytes, count, fraction, instant, label } from './fields.ts'

/** What a chip shows around the square of the face's box, as a share of its side: the face is its middle. */
export const SURROUNDINGS = 0.8

/** Says that a test face was asked for by this server, for one camera, at one time. */
const canaryMark = z.strictObject({
  id: label,
  issuedAt: instant,
  /** HMAC-SHA-256 by a key that only the server has, over id, agent, camera and time. */
  token: bytes,
})

/** What an agent keeps until it is acknowledged, delivers in order, and has done once. */
export const sequenced = {
  /** Strictly increasing within an outbox; in a connection, too. */
  seq: count,
  /** So many directly before this one were dropped, and never come. */
  lost: count.optional(),
}

/** agent → server: one good chip of one track; is it anybody on a list? */
export const match = z.strictObject({
  type: z.literal('match'),
  ...sequenced,
  camera: label,
  /** Identifies one walk past one camera. */
  track: label,
  /** 0 for the first chip of the track, then 1, 2 …: better ones, and others as time passes. */
  shot: count,
  capturedAt: instant,
  /** The embedding space of the probe, where it is not the one of the hello. */
  space: label.optional(),
  /** Little-endian float32 unit vector. */
  probe: bytes,
  /** x, y, width, height of the face in the frame, pixels. */
  box: z.tuple([z.number(), z.number(), z.number().positive(), z.number().positive()]),
  quality: fraction,
  /** JPEG of the face and its SURROUNDINGS, for the person who judges the alert. */
  chip: bytes,
  /** The face is the test face that a canary asked for. */
  canary: canaryMark.optional(),
})

/** server → agent: show the test face to `camera`, on its next frame, and ask about it. */
export const canary = z.strictObject({ type: z.literal('canary'), camera: label, mark: canaryMark })

/** server → agent: request `seq` is done with. Says nothing of what came of it. */
export const ack = z.strictObject({ type: z.literal('ack'), seq: count })

/**
 * server → agent: request `seq` was not looked at. Nor is any other until the agent says `resume`,
 * no sooner than `retryAfter` milliseconds from now, and sends them again in their order.
 */
export const busy = z.strictObject({ type: z.literal('busy'), seq: count, retryAfter: count })

/** agent → server, after busy: what follows is in order again. */
export const resume = z.strictObject({ type: z.literal('resume') })

export type Match = z.infer<typeof match>
export type CanaryMark = z.infer<typeof canaryMark>
export type Canary = z.infer<typeof canary>
export type Busy = z.infer<typeof busy>
