const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const DAYS_AGO: Readonly<Record<string, number>> = { today: 0, heute: 0, yesterday: 1, gestern: 1 }

/**
 * A local day (its beginning), a time, or so long ago: `2026-11-01`, `yesterday`, `2026-11-01 08:30`,
 * `12h`, `30d`. Takes what the command line takes, and reads it alike. Epoch milliseconds; undefined
 * where it says nothing.
 */
export function beginning(text: string, now: number): number | undefined {
  return dayOf(text.trim(), now)?.getTime() ?? moment(text.trim(), now)
}

/** The same; a local day is meant whole, up to its end. */
export function end(text: string, now: number): number | undefined {
  const day = dayOf(text.trim(), now)
  // Not a day's milliseconds on: days on which clocks are put forward or back are shorter or longer.
  return day === undefined ? moment(text.trim(), now) : day.setDate(day.getDate() + 1)
}

/** As it is typed: `2026-11-01 08:30`, with seconds where there are any. */
export function typed(at: number): string {
  const date = new Date(at)
  const two = (number: number) => String(number).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  const seconds = date.getSeconds() === 0 ? '' : `:${two(date.getSeconds())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}${seconds}`
}

/** The local day that `at` is in begins then. */
export function dayBegin(at: number): number {
  const date = new Date(at)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
}

/** The day after, whatever the clocks do. */
export function nextDay(at: number): number {
  const date = new Date(at)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime()
}

function dayOf(text: string, now: number): Date | undefined {
  const ago = DAYS_AGO[text.toLowerCase()]
  if (ago !== undefined) {
    const today = new Date(now)
    return new Date(today.getFullYear(), today.getMonth(), today.getDate() - ago)
  }
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []
  if (day === undefined) return undefined
  const date = new Date(Number(year), Number(month) - 1, Number(day))
  // One that is not in the calendar would roll over into another month.
  return date.getMonth() === Number(month) - 1 ? date : undefined
}

function moment(text: string, now: number): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? []
  if (unit !== undefined) return now - Number(amount) * UNITS[unit as keyof typeof UNITS]
  const at = Date.parse(text.replace(/^(\S+) (?=\d)/, '$1T'))
  return /\d[T ]\d/.test(text) && !Number.isNaN(at) ? at : undefined
}
