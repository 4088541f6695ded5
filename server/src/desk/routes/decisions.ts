import { Refusal } from '@vedette/shared/errors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { OUTCOMES } from '../../alerts/life.ts'
import { naming } from '../named.ts'
import { parse } from '../parse.ts'
import type { DeskParts } from '../parts.ts'

const words = z.string().max(2000)
const remark = z.object({ note: words.nullable().default(null) })
const judgement = z.object({
  outcome: z.enum(OUTCOMES),
  /** How it is known. */
  note: words.trim().min(1, 'say in a note how you know'),
})

const deciding = { config: { needs: 'alerts.decide' } } as const

type ById = { Params: { id: string } }

/** What people make of alerts: acknowledge, resolve, reopen. */
export async function decisionRoutes(app: FastifyInstance, options: DeskParts): Promise<void> {
  const { store, decisions } = options
  const named = naming(store.entries, options.lists)

  /** Throws Refusal `alert.not-found`, too, where it is not theirs to see. */
  const decidable = async ({ params, caller }: FastifyRequest<ById>): Promise<string> => {
    const { id, list, agent, camera } = await store.alerts.get(params.id)
    if (caller.sees(list) && caller.seesCamera(agent, camera)) return id
    throw new Refusal('alert.not-found', `no alert ${id}`, { hint: 'see: vedette alerts list' })
  }

  app.post<ById>('/alerts/:id/acknowledge', deciding, async (request) => {
    const { note } = parse(remark, request.body ?? {})
    return named(
      await decisions.acknowledge(await decidable(request), request.hand, note),
      request.caller,
    )
  })

  app.post<ById>('/alerts/:id/resolve', deciding, async (request) => {
    const { outcome, note } = parse(judgement, request.body ?? {})
    return named(
      await decisions.resolve(await decidable(request), outcome, request.hand, note),
      request.caller,
    )
  })

  app.post<ById>('/alerts/:id/reopen', deciding, async (request) => {
    const { note } = parse(remark, request.body ?? {})
    return named(
      await decisions.reopen(await decidable(request), request.hand, note),
      request.caller,
    )
  })
}
