import { computed } from '@preact/signals'
import { locale } from './words.ts'

const CLOCK = { hourCycle: 'h23', hour: '2-digit', minute: '2-digit', second: '2-digit' } as const
const DAY = { year: 'numeric', month: '2-digit', day: '2-digit' } as const

/** To make a format takes a hundred times as long as to use it, and a list shows many times. */
const formats = computed(() => ({
  time: new Intl.DateTimeFormat(locale.value, CLOCK),
  dated: new Intl.DateTimeFormat(locale.value, { ...DAY, ...CLOCK }),
  away: new Intl.RelativeTimeFormat(locale.value, { numeric: 'auto' }),
}))

/** Local time; the date too where it is not today. */
export function localTime(at: number, now = Date.now()): string {
  const { time, dated } = formats.value
  return (new Date(at).toDateString() === new Date(now).toDateString() ? time : dated).format(at)
}

/** `14:03:07Z`, with the date where it is not today's. */
export function utcTime(at: number, now = Date.now()): string {
  const [date, time] = new Date(at).toISOString().split('T') as [string, string]
  const same = new Date(now).toISOString().startsWith(date)
  return `${same ? '' : `${date} `}${time.slice(0, 8)}Z`
}

/** A moment by the clock on the wall here, and by UTC. */
export function Time({ at, utc = true }: { at: number; utc?: boolean }) {
  return (
    <time class="number" dateTime={new Date(at).toISOString()} title={new Date(at).toISOString()}>
      {localTime(at)}
      {utc && <span class="quiet small"> {utcTime(at)}</span>}
    </time>
  )
}

const STEPS = [
  ['second', 1000, 60_000],
  ['minute', 60_000, 3_600_000],
  ['hour', 3_600_000, 2 * 86_400_000],
  ['day', 86_400_000, Number.POSITIVE_INFINITY],
] as const

/** "3 minutes ago", "in 2 days". */
export function relative(at: number, now = Date.now()): string {
  const away = at - now
  const [unit, ms] = STEPS.find(([, , most]) => Math.abs(away) < most) ?? STEPS[3]
  return formats.value.away.format(Math.round(away / ms), unit)
}
