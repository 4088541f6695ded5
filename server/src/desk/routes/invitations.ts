import { isName } from '@vedette/shared/identity'
import { z } from 'zod'
import type { Invitation, JoinAttempt } from '../../store/invitations.ts'
import type { Invitational } from '../answered/invitations.ts'
import { attemptAnswer, invitationAnswer, invitedAnswer } from '../answers/agents.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

const MINUTE_MS = 60_000
const WEEK_MS = 7 * 86_400_000

const invite = z.strictObject({
  agent: z.string().refine(isName, 'expected lower-case letters, digits and inner hyphens'),
  /** Milliseconds. */
  expires: z.number().int().min(MINUTE_MS).max(WEEK_MS),
  /** The server's address, as the newcomer dials it. */
  server: z.string().min(1).max(253).optional(),
  replace: z.boolean().default(false),
})
const named = z.strictObject({ id: z.string().min(1).max(64) })

/** Who may become an agent. */
export async function invitationRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { joining, store } = options
  const { invitations, door } = joining

  app.post(
    '/invitations',
    {
      config: { needs: 'agents.manage' },
      schema: {
        summary: 'Let a machine become an agent',
        answers: { 200: invitedAnswer },
        body: invite,
      },
    },
    async ({ body, hand }): Promise<Invitational> => {
      const { agent, expires, replace, server = joining.host() } = body
      // The door first: without one there is no use for a code, and its port is in it.
      const port = await door.hold()
      const invited = await invitations
        .invite({ agent, expires, host: server, port, replace, hand })
        .finally(() => door.refresh())
      return { ...invited, server: `${server}:${port}` }
    },
  )

  app.get(
    '/invitations',
    {
      config: { needs: 'agents.manage' },
      schema: { summary: 'Invitations', answers: { 200: z.array(invitationAnswer) } },
    },
    (): Promise<Invitation[]> => invitations.all(),
  )

  app.get(
    '/invitations/attempts',
    {
      config: { needs: 'agents.manage' },
      schema: {
        summary: 'Who tried to join, and what came of it',
        answers: { 200: z.array(attemptAnswer) },
      },
    },
    (): Promise<JoinAttempt[]> => store.invitations.attempts(),
  )

  app.delete(
    '/invitations/:id',
    {
      config: { needs: 'agents.manage' },
      schema: { summary: 'Take an invitation back', answers: { 204: null }, params: named },
    },
    async ({ params, hand }, reply) => {
      await invitations.withdraw(params.id, hand)
      await door.refresh()
      return reply.code(204).send()
    },
  )
}
