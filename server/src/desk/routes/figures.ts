import { isAllowed } from '../../operators/roles.ts'
import type { Account } from '../../report/account.ts'
import { type Delays, delaysOf } from '../../report/delays.ts'
import { type Watched, watchedOf } from '../../report/watched.ts'
import { accountFor, checkPeriod, period } from '../accounting.ts'
import { observedAnswer } from '../answers/figures.ts'
import type { DeskParts } from '../parts.ts'
import { withinOf } from '../scope.ts'
import type { DeskApp } from '../taking.ts'

/** How long things took, and what could be seen, from `from` to `to`. */
export type Observed = {
  from: number
  to: number
  delays: Delays
  /** By camera; what was to be said of it is remembered for a month, or as long as the past is kept. */
  cameras: Watched[]
  /** What came of it; null for whoever may not see reports. */
  account: Account | null
}

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
