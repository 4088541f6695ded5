import { Refusal } from '@vedette/shared/errors'
import { z } from 'zod'
import { type Delays, delaysOf } from '../../report/delays.ts'
import { type Watched, watchedOf } from '../../report/watched.ts'
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
}

/** Longest period that is looked at at a time, milliseconds. */
const LONGEST = 400 * 86_400_000

const instant = z.coerce.number().int().min(0).max(8.64e15)
const period = z.object({ from: instant, to: instant })

/** How fast it is, and how much of the time it watches. What came of it is told by the report. */
export async function figureRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, lists, watchfulness, clock } = options

  app.get(
    '/figures',
    {
      config: { needs: 'thresholds.view' },
      schema: { summary: 'How long things took, and what could be seen', querystring: period },
    },
    async ({ query, caller }): Promise<Observed> => {
      const { from } = query
      const to = Math.min(query.to, clock.now())
      if (to <= from || to - from > LONGEST) {
        throw new Refusal('request.invalid', 'a period ends after it begins', {
          hint: 'choose one that began already, 400 days long at most',
        })
      }
      const [times, periods] = await Promise.all([
        store.alerts.times(from, to, withinOf(caller, lists)),
        store.past.periods.between(from, to),
      ])
      const here = watchfulness.cameras.all()
      const seen = <T extends { agent: string; camera: string }>(all: readonly T[]) =>
        all.filter(({ agent, camera }) => caller.seesCamera(agent, camera))
      const cameras = watchedOf({ from, to, periods: seen(periods), cameras: seen(here) })
      return { from, to, delays: delaysOf(times), cameras }
    },
  )
}
