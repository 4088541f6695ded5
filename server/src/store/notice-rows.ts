import type { Told } from '../channels/channel.ts'

export const NOTICE_STATES = ['waiting', 'sent', 'dead', 'stale'] as const
/** `stale`: it was over before it could be told, or what it was about is gone. */
export type NoticeState = (typeof NOTICE_STATES)[number]

/** Something that a channel is to be told. Times are epoch milliseconds. */
export type NewNotice = {
  channelId: string
  kind: Told | 'test'
  at: number
  /** When it began to wait. */
  since: number
  alertId: string | null
  camera: string | null
  about: string | null
  event: number | null
  recipient: string | null
  priority: number
}

export type NoticeRow = NewNotice & {
  seq: number
  id: string
  state: NoticeState
  attempts: number
  notBefore: number
  settledAt: number | null
  code: string | null
  said: string | null
}

/** What became of a notice. */
export type Settled = {
  state: Exclude<NoticeState, 'waiting'>
  at: number
  code: string | null
  said: string
}

export type NoticeFilter = {
  channel?: string | undefined
  state?: NoticeState | undefined
  before?: number | undefined
  limit: number
}
