import { z } from 'zod'
import { encodeBody, type Parse, parseBody } from './body.ts'
import { alert } from './messages/alert.ts'
import { places, trouble } from './messages/camera.ts'
import { fares } from './messages/fares.ts'
import { count } from './messages/fields.ts'
import { goodbye } from './messages/goodbye.ts'
import { hello, welcome } from './messages/greeting.ts'
import { more, unviewed, view, viewed, watch } from './messages/live.ts'
import { fetch, model, piece } from './messages/model.ts'
import { renew, renewed, stale, trust, trusted, unrenewed } from './messages/papers.ts'
import { ack, busy, canary, match, resume } from './messages/question.ts'

export type { AlertNotice } from './messages/alert.ts'
export { type PlacesReport, TROUBLES, type Trouble, type TroubleKind } from './messages/camera.ts'
export type { Fares } from './messages/fares.ts'
export {
  GOODBYE_REASONS,
  type Goodbye,
  type GoodbyeReason,
  REDIAL_FORBIDDEN,
  REDIAL_SLOWLY,
} from './messages/goodbye.ts'
export { BUSY_SINCE, type Hello, PROTOCOL, SPOKEN, type Welcome } from './messages/greeting.ts'
export {
  LEAST_LIVE_SIDE,
  LEAST_PIECE_BYTES,
  LONGEST_LEASE_MS,
  MOST_LIVE_BYTES,
  MOST_LIVE_FACES,
  MOST_LIVE_FPS,
  MOST_LIVE_SIDE,
  type More,
  type Unviewed,
  type View,
  type Viewed,
  type ViewedFace,
  type Watch,
} from './messages/live.ts'
export type { Fetch, Piece } from './messages/model.ts'
export {
  type Busy,
  type Canary,
  type CanaryMark,
  type Match,
  SURROUNDINGS,
} from './messages/question.ts'

/** Either way: is anybody there? */
const ping = z.strictObject({ type: z.literal('ping'), n: count })
const pong = z.strictObject({ type: z.literal('pong'), n: count })

const fromAgent = z.discriminatedUnion('type', [
  hello,
  match,
  trouble,
  resume,
  fetch,
  renew,
  trusted,
  places,
  view,
  more,
  unviewed,
  fares,
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
  watch,
  viewed,
  ping,
  pong,
  goodbye,
])

export type FromAgent = z.infer<typeof fromAgent>
/** Of an agent's messages those that are numbered, kept, and acknowledged. */
export type Sequenced = Extract<FromAgent, { seq: number }>
export type FromServer = z.infer<typeof fromServer>

/** The msgpack body of `message`. */
export function encodeMessage(message: FromAgent | FromServer): Uint8Array {
  return encodeBody(message)
}

export const parseFromAgent: Parse<FromAgent> = (body) => parseBody(fromAgent, body)
export const parseFromServer: Parse<FromServer> = (body) => parseBody(fromServer, body)
