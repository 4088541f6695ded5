import { dayBegin, nextDay } from '../period.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** So many bars are told from one another, and reached, on a screen. */
const MOST_HOURS = 72
const MOST_DAYS = 124

export type Grain = 'hour' | 'day' | 'week'

/** In what a period is counted so that each bar can be seen. */
export function grainOf(since: number, until: number): Grain {
  const span = until - since
  if (span <= MOST_HOURS * HOUR_MS) return 'hour'
  return span <= MOST_DAYS * DAY_MS ? 'day' : 'week'
}

/** Where bars begin and end, by the clock on the wall here: the first holds `since`, the last `until`. */
export function edgesOf(since: number, until: number): number[] {
  const grain = grainOf(since, until)
  let at = grain === 'hour' ? hourBegin(since) : dayBegin(since)
  const edges = [at]
  while (at < until) {
    if (grain === 'hour') at += HOUR_MS
    else for (let days = grain === 'day' ? 1 : 7; days > 0; days--) at = nextDay(at)
    edges.push(at)
  }
  return edges
}

/** Steps that the desk is to count in, milliseconds: there are places where hours begin at a quarter. */
export function stepOf(since: number, until: number): number {
  const whole = [since, until].every((at) => new Date(at).getTimezoneOffset() % 60 === 0)
  return whole ? HOUR_MS : HOUR_MS / 4
}

function hourBegin(at: number): number {
  const offset = new Date(at).getTimezoneOffset() * 60_000
  return Math.floor((at - offset) / HOUR_MS) * HOUR_MS + offset
}
