import { InvalidArgumentError } from 'commander'
import type { Hours, Span, Weekday } from '../lists/list.ts'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const SPAN = /^(?:(\S+)\s+)?(\d\d:\d\d)-(\d\d:\d\d)$/

/** `mon-fri 08:00-18:00, sat 22:00-06:00`; without days it is every day. */
export function parseSpans(text: string): Span[] {
  return text.split(',').map((part) => {
    const [, days, from, to] = SPAN.exec(part.trim()) ?? []
    if (from === undefined || to === undefined) throw unclear(part)
    return { days: days === undefined ? daysOf('mon-sun') : daysOf(days), from, to }
  })
}

/** The same as it is written. */
export function hoursText(hours: Hours | null): string {
  if (hours === null) return 'always'
  const spans = hours.spans.map(({ days, from, to }) => `${daysText(days)} ${from}-${to}`)
  return `${spans.join(', ')} (${hours.zone})`
}

/** `mon-fri`, `sat+sun`, `fri-mon`. */
function daysOf(text: string): Weekday[] {
  const found = text.split('+').flatMap((part) => {
    const [first, last = first] = part.split('-').map((name) => dayOf(name, text))
    const count = ((last! - first! + 7) % 7) + 1
    return Array.from({ length: count }, (_, i) => ((first! - 1 + i) % 7) + 1)
  })
  return [...new Set(found)].toSorted() as Weekday[]
}

function dayOf(name: string, text: string): number {
  const at = (DAYS as readonly string[]).indexOf(name.toLowerCase())
  if (at === -1) throw unclear(text)
  return at + 1
}

function daysText(days: readonly Weekday[]): string {
  const name = (day: Weekday) => DAYS[day - 1]!
  const runs: Weekday[][] = []
  for (const day of days) {
    const run = runs.at(-1)
    if (run?.at(-1) === day - 1) run.push(day)
    else runs.push([day])
  }
  return runs
    .map((run) =>
      run.length > 2 ? `${name(run[0]!)}-${name(run.at(-1)!)}` : run.map(name).join('+'),
    )
    .join('+')
}

function unclear(text: string): InvalidArgumentError {
  return new InvalidArgumentError(
    `'${text.trim()}': write it like: mon-fri 08:00-18:00, sat+sun 22:00-06:00`,
  )
}
