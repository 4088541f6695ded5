import { z } from 'zod'
import { bytes, count, fraction, instant, label } from './fields.ts'

/** Pictures of a second that may be asked for, at most. */
export const MOST_LIVE_FPS = 10
/** Bounds of the longer side of a live picture, pixels. */
export const [LEAST_LIVE_SIDE, MOST_LIVE_SIDE] = [160, 960]
/** Longest that a picture is sent without being asked for again, milliseconds. */
export const LONGEST_LEASE_MS = 30_000
/** Largest live picture, bytes: what a message may carry in one piece (scan.ts). */
export const MOST_LIVE_BYTES = 64 * 1024
/** Smallest piece of a picture but for the last, bytes. */
export const LEAST_PIECE_BYTES = 1024
/** Faces of one picture that are told of, at most: the first. */
export const MOST_LIVE_FACES = 64

/** What makes a chip useless. */
export const WEAKNESSES = ['size', 'sharpness', 'pose', 'exposure', 'shape', 'whole'] as const

/**
 * server → agent that knows it: somebody looks; show what `camera` sees for so many milliseconds from
 * now. Said again it goes on, as is said then; with a lease of 0 it ends.
 */
export const watch = z.strictObject({
  type: z.literal('watch'),
  camera: label,
  fps: z.number().int().min(1).max(MOST_LIVE_FPS),
  /** Longer side of the picture, pixels, at most. */
  side: z.number().int().min(LEAST_LIVE_SIDE).max(MOST_LIVE_SIDE),
  lease: z.number().int().min(0).max(LONGEST_LEASE_MS),
})

/** One face of a live picture. */
const face = z.strictObject({
  track: label,
  /** x, y, width, height in the camera's own picture, pixels. */
  box: z.tuple([z.number(), z.number(), z.number().positive(), z.number().positive()]),
  /** Of the last chip that was looked at closely; none where none was. */
  quality: fraction.optional(),
  /** What costs that chip the most, where it was not good enough to be asked about. */
  poor: z.enum(WEAKNESSES).optional(),
  /** Questions that its track has asked. */
  asked: count,
})

/**
 * agent → server, while asked for: what a camera sees. Never kept, sent only when nothing else waits,
 * and few at a time until the server has taken them.
 */
export const view = z.strictObject({
  type: z.literal('view'),
  /** Counts what a connection is shown: views, and each `more`. */
  n: count,
  camera: label,
  capturedAt: instant,
  /** Size of the camera's own picture, pixels. */
  width: count.positive(),
  height: count.positive(),
  faces: z.array(face).max(MOST_LIVE_FACES),
  /** JPEG, or the first piece of it. */
  picture: bytes,
  /** Bytes of it that follow, in `more`; the next view says that they never will. */
  rest: count.max(MOST_LIVE_BYTES).optional(),
})

/** agent → server: the next piece of the picture that the last view began. */
export const more = z.strictObject({ type: z.literal('more'), n: count, picture: bytes })

/** server → agent, answer to view and to more: it has come. */
export const viewed = z.strictObject({ type: z.literal('viewed'), n: count })

/** agent → server, answer to watch: there is no picture; the code says why. */
export const unviewed = z.strictObject({ type: z.literal('unviewed'), camera: label, code: label })

export type Watch = z.infer<typeof watch>
export type View = z.infer<typeof view>
export type More = z.infer<typeof more>
export type ViewedFace = z.infer<typeof face>
export type Viewed = z.infer<typeof viewed>
export type Unviewed = z.infer<typeof unviewed>
