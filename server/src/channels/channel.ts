import type { QuietHours } from './hours.ts'

/** The ways in which people and machines outside the desk are told. */
export const CHANNEL_KINDS = ['webhook', 'mqtt', 'mail', 'speech', 'push'] as const
export type ChannelKind = (typeof CHANNEL_KINDS)[number]

/** What a channel can be told. */
export const TOLD = [
  /** There is an alert; of one that was not told before because it was not certain enough, too. */
  'new',
  'confirmed',
  'escalated',
  'acknowledged',
  /** It is taken back: the walk seen whole does not bear it out. */
  'withdrawn',
  'resolved',
  'reopened',
  /** A camera cannot be relied upon, or can be again. */
  'camera',
  /** No test face came through in time, or one did again. */
  'canary',
] as const
export type Told = (typeof TOLD)[number]

export type Language = 'en' | 'de'

/** What is told, and how much is said. */
export type Rules = {
  /** Ids of lists; null: of all. */
  lists: string[] | null
  /** The least urgent that is told: 1 is the most urgent, 5 the least. */
  priority: number
  /** AGENT/CAMERA or AGENT/*; null: all. */
  cameras: string[] | null
  quiet: QuietHours | null
  /** Nothing is told of an alert before its evidence is confirmed. */
  confirmed: boolean
  kinds: Told[]
  /** The person's name leaves the house this way. */
  names: boolean
  /** And the picture of the face that was seen. */
  picture: boolean
  language: Language
}

export type WebhookSettings = { url: string; ca: string | null; secret: string }
export type MqttSettings = {
  /** mqtts://HOST:PORT, or mqtt:// to this machine. */
  url: string
  ca: string | null
  username: string | null
  password: string | null
  /** First part of every topic. */
  topic: string
  /** Where Home Assistant looks for what there is; null: nothing is said there. */
  discovery: string | null
}
export type MailSettings = {
  host: string
  port: number
  /** `none` to this machine alone. */
  security: 'starttls' | 'tls' | 'none'
  ca: string | null
  username: string | null
  password: string | null
  from: string
  to: string[]
  /** Between two mails, milliseconds: what comes meanwhile is one mail. */
  apart: number
}
export type SpeechSettings = {
  /** Words in a minute. */
  speed: number
  /** Said again after so long until somebody acts, milliseconds; null: said once. */
  repeat: number | null
  /** So often at most. */
  most: number
}
export type PushSettings = {
  /** Whom a push service may write to about what is sent: mailto: or https:. */
  subject: string
  publicKey: string
  privateKey: string
}

/** What each kind is told of the other end. */
export type Settings = {
  webhook: WebhookSettings
  mqtt: MqttSettings
  mail: MailSettings
  speech: SpeechSettings
  push: PushSettings
}

type Common = {
  id: string
  name: string
  on: boolean
  rules: Rules
  createdAt: number
  createdBy: string
  /** Counts its changes. */
  version: number
}

export type ChannelOf<K extends ChannelKind> = Common & { kind: K; settings: Settings[K] }
/** A way out of the house. Holds secrets: see `shown`. */
export type Channel = { [K in ChannelKind]: ChannelOf<K> }[ChannelKind]
