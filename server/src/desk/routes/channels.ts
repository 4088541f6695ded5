import { z } from 'zod'
import { CHANNEL_KINDS } from '../../channels/channel.ts'
import type { ChannelAdded, ChannelStatus } from '../../channels/channels.ts'
import { composed } from '../../channels/composing.ts'
import type { Delivered } from '../../channels/notice.ts'
import { rulesSchema } from '../../channels/rules.ts'
import { sentences } from '../../channels/words.ts'
import { NOTICE_STATES, type NoticeRow } from '../../store/notice-rows.ts'
import {
  channelAddedAnswer,
  channelAnswer,
  deliveredAnswer,
  noticeAnswer,
  retriedAnswer,
} from '../answers/channels.ts'
import type { DeskParts } from '../parts.ts'
import { byId, type DeskApp } from '../taking.ts'

export type { ChannelAdded, ChannelStatus } from '../../channels/channels.ts'
export type { Delivered } from '../../channels/notice.ts'
export type { NoticeRow } from '../../store/notice-rows.ts'

const name = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^\P{Cc}*$/u, 'one line of text')
const newChannel = z.strictObject({
  kind: z.enum(CHANNEL_KINDS),
  name,
  rules: rulesSchema.prefault({}),
  settings: z.record(z.string(), z.unknown()),
})
/** Without what else would be said of whatever is not. */
const changedRules = z.strictObject(
  Object.fromEntries(
    Object.entries(rulesSchema.shape).map(([key, schema]) => [key, schema.unwrap()]),
  ) as {
    [K in keyof typeof rulesSchema.shape]: ReturnType<(typeof rulesSchema.shape)[K]['unwrap']>
  },
)
const change = z
  .strictObject({
    name,
    on: z.boolean(),
    rules: changedRules.partial(),
    settings: z.record(z.string(), z.unknown()),
    newSecret: z.literal(true),
  })
  .partial()
const filter = z.object({
  channel: z.string().max(64).optional(),
  state: z.enum(NOTICE_STATES).optional(),
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
})
const retry = z.strictObject({ notices: z.array(z.string().max(64)).min(1).max(500).optional() })
const saying = z.object({
  language: z.enum(['en', 'de']).default('en'),
  speed: z.coerce.number().int().min(80).max(300).default(150),
})

type ById = { Params: { id: string } }

const views = { config: { needs: 'channels.view' } } as const
/** Persons may leave the house by what these say. */
const manages = { config: { needs: 'channels.manage', grave: true } } as const

/** Who is told outside the desk: show, add, change, test, and what became of what they were told. */
export async function channelRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { channels, store, lists } = options

  app.get(
    '/channels',
    {
      ...views,
      schema: {
        summary: 'Who is told outside the desk, and how that goes',
        answers: { 200: z.array(channelAnswer) },
      },
    },
    (): Promise<ChannelStatus[]> => channels.all(),
  )

  app.get<ById>(
    '/channels/:id',
    { ...views, schema: { summary: 'One channel', answers: { 200: channelAnswer } } },
    ({ params }): Promise<ChannelStatus> => channels.get(params.id),
  )

  app.get(
    '/channels/notices',
    {
      ...views,
      schema: {
        summary: 'What became of what they were told',
        answers: { 200: z.array(noticeAnswer) },
        querystring: filter,
      },
    },
    ({ query }): Promise<NoticeRow[]> => store.notices.list(query),
  )

  app.post(
    '/channels',
    {
      ...manages,
      schema: { summary: 'Add a channel', answers: { 201: channelAddedAnswer }, body: newChannel },
    },
    async ({ body, hand }, reply) => {
      const added: ChannelAdded = await channels.add(body, hand)
      return reply.code(201).send(added)
    },
  )

  app.patch(
    '/channels/:id',
    {
      ...manages,
      schema: {
        summary: 'Change a channel',
        answers: { 200: channelAddedAnswer },
        params: byId,
        body: change,
      },
    },
    ({ params, body, hand }): Promise<ChannelAdded> => channels.change(params.id, body, hand),
  )

  app.delete<ById>(
    '/channels/:id',
    { ...manages, schema: { summary: 'Remove a channel', answers: { 204: null } } },
    async ({ params, hand }, reply) => {
      await channels.remove(params.id, hand)
      return reply.code(204).send()
    },
  )

  app.post<ById>(
    '/channels/:id/test',
    {
      config: { needs: 'channels.manage', act: 'channel.tested' },
      schema: { summary: 'Send a trial', answers: { 200: deliveredAnswer } },
    },
    async (request): Promise<Delivered> => {
      const { params, operator, recorded } = request
      const result = await channels.test(params.id, operator)
      request.recorded = { ...recorded, details: { done: result.done } }
      return result
    },
  )

  app.post(
    '/channels/:id/retry',
    {
      config: { needs: 'channels.manage' },
      schema: {
        summary: 'Try again what could not be delivered',
        answers: { 200: retriedAnswer },
        params: byId,
        body: retry,
      },
    },
    async ({ params, body, hand }): Promise<{ retried: number }> => {
      const { notices } = body
      return { retried: await channels.revive(params.id, notices, hand) }
    },
  )

  /** What a console without a voice plays: WAV. Recorded as the view that it is. */
  app.get(
    '/alerts/:id/speech',
    {
      config: { needs: 'alerts.view', act: 'alert.viewed' },
      schema: {
        summary: 'An alert, spoken',
        answers: { 200: 'audio/wav' },
        params: byId,
        querystring: saying,
      },
    },
    async ({ params, query }, reply) => {
      const { language, speed } = query
      const alert = await store.alerts.get(params.id)
      const row = { id: '', kind: 'new', at: alert.raisedAt, alertId: alert.id } as const
      const notice = await composed(
        { ...row, camera: null, about: null, recipient: null },
        { names: true, picture: false },
        { store, lists },
      )
      const text = notice === undefined ? '' : `${sentences(notice, language).join('. ')}.`
      const wav = await channels.voice.say({ text, language, speed })
      return reply.type('audio/wav').header('cache-control', 'no-store').send(wav)
    },
  )
}
