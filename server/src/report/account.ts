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
  const [usageAt, alertsAt] = [grouped(usage, cameraOf), grouped(alerts, cameraOf)]
  const cameras = sorted([...usageAt.keys(), ...alertsAt.keys()]).map((name) => {
    const used = usedOf(usageAt.get(name) ?? [])
    const [agent = '', ...camera] = name.split('/')
    const figures = figuresOf(alertsAt.get(name) ?? [], used.walks)
    return { agent, camera: camera.join('/'), ...used, ...figures }
  })
  const [sizesOf, alertsOf] = [grouped(sizes, listOf), grouped(alerts, listOf)]
  const [usageOn, alertsOn] = [
    grouped(usage, ({ hour }) => dayOf(hour)),
    grouped(alerts, ({ hour }) => dayOf(hour)),
  ]
  const days = daysBetween(from, to, dayOf).map((day) => {
    const used = usedOf(usageOn.get(day) ?? [])
    return { day, ...used, ...figuresOf(alertsOn.get(day) ?? [], used.walks) }
  })
  return {
    ...{ from, to, madeAt, by, timeZone, cameras, days },
    total: { ...total, ...figuresOf(alerts, total.walks) },
    lists: sorted([...lists.keys(), ...sizesOf.keys(), ...alertsOf.keys()]).map((list) => {
      const entries = (sizesOf.get(list) ?? []).map((size) => size.entries)
      return {
        list,
        fewest: entries.length === 0 ? null : Math.min(...entries),
        most: entries.length === 0 ? null : Math.max(...entries),
        now: lists.get(list) ?? 0,
        ...figuresOf(alertsOf.get(list) ?? [], total.walks),
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

const listOf = ({ list }: { list: string }) => list

function grouped<T>(all: readonly T[], nameOf: (one: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const name = nameOf(one)
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [one])
    else group.push(one)
  }
  return groups
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted()
}

/** Many things happen in one hour, and to format a date takes longer than to look one up. */
function dayIn(timeZone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' })
  const known = new Map<number, string>()
  return (at) => {
    const day = known.get(at) ?? format.format(at)
    known.set(at, day)
    return day
  }
}

/** A day is never shorter than 23 hours: steps of 12 miss none. */
function daysBetween(from: number, to: number, dayOf: (at: number) => string): string[] {
  const days = new Set<string>()
  for (let at = from; at < to; at += 12 * 3_600_000) days.add(dayOf(at))
  if (to > from) days.add(dayOf(to - 1))
  return [...days]
}
