import { Packr, Unpackr } from 'msgpackr'
import { z } from 'zod'
import { ProtocolFault } from './errors.ts'
import { isPlacement, PLACEMENT_WANTED, placementFields } from './place.ts'
import { scan } from './scan.ts'

/** The protocol spoken here. */
export const PROTOCOL = 2

/**
 * Protocols in which a server talks: its own and the one before, so that servers are upgraded first
 * and agents when it suits. A hello of another is refused.
 */
export const SPOKEN: ReadonlySet<number> = new Set([1, 2])

/** From this protocol on an agent knows `busy` and `resume`; an older one is read more slowly. */
export const BUSY_SINCE = 2

/** Why an end says goodbye. */
export const GOODBYE_REASONS = [
  'shutdown',
  'protocol',
  'version',
  'model',
  'identity',
  'revoked',
  'expired',
  'replaced',
  'renewed',
  'silent',
  'slow',
  'flapping',
  'full',
  'internal',
  'clock',
] as const
export type GoodbyeReason = (typeof GOODBYE_REASONS)[number]

/** After these a person must act: dialling again would only be refused again. */
export const REDIAL_FORBIDDEN: ReadonlySet<GoodbyeReason> = new Set([
  'version',
  'model',
  'revoked',
  'expired',
])

/** After these the wait before dialling again is long: what is wrong is not mended in seconds. */
export const REDIAL_SLOWLY: ReadonlySet<GoodbyeReason> = new Set(['clock'])

/** What a chip shows around the square of the face's box, as a share of its side: the face is its middle. */
export const SURROUNDINGS = 0.8

const count = z.number().int().nonnegative()
const instant = z.number().int().positive()
const label = z.string().min(1).max(128)
const fraction = z.number().min(0).max(1)
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected bytes')

/** agent → server, first: who I am, which embedding space I speak, which cameras I have. */
const hello = z.strictObject({
  type: z.literal('hello'),
  protocol: count,
  software: label,
  model: label,
  cameras: z.array(label).max(64),
  announce: z.boolean(),
  /** The agent knows `canary`; others are not asked. */
  canary: z.literal(true).optional(),
  sentAt: instant,
  /**
   * Which outbox the numbers of this agent belong to, and the first number of this run of the agent;
   * without it numbers mean nothing beyond the connection.
   */
  outbox: z.strictObject({ stream: label, first: count }).optional(),
  /** Version of the bundle of roots that the agent trusts (trust.ts). */
  trust: label.optional(),
})

/** server → agent, answer to hello: the session is open. */
const welcome = z.strictObject({
  type: z.literal('welcome'),
  protocol: count,
  session: label,
  heartbeat: count,
  now: instant,
  /** Highest number done with of the hello's outbox, where there is one. */
  done: count.optional(),
})

/** Says that a test face was asked for by this server, for one camera, at one time. */
const canaryMark = z.strictObject({
  id: label,
  issuedAt: instant,
  /** HMAC-SHA-256 by a key that only the server has, over id, agent, camera and time. */
  token: bytes,
})

/** What an agent keeps until it is acknowledged, delivers in order, and has done once. */
const sequenced = {
  /** Strictly increasing within an outbox; in a connection, too. */
  seq: count,
  /** So many directly before this one were dropped, and never come. */
  lost: count.optional(),
}

/** agent → server: one good chip of one track; is it anybody on a list? */
const match = z.strictObject({
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
const canary = z.strictObject({ type: z.literal('canary'), camera: label, mark: canaryMark })

/** What can be wrong with what a camera shows. */
export const TROUBLES = ['silent', 'frozen', 'dark', 'covered', 'blurred', 'moved'] as const
export type TroubleKind = (typeof TROUBLES)[number]

/** agent → server: something is wrong with what a camera shows, or is not any more. */
const trouble = z.strictObject({
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

/** server → agent: request `seq` is done with. Says nothing of what came of it. */
const ack = z.strictObject({ type: z.literal('ack'), seq: count })

/**
 * server → agent: request `seq` was not looked at. Nor is any other until the agent says `resume`,
 * no sooner than `retryAfter` milliseconds from now, and sends them again in their order.
 */
const busy = z.strictObject({ type: z.literal('busy'), seq: count, retryAfter: count })

/** agent → server, after busy: what follows is in order again. */
const resume = z.strictObject({ type: z.literal('resume') })

/** server → agent, where both sides' configuration asks for it: announce this on the spot. */
const alert = z.strictObject({
  type: z.literal('alert'),
  id: label,
  camera: label,
  name: z.string().max(256),
  list: label,
  capturedAt: instant,
})

/** server → agent: the model to speak from now on; fetch it, unless it is there. */
const model = z.strictObject({
  type: z.literal('model'),
  /** Its manifest row, JSON: what it is, and the size and SHA-256 of its file. */
  row: bytes,
})

/** agent → server: what comes of the offered file from `offset` on? Asked piece by piece. */
const fetch = z.strictObject({ type: z.literal('fetch'), sha256, offset: count })

/** server → agent, answer to fetch. */
const piece = z.strictObject({ type: z.literal('piece'), sha256, offset: count, data: bytes })

/** agent → server: a certificate for a new key, please, in the place of the one shown here. */
const renew = z.strictObject({
  type: z.literal('renew'),
  /** PKCS#10, PEM. */
  request: z.string().min(1).max(1024),
})

/** server → agent, answer to renew: PEM, the leaf and then its authority. */
const renewed = z.strictObject({ type: z.literal('renewed'), chain: bytes })

/** server → agent, answer to renew: not so; the code says why. */
const unrenewed = z.strictObject({ type: z.literal('unrenewed'), code: label })

/** server → agent: the authority of your certificate is on its way out; renew within so many ms. */
const stale = z.strictObject({ type: z.literal('stale'), within: count })

/** server → agent: the roots to trust from now on, PEM. */
const trust = z.strictObject({ type: z.literal('trust'), version: label, roots: bytes })

/** agent → server, answer to trust: they are on my disk. */
const trusted = z.strictObject({ type: z.literal('trusted'), version: label })

/**
 * agent → server, after welcome, where it knows: where its cameras stand. One that is not named here
 * is nowhere.
 */
const places = z.strictObject({
  type: z.literal('places'),
  places: z
    .array(
      z.strictObject({ camera: label, ...placementFields }).refine(isPlacement, PLACEMENT_WANTED),
    )
    .max(64),
})

/** Either way. */
const ping = z.strictObject({ type: z.literal('ping'), n: count })
const pong = z.strictObject({ type: z.literal('pong'), n: count })
const goodbye = z.strictObject({
  type: z.literal('goodbye'),
  reason: z.enum(GOODBYE_REASONS),
  /** Of a server: come back no sooner than so many milliseconds from now. */
  retryAfter: count.optional(),
})

const fromAgent = z.discriminatedUnion('type', [
  hello,
  match,
  trouble,
  resume,
  fetch,
  renew,
  trusted,
  places,
  ping,
  pong,
  goodbye,
])
const fromServer = z.discriminatedUnion('type', [
  welcome,
  ack,
  busy,
  alert,
  canary,
  model,
  piece,
  renewed,
  unrenewed,
  stale,
  trust,
  ping,
  pong,
  goodbye,
])

export type Hello = z.infer<typeof hello>
export type Welcome = z.infer<typeof welcome>
export type Match = z.infer<typeof match>
export type CanaryMark = z.infer<typeof canaryMark>
export type Canary = z.infer<typeof canary>
export type Trouble = z.infer<typeof trouble>
export type Ack = z.infer<typeof ack>
export type Busy = z.infer<typeof busy>
export type Goodbye = z.infer<typeof goodbye>
export type PlacesReport = z.infer<typeof places>
export type AlertNotice = z.infer<typeof alert>
export type ModelOffer = z.infer<typeof model>
export type Fetch = z.infer<typeof fetch>
export type Piece = z.infer<typeof piece>
export type Renewed = z.infer<typeof renewed>
export type TrustNotice = z.infer<typeof trust>
export type FromAgent = z.infer<typeof fromAgent>
/** Of an agent's messages those that are numbered, kept, and acknowledged. */
export type Sequenced = Extract<FromAgent, { seq: number }>
export type FromServer = z.infer<typeof fromServer>

/** Turns a body into a message, or throws ProtocolFault. */
export type Parse<M> = (body: Uint8Array) => M

const packr = new Packr({ useRecords: false, variableMapSize: true })
const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' })

/** The msgpack body of `value`. */
export function encodeBody(value: object): Uint8Array {
  return packr.pack(value)
}

/** The msgpack body of `message`. */
export function encodeMessage(message: FromAgent | FromServer): Uint8Array {
  return encodeBody(message)
}

export const parseFromAgent: Parse<FromAgent> = (body) => parseBody(fromAgent, body)
export const parseFromServer: Parse<FromServer> = (body) => parseBody(fromServer, body)

/** What `schema` makes of a body, scanned before it is decoded. Throws ProtocolFault. */
export function parseBody<S extends z.ZodType>(schema: S, body: Uint8Array): z.infer<S> {
  scan(body)
  const value: unknown = unpackr.unpack(body)
  const isMap = typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)
  if (!isMap || Array.isArray(value)) {
    throw new ProtocolFault('message.not-a-map', 'a message is a map')
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const where = issue?.path.join('.') || 'message'
  const code = where === 'type' ? 'message.unknown-type' : 'message.invalid'
  throw new ProtocolFault(code, `${where}: ${issue?.message ?? 'invalid'}`)
}
