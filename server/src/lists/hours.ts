import type { Hours, Span, Weekday } from './list.ts'

const MINUTES_OF_A_DAY = 1440

/** Day of the week and minute of the day, as clocks on the wall of a place show them. */
type WallTime = { day: Weekday; minute: number }

const clocks = new Map<string, Intl.DateTimeFormat>()

/**
 * Whether `hours` hold at `at`, epoch milliseconds. What clocks show decides: an hour that comes twice
 * when they are put back holds twice, and one that they skip does not come.
 */
export function holds({ zone, spans }: Hours, at: number): boolean {
  const now = wallTime(zone, at)
  return spans.some((span) => covers(span, now))
}

/** Whether there is such a zone. */
export function isZone(zone: string): boolean {
  try {
    clockIn(zone)
    return true
  } catch {
    return false
  }
}

/** Minutes since midnight of HH:MM, up to 24:00. */
export function minuteOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  return 60 * hour + minute
}

function covers({ days, from, to }: Span, { day, minute }: WallTime): boolean {
  const [begin, end] = [minuteOf(from), minuteOf(to)]
  if (begin < end) return days.includes(day) && minute >= begin && minute < end
  return (days.includes(day) && minute >= begin) || (days.includes(before(day)) && minute < end)
}

function before(day: Weekday): Weekday {
  return (day === 1 ? 7 : day - 1) as Weekday
}

function wallTime(zone: string, at: number): WallTime {
  const parts = clockIn(zone).formatToParts(at)
  const value = (type: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find((part) => part.type === type)?.value)
  const midnight = Date.UTC(value('year'), value('month') - 1, value('day'))
  const sunday = new Date(midnight).getUTCDay() === 0
  const day = (sunday ? 7 : new Date(midnight).getUTCDay()) as Weekday
  return { day, minute: (60 * value('hour') + value('minute')) % MINUTES_OF_A_DAY }
}

/** Throws RangeError where there is no such zone. */
function clockIn(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone)
  if (known !== undefined) return known
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    calendar: 'gregory',
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
  })
  clocks.set(zone, clock)
  return clock
}
