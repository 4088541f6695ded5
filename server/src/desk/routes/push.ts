import { createHash } from 'node:crypto'
import { Refusal } from '@vedette/shared/errors'
import { pushEnd } from '../../channels/subscribing.ts'
import type { PushSubscriptionRow } from '../../store/push-subscriptions.ts'
import type { PushAnswer, PushDevice } from '../answered/push.ts'
import { deviceAnswer, pushAnswer } from '../answers/channels.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

type ById = { Params: { id: string } }

const own = { config: { needs: 'alerts.view' } } as const

/** On which of their own devices people are told while no console is open. */
export async function pushRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { subscribing } = options.channels

  app.get(
    '/push',
    { ...own, schema: { summary: 'Your own devices that are told', answers: { 200: pushAnswer } } },
    async ({ operator }): Promise<PushAnswer> => ({
      key: subscribing.channel?.settings.publicKey ?? null,
      devices: (await subscribing.of(operator)).map(deviceOf),
    }),
  )

  app.post(
    '/push',
    {
      ...own,
      schema: { summary: 'Tell this device', answers: { 201: deviceAnswer }, body: pushEnd },
    },
    async ({ body, operator, session, hand }, reply) => {
      const device = session?.device ?? ''
      const row = await subscribing.add(body, { operator, device, hand })
      return reply.code(201).send(deviceOf(row))
    },
  )

  app.delete<ById>(
    '/push/:id',
    { ...own, schema: { summary: 'Tell that device no more', answers: { 204: null } } },
    async ({ params, operator, hand }, reply) => {
      const theirs = (one: PushSubscriptionRow) => one.id === params.id && one.operator === operator
      if (await subscribing.remove(theirs, hand, 'switched off')) return reply.code(204).send()
      throw new Refusal('channel.not-found', `no device ${params.id}`, {
        hint: 'your devices are under Profile',
      })
    },
  )
}

function deviceOf({ id, createdAt, end }: PushSubscriptionRow): PushDevice {
  return { id, createdAt, mark: createHash('sha256').update(end.endpoint).digest('base64url') }
}
