import type { FastifyInstance } from 'fastify'
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

  app.post<ById>('/alerts/:id/acknowledge', deciding, async ({ params, body, hand, caller }) => {
    const { note } = parse(remark, body ?? {})
    return named(await decisions.acknowledge(params.id, hand, note), caller)
  })

  app.post<ById>('/alerts/:id/resolve', deciding, async ({ params, body, hand, caller }) => {
    const { outcome, note } = parse(judgement, body ?? {})
    return named(await decisions.resolve(params.id, outcome, hand, note), caller)
  })

  app.post<ById>('/alerts/:id/reopen', deciding, async ({ params, body, hand, caller }) => {
    const { note } = parse(remark, body ?? {})
    return named(await decisions.reopen(params.id, hand, note), caller)
  })
}
