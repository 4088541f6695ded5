import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { OUTCOMES } from '../../alerts/life.ts'
import { handOf } from '../hands.ts'
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

type ById = { Params: { id: string } }

/** What people make of alerts: acknowledge, resolve, reopen. */
export async function decisionRoutes(app: FastifyInstance, options: DeskParts): Promise<void> {
  const { store, decisions } = options
  const named = naming(store.entries)

  app.post<ById>('/alerts/:id/acknowledge', async (request) => {
    const { note } = parse(remark, request.body ?? {})
    return named(await decisions.acknowledge(request.params.id, handOf(request), note))
  })

  app.post<ById>('/alerts/:id/resolve', async (request) => {
    const { outcome, note } = parse(judgement, request.body ?? {})
    return named(await decisions.resolve(request.params.id, outcome, handOf(request), note))
  })

  app.post<ById>('/alerts/:id/reopen', async (request) => {
    const { note } = parse(remark, request.body ?? {})
    return named(await decisions.reopen(request.params.id, handOf(request), note))
  })
}
