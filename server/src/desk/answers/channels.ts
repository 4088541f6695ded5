import { z } from 'zod'
import { CHANNEL_KINDS, TOLD } from '../../channels/channel.ts'
import type { ChannelAdded, ChannelStatus } from '../../channels/channels.ts'
import type { Delivered } from '../../channels/notice.ts'
import { NOTICE_STATES, type NoticeRow } from '../../store/notice-rows.ts'
import type { PushAnswer, PushDevice } from '../answered/push.ts'
import {
  count,
  exactly,
  number,
  numberOrNull,
  span,
  text,
  textOrNull,
  texts,
  time,
  timeOrNull,
  yes,
} from './exactly.ts'
import { quietHours } from './lists.ts'

const end = {
  state: z.enum(NOTICE_STATES),
  settledAt: timeOrNull,
  code: textOrNull,
  said: textOrNull,
}

const ofChannel = {
  id: text,
  kind: z.enum(CHANNEL_KINDS),
  name: text,
  on: yes,
  rules: z.strictObject({
    lists: texts.nullable().describe('null: all'),
    priority: number.describe('the least urgent that is told'),
    cameras: texts.nullable().describe('null: all'),
    quiet: quietHours,
    confirmed: yes,
    kinds: z.array(z.enum(TOLD)),
    names: yes,
    picture: yes,
    language: z.enum(['en', 'de']),
  }),
  createdAt: time,
  createdBy: text,
  version: count,
  settings: z
    .record(text, z.union([text, number, yes, texts, z.null()]))
    .describe('without secrets'),
  tally: z.strictObject({
    waiting: count,
    dead: count,
    waitingSince: timeOrNull,
    last: z.strictObject(end).nullable(),
    sentAt: timeOrNull,
    trouble: z.strictObject({ code: text, said: text, attempts: count }).nullable(),
  }),
}

export const channelAnswer = exactly<ChannelStatus>('Channel')(z.strictObject(ofChannel))

export const channelAddedAnswer = exactly<ChannelAdded>()(
  z.strictObject({ ...ofChannel, secret: text.describe('told this once').optional() }),
)

export const noticeAnswer = exactly<NoticeRow>()(
  z.strictObject({
    channelId: text,
    kind: z.enum([...TOLD, 'test']),
    at: time,
    since: time,
    alertId: textOrNull,
    camera: textOrNull,
    about: textOrNull,
    event: numberOrNull,
    recipient: textOrNull,
    priority: number,
    seq: count,
    id: text,
    attempts: count,
    notBefore: time,
    ...end,
  }),
)

export const deliveredAnswer = exactly<Delivered>()(
  z.discriminatedUnion('done', [
    z.strictObject({ done: z.literal('sent'), said: text }),
    z.strictObject({ done: z.literal('retry'), code: text, said: text, after: span.optional() }),
    z.strictObject({ done: z.literal('dead'), code: text, said: text }),
  ]),
)

export const retriedAnswer = exactly<{ retried: number }>()(z.strictObject({ retried: count }))

export const deviceAnswer = exactly<PushDevice>('PushDevice')(
  z.strictObject({ id: text, createdAt: time, mark: text }),
)

export const pushAnswer = exactly<PushAnswer>()(
  z.strictObject({
    key: textOrNull.describe('by which a browser asks its push service'),
    devices: z.array(deviceAnswer),
  }),
)
