import { Refusal } from '@vedette/shared/errors'
import { z } from 'zod'
import { accountOf } from '../../report/account.ts'
import type { CameraId } from '../../thresholds/budgets.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

/** Longest period that is accounted for at a time, milliseconds. */
const LONGEST = 400 * 86_400_000

const period = z.object({
  from: z.coerce.number().int().min(0),
  to: z.coerce.number().int().min(0),
  timeZone: z.string().max(64).refine(isZone, 'no such time zone').default('UTC'),
})

/** What was done in a period, and what came of it. */
export async function reportRoutes(app: DeskApp, { store, clock }: DeskParts): Promise<void> {
  const made = { config: { needs: 'reports.view', act: 'report.made' } } as const

  app.get(
    '/report',
    {
      ...made,
      schema: { summary: 'What was done in a period, and what came of it', querystring: period },
    },
    async ({ query, caller }) => {
      const { from, to, timeZone } = query
      if (to <= from || to - from > LONGEST) {
        throw new Refusal(
          'request.invalid',
          'a period ends after it begins, 400 days later at most',
        )
      }
      const [usage, sizes, lists, alerts] = await Promise.all([
        store.usage.cameras(from, to),
        store.usage.lists(from, to),
        store.usage.listsNow(),
        store.alerts.accounted(from, to),
      ])
      const here = ({ agent, camera }: CameraId) => caller.seesCamera(agent, camera)
      return accountOf({
        ...{ from, to, timeZone, madeAt: clock.now(), by: caller.name },
        usage: usage.filter(here),
        sizes: sizes.filter(({ list }) => caller.sees(list)),
        lists: new Map([...lists].filter(([list]) => caller.sees(list))),
        alerts: alerts.filter((alert) => here(alert) && caller.sees(alert.list)),
      })
    },
  )
}

function isZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}
