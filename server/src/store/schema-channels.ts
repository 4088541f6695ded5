import type { Generated } from 'kysely'

/** Tables of what is told outside the desk. Times are epoch milliseconds, blobs are sealed. */
export type ChannelTables = {
  channels: {
    id: string
    kind: string
    on: number
    /** Name, rules and settings as JSON, sealed with the key of all channels. */
    about: Uint8Array
    createdAt: number
    createdBy: string
    version: number
  }
  /** What channels are to be told, were told and could not be told: ids, never a person. */
  notices: {
    seq: Generated<number>
    id: string
    channelId: string
    kind: string
    at: number
    /** When it began to wait. */
    since: number
    alertId: string | null
    /** AGENT/CAMERA, where it is about one. */
    camera: string | null
    /** What its state was, as JSON. */
    about: string | null
    /** Number of the change of the alert that it tells. */
    event: number | null
    /** Id of a subscription, where the channel has several ends. */
    recipient: string | null
    priority: number
    state: string
    attempts: Generated<number>
    notBefore: Generated<number>
    settledAt: number | null
    code: string | null
    said: string | null
  }
  /** Up to which change of an alert it is known what is to be told. */
  noticesPlanned: { id: number; seq: number }
  /** What was told last of each camera. */
  camerasTold: { camera: string; state: string }
  pushSubscriptions: {
    id: string
    channelId: string
    operator: string
    /** Which browser of theirs it is, as the console knows it; '' where it does not. */
    device: string
    /** Where to and how, as JSON, sealed with the key of all channels. */
    about: Uint8Array
    createdAt: number
  }
}
