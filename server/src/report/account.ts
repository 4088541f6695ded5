import type { ListSize, Usage } from '../store/usage.ts'
import { type Accounted, type Figures, figuresOf } from './figures.ts'

type Used = { walks: number; searches: number; watchedMs: number }

/** What was done in a period, and what came of it. It names nobody. */
export type Account = {
  /** Epoch milliseconds; `to` is not in it. */
  from: number
  to: number
  madeAt: number
  by: string
  /** The zone that `days` are of. */
  timeZone: string
  total: Used & Figures
  /** Where it was used, AGENT and camera. */
  cameras: (Used & Figures & { agent: string; camera: string })[]
  /** Whom it looked for: fewest and most entries in the period, null where nobody counted. */
  lists: (Figures & { list: string; fewest: number | null; most: number | null; now: number })[]
  /** Local days, oldest first; `day` is YYYY-MM-DD. */
  days: (Used & Figures & { day: string })[]
}

export type AccountOf = {
  from: number
  to: number
  madeAt: number
  by: string
  timeZone: string
  usage: readonly Usage[]
  sizes: readonly ListSize[]
  /** Entries of each list as it is now. */
  lists: ReadonlyMap<string, number>
  alerts: readonly Accounted[]
}

export function accountOf(of: AccountOf): Account {
  const { from, to, madeAt, by, timeZone, usage, sizes, lists, alerts } = of
  const total = usedOf(usage)
  const dayOf = dayIn(timeZone)
  const cameraOf = ({ agent, camera }: { agent: string; camera: string }) => `${agent}/${camera}`
  const cameras = grouped([...usage, ...alerts].map(cameraOf)).map((name) => {
    const used = usedOf(usage.filter((row) => cameraOf(row) === name))
    const [agent = '', ...camera] = name.split('/')
    const own = alerts.filter((alert) => cameraOf(alert) === name)
    return { agent, camera: camera.join('/'), ...used, ...figuresOf(own, used.walks) }
  })
  const known = [...lists.keys(), ...[...sizes, ...alerts].map(({ list }) => list)]
  const days = daysBetween(from, to, dayOf).map((day) => {
    const used = usedOf(usage.filter(({ hour }) => dayOf(hour) === day))
    const own = alerts.filter(({ hour }) => dayOf(hour) === day)
    return { day, ...used, ...figuresOf(own, used.walks) }
  })
  return {
    ...{ from, to, madeAt, by, timeZone, cameras, days },
    total: { ...total, ...figuresOf(alerts, total.walks) },
    lists: grouped(known).map((list) => {
      const entries = sizes.filter((size) => size.list === list).map((size) => size.entries)
      const own = alerts.filter((alert) => alert.list === list)
      return {
        list,
        fewest: entries.length === 0 ? null : Math.min(...entries),
        most: entries.length === 0 ? null : Math.max(...entries),
        now: lists.get(list) ?? 0,
        ...figuresOf(own, total.walks),
      }
    }),
  }
}

function usedOf(usage: readonly Used[]): Used {
  const sum = (value: (row: Used) => number) => usage.reduce((all, row) => all + value(row), 0)
  return {
    walks: sum(({ walks }) => walks),
    searches: sum(({ searches }) => searches),
    watchedMs: sum(({ watchedMs }) => watchedMs),
  }
}

function grouped(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted()
}

function dayIn(timeZone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' })
  return (at) => format.format(at)
}

/** A day is never shorter than 23 hours: steps of 12 miss none. */
function daysBetween(from: number, to: number, dayOf: (at: number) => string): string[] {
  const days = new Set<string>()
  for (let at = from; at < to; at += 12 * 3_600_000) days.add(dayOf(at))
  if (to > from) days.add(dayOf(to - 1))
  return [...days]
}
