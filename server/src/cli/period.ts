import { duration } from '@vedette/shared/config'
import { InvalidArgumentError } from 'commander'

/**
 * A local day (its beginning), a time, or so long ago: `2026-11-01`, `today`, `yesterday`,
 * `2026-11-01T08:30`, `12h`, `30d`. The console's period field takes what this takes.
 */
export function beginning(text: string): number {
  return dayOf(text)?.getTime() ?? moment(text)
}

/** The same; a local day is meant whole, up to its end. */
export function end(text: string): number {
  return endOfDay(text) ?? moment(text)
}

/** When the local day `2027-01-31` is over, epoch milliseconds; undefined where `text` is no day. */
export function endOfDay(text: string): number | undefined {
  const day = dayOf(text)
  return day?.setDate(day.getDate() + 1)
}

const DAYS_AGO: Readonly<Record<string, number>> = { today: 0, yesterday: 1 }

function dayOf(text: string): Date | undefined {
  const ago = DAYS_AGO[text]
  if (ago !== undefined) {
    const now = new Date()
    return new Date(now.getFullYear(), now.getMonth(), now.getDate() - ago)
  }
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []
  if (day === undefined) return undefined
  const date = new Date(Number(year), Number(month) - 1, Number(day))
  // One that is not in the calendar would roll over into another month.
  return date.getMonth() === Number(month) - 1 ? date : undefined
}

function moment(text: string): number {
  const ago = duration.safeParse(text)
  if (ago.success) return Date.now() - ago.data
  const at = Date.parse(text)
  if (text.includes('T') && !Number.isNaN(at)) return at
  throw new InvalidArgumentError(
    'expected a day (2026-11-01, yesterday), a time (2026-11-01T08:30) or so long ago (12h, 30d)',
  )
}
