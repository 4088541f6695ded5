import { SOFTWARE } from '@vedette/shared/software'
import { MINUTE_MS, type Minute } from '../../cameras/course.ts'
import { type Watched, watchedOf } from '../../report/watched.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

/** How a camera fared lately. */
export type CameraCourse = {
  agent: string
  camera: string
  /** Of the last two hours, oldest first, without those in which nothing was heard. */
  minutes: readonly Minute[]
  /** For how long it was seen to work in the last day and week, and why not. */
  day: Omit<Watched, 'agent' | 'camera' | 'canary'>
  week: Omit<Watched, 'agent' | 'camera' | 'canary'>
}

/** Milliseconds. */
export type FleetCourse = {
  now: number
  step: number
  /** Of the server; agents are to have the same. */
  software: string
  cameras: CameraCourse[]
}

const DAY_MS = 86_400_000
const NOTHING = { known: 0, well: 0, blind: {} }

/** How cameras fared lately: minute by minute, and how long nobody could rely on them. */
export async function fleetRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, watchfulness, clock } = options
  const { cameras } = watchfulness

  app.get(
    '/fleet',
    {
      config: { needs: 'cameras.view' },
      schema: { summary: 'How cameras fared in the last hours, day and week' },
    },
    async ({ caller }): Promise<FleetCourse> => {
      const now = clock.now()
      const seen = <T extends { agent: string; camera: string }>(all: readonly T[]) =>
        all.filter(({ agent, camera }) => caller.seesCamera(agent, camera))
      const here = seen(cameras.all())
      const periods = seen(await store.past.periods.between(now - 7 * DAY_MS, now))
      const within = (from: number) => {
        const watched = watchedOf({
          from,
          to: now,
          periods: periods.filter(({ end }) => end > from),
          cameras: here,
        })
        return new Map(watched.map((one) => [`${one.agent}/${one.camera}`, one]))
      }
      const [day, week] = [within(now - DAY_MS), within(now - 7 * DAY_MS)]
      return {
        ...{ now, step: MINUTE_MS, software: SOFTWARE },
        cameras: here.map(({ agent, camera }) => ({
          ...{ agent, camera, minutes: cameras.course.of({ agent, camera }) },
          day: sumsOf(day.get(`${agent}/${camera}`)),
          week: sumsOf(week.get(`${agent}/${camera}`)),
        })),
      }
    },
  )
}

function sumsOf(watched: Watched | undefined): CameraCourse['day'] {
  const { known, well, blind } = watched ?? NOTHING
  return { known, well, blind }
}
