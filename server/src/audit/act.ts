import type { Hand } from '../hand.ts'
import type { ActKind } from './kinds.ts'

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject
export type JsonObject = { readonly [key: string]: JsonValue }

/** What an act can be about. */
export type Subject =
  | 'agent'
  | 'alert'
  | 'backup'
  | 'camera'
  | 'certificate'
  | 'channel'
  | 'entry'
  | 'import'
  | 'incident'
  | 'invitation'
  | 'list'
  | 'model'
  | 'operator'
  | 'photo'
  | 'plan'
  | 'rejection'
  | 'template'
  | 'trouble'

/** What an act is about, by id. A camera is AGENT/CAMERA. */
export type About = { readonly [subject in Subject]?: string | undefined }

/**
 * Something that was done. Details hold numbers, ids and codes: never the name of a person on a
 * list, a face or an embedding.
 */
export type Act = {
  kind: ActKind
  hand: Hand
  /** Epoch milliseconds. */
  at: number
  about: About
  details?: JsonObject
}
