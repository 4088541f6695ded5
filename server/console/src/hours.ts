import type { Hours } from '@vedette/server/lists/list'
import { language } from './words.ts'

const DAY_MS = 86_400_000
/** 1 January 2024 was a Monday. */
const MONDAY = Date.UTC(2024, 0, 1)

/** `1` is Monday. */
export function weekday(number: number, style: 'short' | 'long' = 'short'): string {
  const format = new Intl.DateTimeFormat(language.value, { weekday: style, timeZone: 'UTC' })
  return format.format(MONDAY + (number - 1) * DAY_MS)
}

export function hoursWords({ zone, spans }: Hours): string {
  const said = spans.map(({ days, from, to }) => {
    const named = days.toSorted().map((day) => weekday(day))
    return `${named.join(' ')} ${from}–${to}`
  })
  return `${said.join('; ')} (${zone})`
}
