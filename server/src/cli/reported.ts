import type { Alert } from '../store/alerts.ts'

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const

/**
 * How long after its picture was taken the server had it: `40 ms after`, `14 min 3 s late`; or how long
 * ago it was when it was found in the past: `found 3 h 2 min back`.
 */
export function reported({
  late,
  retrospective,
  capturedAt,
  receivedAt,
  raisedAt,
}: Pick<Alert, 'late' | 'retrospective' | 'capturedAt' | 'receivedAt' | 'raisedAt'>): string {
  if (retrospective && late) {
    return `found ${inUnits(Math.max(1, Math.round((raisedAt - capturedAt) / 1000)))} back`
  }
  const ms = receivedAt - capturedAt
  const took = ms < 10_000 ? `${ms} ms` : inUnits(Math.round(ms / 1000))
  return `${took} ${late ? 'late' : 'after'}`
}

/** The two largest units that say something. */
function inUnits(seconds: number): string {
  const first = UNITS.findIndex(([, size]) => seconds >= size)
  const parts: string[] = []
  let left = seconds
  for (const [unit, size] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(left / size)
    left -= count * size
    if (count > 0) parts.push(`${count} ${unit}`)
  }
  return parts.join(' ')
}
