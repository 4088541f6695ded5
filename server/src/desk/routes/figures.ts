import { isAllowed } from '../../operators/roles.ts'
import { delaysOf } from '../../report/delays.ts'
import { watchedOf } from '../../report/watched.ts'
import { accountFor, checkPeriod, period } from '../accounting.ts'
import type { Observed } from '../answered/figures.ts'
import { observedAnswer } from '../answers/figures.ts'
import type { DeskParts } from '../parts.ts'
import { withinOf } from '../scope.ts'
import type { DeskApp } from '../taking.ts'

/** What came of it, how fast it was, and how much of the time it watched. */
export async function figureRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, lists, watchfulness, clock } = options

  app.get(
    '/figures',
    {
      config: { needs: 'thresholds.view', act: 'figures.viewed' },
      schema: {
        summary: 'What came of it, how long things took, and what could be seen',
        answers: { 200: observedAnswer },
        querystring: period,
      },
    },
    async ({ query, caller }): Promise<Observed> => {
      const { from } = query
      const to = Math.min(query.to, clock.now())
      checkPeriod({ from, to })
      const [times, periods, account] = await Promise.all([
        store.alerts.times(from, to, withinOf(caller, lists)),
        store.past.periods.between(from, to),
        isAllowed(caller.role, 'reports.view')
          ? accountFor(caller, { ...query, to }, options)
          : null,
      ])
      const here = watchfulness.cameras.all()
      const seen = <T extends { agent: string; camera: string }>(all: readonly T[]) =>
        all.filter(({ agent, camera }) => caller.seesCamera(agent, camera))
      const cameras = watchedOf({ from, to, periods: seen(periods), cameras: seen(here) })
      return { from, to, delays: delaysOf(times), cameras, account }
    },
  )
}
