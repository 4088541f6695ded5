import { z } from 'zod'
import { OUTCOMES } from '../../alerts/life.ts'
import { naming } from '../named.ts'
import type { DeskParts } from '../parts.ts'
import { byId, type DeskApp } from '../taking.ts'

const words = z.string().max(2000)
const remark = z.object({ note: words.nullable().default(null) })
const judgement = z.object({
  outcome: z.enum(OUTCOMES),
  /** How it is known. */
  note: words.trim().min(1, 'say in a note how you know'),
})

const deciding = { config: { needs: 'alerts.decide' } } as const

/** What people make of alerts: acknowledge, resolve, reopen. */
export async function decisionRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, decisions } = options
  const named = naming(store.entries, options.lists)

  app.post(
    '/alerts/:id/acknowledge',
    {
      ...deciding,
      schema: { summary: 'Take it: somebody acts on it', params: byId, body: remark },
    },
    async ({ params, body, hand, caller }) => {
      const { note } = body
      return named(await decisions.acknowledge(params.id, hand, note), caller)
    },
  )

  app.post(
    '/alerts/:id/resolve',
    {
      ...deciding,
      schema: { summary: 'Say what it turned out to be', params: byId, body: judgement },
    },
    async ({ params, body, hand, caller }) => {
      const { outcome, note } = body
      return named(await decisions.resolve(params.id, outcome, hand, note), caller)
    },
  )

  app.post(
    '/alerts/:id/reopen',
    { ...deciding, schema: { summary: 'It was resolved by mistake', params: byId, body: remark } },
    async ({ params, body, hand, caller }) => {
      const { note } = body
      return named(await decisions.reopen(params.id, hand, note), caller)
    },
  )
}
