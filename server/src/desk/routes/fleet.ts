import { SOFTWARE } from '@vedette/shared/software'
import { MINUTE_MS } from '../../cameras/course.ts'
import { reliedOf } from '../../report/watched.ts'
import type { PeriodSum } from '../../store/past/periods.ts'
import type { FleetCourse } from '../answered/fleet.ts'
import { fleetAnswer } from '../answers/cameras.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

const DAY_MS = 86_400_000
/** What was added up is told for so long, milliseconds. */
const FRESH_MS = 20_000

type Sums = Promise<Map<string, PeriodSum[]>>

/** How cameras fared lately: minute by minute, and how long nobody could rely on them. */
export async function fleetRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, watchfulness, clock } = options
  const { cameras } = watchfulness

  /** As many consoles as may look: the database adds up once for all of them. */
  let latest: { at: number; day: Sums; week: Sums } | undefined
  const sumsAt = (now: number) => {
    if (latest === undefined || now - latest.at >= FRESH_MS) {
      const since = async (from: number) => byCamera(await store.past.periods.sums(from, now))
      latest = { at: now, day: since(now - DAY_MS), week: since(now - 7 * DAY_MS) }
      // What fails is asked for again.
      for (const sums of [latest.day, latest.week]) sums.catch(() => (latest = undefined))
    }
    return latest
  }

  app.get(
    '/fleet',
    {
      config: { needs: 'cameras.view' },
      schema: {
        summary: 'How cameras fared in the last hours, day and week',
        answers: { 200: fleetAnswer },
      },
    },
    async ({ caller }): Promise<FleetCourse> => {
      const now = clock.now()
      const all = cameras.all()
      const here = all.filter(({ agent, camera }) => caller.seesCamera(agent, camera))
      const { at, ...sums } = sumsAt(now)
      const [day, week] = await Promise.all([sums.day, sums.week])
      return {
        ...{ now, step: MINUTE_MS, software: SOFTWARE },
        cameras: here.map(({ agent, camera }) => {
          const key = `${agent}/${camera}`
          const minutes = cameras.course.of({ agent, camera })
          return {
            ...{ agent, camera, minutes },
            day: reliedOf(day.get(key) ?? [], at - DAY_MS, at),
            week: reliedOf(week.get(key) ?? [], at - 7 * DAY_MS, at),
          }
        }),
      }
    },
  )
}

function byCamera(sums: readonly PeriodSum[]): Map<string, PeriodSum[]> {
  const found = new Map<string, PeriodSum[]>()
  for (const sum of sums) {
    const key = `${sum.agent}/${sum.camera}`
    const those = found.get(key)
    if (those === undefined) found.set(key, [sum])
    else those.push(sum)
  }
  return found
}
