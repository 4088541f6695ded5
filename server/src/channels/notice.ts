import type { AlertState, Certainty, Outcome } from '../alerts/life.ts'
import type { Colour, Why } from '../cameras/state.ts'
import type { Told } from './channel.ts'

/** What a channel is told of an alert: as it is when it is told. Times are epoch milliseconds. */
export type ToldAlert = {
  id: string
  incident: string
  entry: string
  list: string
  listName: string | null
  priority: number | null
  agent: string
  camera: string
  place: { latitude: number; longitude: number } | null
  certainty: Certainty
  state: AlertState
  outcome: Outcome | null
  /** It tells what was, not what is. */
  late: boolean
  retrospective: boolean
  capturedAt: number
  raisedAt: number
  score: number
  threshold: number
  /** Only where the channel's rules say so, and nobody else is as likely. */
  name?: string
}

export type ToldCamera = { agent: string; camera: string; state: Colour; why: Why }

/** One thing that a channel is told. */
export type Notice = {
  /** The same each time it is tried: whoever gets it twice knows by it. */
  id: string
  kind: Told | 'test'
  /** When it happened, epoch milliseconds. */
  at: number
  alert?: ToldAlert
  camera?: ToldCamera
  /** JPEG of the face that was seen; only where the channel's rules say so. */
  picture?: Buffer
  /** Whom it is for, where a channel has several ends: id of a subscription. */
  recipient?: string
}

/** What came of an attempt. */
export type Delivered =
  | { done: 'sent'; said: string }
  /** The same may succeed later; `after` milliseconds, where the other end says when. */
  | { done: 'retry'; code: string; said: string; after?: number | undefined }
  /** It never will: a person must look at it. */
  | { done: 'dead'; code: string; said: string }

/** The other end of a channel. */
export type Carrier = AsyncDisposable & {
  /** Most that one attempt takes. */
  readonly batch: number
  /** Attempts at the same time. */
  readonly parallel: number
  /** Between two attempts that succeeded, milliseconds. */
  readonly apart: number
  /** What could not be told within it is not worth telling any more, milliseconds. */
  readonly patience: number
  /** What is most urgent is told before what is older. */
  readonly urgentFirst: boolean
  /** Never throws; gives up when the signal aborts. All of `notices` share what comes of it. */
  deliver(notices: readonly Notice[], signal: AbortSignal): Promise<Delivered>
}

/** The attempt has failed for a reason that may pass. */
export function retry(code: string, said: string, after?: number): Delivered {
  return { done: 'retry', code, said, after }
}

export function dead(code: string, said: string): Delivered {
  return { done: 'dead', code, said }
}
