import { Refusal } from '@vedette/shared/errors'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ChangeRequest } from '../../approvals/request.ts'
import type { NamedRequest, Waiting } from '../answered/requests.ts'
import { requestAnswer, waitingAnswer } from '../answers/approvals.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

type ById = { Params: { id: string } }

/** Changes that wait for a second person: list, approve, refuse. */
export async function requestRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, register, imports } = options
  const deciding = { config: { needs: 'entries.approve', grave: true } } as const
  const refusing = { config: { needs: 'entries.approve' } } as const

  const named = async (request: ChangeRequest): Promise<NamedRequest> => {
    const { entry } = request
    const known = entry === undefined ? undefined : await store.entries.get(entry)
    return { ...request, name: known?.name }
  }

  /** Throws Refusal `request.not-found`, also where its list is not there for whoever asks. */
  const seen = async ({
    params,
    caller,
  }: Pick<FastifyRequest<ById>, 'params' | 'caller'>): Promise<string> => {
    const { id, list } = await store.requests.get(params.id)
    if (caller.sees(list)) return id
    throw new Refusal('request.not-found', `no request ${id}`, {
      hint: 'see: vedette entries pending',
    })
  }

  app.get(
    '/requests',
    {
      config: { needs: 'entries.view', act: 'requests.listed' },
      schema: {
        summary: 'Changes that wait for a second person',
        answers: { 200: z.array(requestAnswer) },
      },
    },
    async ({ caller }) => {
      const found = (await register.pending()).filter(({ list }) => caller.sees(list))
      return Promise.all(found.map(named))
    },
  )

  app.get(
    '/requests/waiting',
    {
      config: { needs: 'entries.view' },
      schema: { summary: 'How much waits for a second person', answers: { 200: waitingAnswer } },
    },
    async ({ caller }): Promise<Waiting> => {
      const asked = (await register.pending()).filter(({ list }) => caller.sees(list))
      const opened = (await imports.all()).filter(({ state }) => state === 'pending')
      const by = [...asked.map(({ askedBy }) => askedBy), ...opened.map(({ openedBy }) => openedBy)]
      const others = by.filter((name) => name !== caller.name).length
      return { requests: asked.length, imports: opened.length, others }
    },
  )

  app.post<ById>(
    '/requests/:id/approve',
    { ...deciding, schema: { summary: 'Let a change happen', answers: { 200: requestAnswer } } },
    async (request) => named(await register.decide(await seen(request), 'approved', request.hand)),
  )

  app.post<ById>(
    '/requests/:id/refuse',
    {
      ...refusing,
      schema: { summary: 'Say no to a change; asks for a reason', answers: { 200: requestAnswer } },
    },
    async (request) => {
      if (request.hand.why === null) {
        throw new Refusal('request.no-reason', 'whoever asked wants to know why', {
          hint: 'say it with --reason',
        })
      }
      return named(await register.decide(await seen(request), 'refused', request.hand))
    },
  )
}
