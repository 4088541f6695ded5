import { Refusal } from '@vedette/shared/errors'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { BudgetPlace } from '../../thresholds/budgets.ts'
import type { DeskParts } from '../parts.ts'

const place = z.object({
  scope: z.enum(['server', 'list', 'camera']),
  /** '' for the server, a list, or AGENT/CAMERA. */
  target: z.string().max(256).default(''),
})
const budget = z.number()
const change = place.extend({ budget })
const trial = place.extend({ budget: budget.nullable() })

type ByCamera = { Params: { agent: string; camera: string } }

/** Alert budgets, and the thresholds that follow from them: show, explain, forget, try, set, unset. */
export async function thresholdRoutes(app: FastifyInstance, options: DeskParts): Promise<void> {
  const { thresholds } = options

  app.get('/thresholds', { config: { needs: 'thresholds.view' } }, () => thresholds().reports())

  app.get<ByCamera>(
    '/thresholds/:agent/:camera',
    { config: { needs: 'thresholds.view' } },
    ({ params }) => thresholds().explain(params),
  )

  app.delete<ByCamera>(
    '/thresholds/:agent/:camera',
    { config: { needs: 'thresholds.manage' } },
    async ({ params, hand }, reply) => {
      await thresholds().forget(params, hand)
      return reply.code(204).send()
    },
  )

  /** Changes nothing; `budget` null asks what unsetting would do. */
  app.post('/thresholds/forecast', { config: { needs: 'thresholds.view' } }, async ({ body }) => {
    const { budget, ...at } = parse(trial, body)
    return thresholds().forecast(checked(at), budget ?? undefined)
  })

  app.put('/thresholds', { config: { needs: 'thresholds.manage' } }, async ({ body, hand }) => {
    const { budget, ...at } = parse(change, body)
    return thresholds().set(checked(at), budget, hand)
  })

  app.delete('/thresholds', { config: { needs: 'thresholds.manage' } }, async ({ query, hand }) =>
    thresholds().unset(checked(parse(place, query)), hand),
  )
}

function checked(at: BudgetPlace): BudgetPlace {
  if ((at.scope === 'server') === (at.target === '')) return at
  throw new Refusal('threshold.invalid', `no budget is for ${at.scope} '${at.target}'`, {
    hint: 'the server has no target; a list has its name, a camera AGENT/CAMERA',
  })
}

function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Refusal('threshold.invalid', `${issue?.path.join('.')}: ${issue?.message}`)
}
