import { Refusal } from '@vedette/shared/errors'
import { z } from 'zod'
import type { Caller } from '../../operators/caller.ts'
import type { BudgetPlace } from '../../thresholds/budgets.ts'
import type { Report } from '../../thresholds/report.ts'
import { explainedAnswer, reportAnswer, thresholdChangesAnswer } from '../answers/thresholds.ts'
import { refusedAs } from '../parse.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

const place = z.object({
  scope: z.enum(['server', 'list', 'camera']),
  /** '' for the server, a list, or AGENT/CAMERA. */
  target: z.string().max(256).default(''),
})
const budget = z.number()
const change = place.extend({ budget })
const trial = place.extend({ budget: budget.nullable() })
for (const asked of [place, change, trial]) asked.register(refusedAs, { code: 'threshold.invalid' })

type ByCamera = { Params: { agent: string; camera: string } }

/** Alert budgets, and the thresholds that follow from them: show, explain, forget, try, set, unset. */
export async function thresholdRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { thresholds } = options

  app.get(
    '/thresholds',
    {
      config: { needs: 'thresholds.view' },
      schema: {
        summary: 'Thresholds of every camera and list',
        answers: { 200: z.array(reportAnswer) },
      },
    },
    async ({ caller }) => {
      const reports = await thresholds().reports()
      return reports.filter((report) => sees(caller, report))
    },
  )

  app.get<ByCamera>(
    '/thresholds/:agent/:camera',
    {
      config: { needs: 'thresholds.view' },
      schema: {
        summary: 'How thresholds of a camera came to be',
        answers: { 200: z.array(explainedAnswer) },
      },
    },
    async ({ params, caller }) => {
      const reports = await thresholds().explain(params)
      return reports.filter((report) => sees(caller, report))
    },
  )

  app.delete<ByCamera>(
    '/thresholds/:agent/:camera',
    {
      config: { needs: 'thresholds.manage' },
      schema: { summary: 'Learn the crowd of a camera anew', answers: { 204: null } },
    },
    async ({ params, hand }, reply) => {
      await thresholds().forget(params, hand)
      return reply.code(204).send()
    },
  )

  /** Changes nothing; `budget` null asks what unsetting would do. */
  app.post(
    '/thresholds/forecast',
    {
      config: { needs: 'thresholds.view' },
      schema: {
        summary: 'What a budget would bring; changes nothing',
        answers: { 200: thresholdChangesAnswer },
        body: trial,
      },
    },
    async ({ body, caller }) => {
      const { budget, ...at } = body
      return thresholds().forecast(checked(at, caller), budget ?? undefined)
    },
  )

  app.put(
    '/thresholds',
    {
      config: { needs: 'thresholds.manage' },
      schema: {
        summary: 'Set a budget of alerts',
        answers: { 200: thresholdChangesAnswer },
        body: change,
      },
    },
    async ({ body, hand, caller }) => {
      const { budget, ...at } = body
      return thresholds().set(checked(at, caller), budget, hand)
    },
  )

  app.delete(
    '/thresholds',
    {
      config: { needs: 'thresholds.manage' },
      schema: {
        summary: 'Unset a budget of alerts',
        answers: { 200: thresholdChangesAnswer },
        querystring: place,
      },
    },
    async ({ query, hand, caller }) => thresholds().unset(checked(query, caller), hand),
  )
}

function checked(at: BudgetPlace, caller: Caller): BudgetPlace {
  if (!reachesPlace(caller, at)) throw notFound(at)
  if ((at.scope === 'server') === (at.target === '')) return at
  throw new Refusal('threshold.invalid', `no budget is for ${at.scope} '${at.target}'`, {
    hint: 'the server has no target; a list has its name, a camera AGENT/CAMERA',
  })
}

/** What is for everybody is set by whoever sees everything. */
function reachesPlace(caller: Caller, { scope, target }: BudgetPlace): boolean {
  if (scope === 'list') return caller.sees(target)
  const [agent = '', camera = ''] = target.split('/')
  if (scope === 'camera') return caller.seesCamera(agent, camera)
  return caller.scope.lists === null && caller.scope.cameras === null
}

function notFound({ scope, target }: BudgetPlace): Refusal {
  if (scope === 'list') return new Refusal('list.not-found', `no list ${target}`)
  if (scope === 'camera') return new Refusal('camera.not-found', `no camera ${target}`)
  return new Refusal('operator.not-allowed', 'a budget for all is for whoever sees everything', {
    hint: 'set it for one list or one camera: --list, --camera',
  })
}

function sees(caller: Caller, { agent, camera, list }: Report): boolean {
  return caller.seesCamera(agent, camera) && (list === null || caller.sees(list))
}
