import type { ViewedFace } from '@vedette/shared/message'

/*
 * One part of a stream of live pictures, as the desk sends it. Numbers are unsigned, big-endian.
 *
 *   Offset  Size  Field
 *   0       4     h, length of the head in bytes
 *   4       4     p, length of the picture in bytes; 0 where there is none
 *   8       h     head: JSON, UTF-8, one LiveHead
 *   8 + h   p     picture: JPEG
 */

/** Media type of the stream. */
export const LIVE_TYPE = 'application/vnd.vedette.live'

/** Why there is no picture of a camera, or that one is to come. */
export type LiveState =
  /** Asked for. */
  | 'waiting'
  /** The agent is not connected, or is without this camera. */
  | 'away'
  | 'not-announced'
  /** The agent's program is too old to show anything, or its site forbids it. */
  | 'old'
  | 'off'
  /** The agent says why, see `code`. */
  | 'refused'

/** What a camera saw. Times are epoch milliseconds of the server's clock. */
export type LivePicture = {
  kind: 'picture'
  /** AGENT/CAMERA. */
  camera: string
  capturedAt: number
  receivedAt: number
  /** Size of the camera's own picture, pixels: that is what boxes are in. */
  width: number
  height: number
  faces: ViewedFace[]
}

export type LiveHead =
  | LivePicture
  | { kind: 'state'; camera: string; state: LiveState; code: string | null }
  /** What `track` follows there is what an alert is about; only where whoever looks sees that alert. */
  | { kind: 'match'; camera: string; track: string; alert: string }
  /** Said every second: the link is there, and `now` is the server's clock. */
  | { kind: 'still'; now: number }

const PREFIX_BYTES = 8

/** What stands before a picture of `length` bytes. */
export function partOf(head: LiveHead, length = 0): Buffer {
  const text = Buffer.from(JSON.stringify(head))
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES)
  prefix.writeUInt32BE(text.length, 0)
  prefix.writeUInt32BE(length, 4)
  return Buffer.concat([prefix, text])
}
