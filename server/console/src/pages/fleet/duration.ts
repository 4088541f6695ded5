import { figure } from './figure.ts'

const [MINUTE, HOUR] = [60_000, 3_600_000]

/** `12 min`, `3.4 h`: short enough for a table. */
export function hours(ms: number): string {
  if (ms < MINUTE) return '0'
  if (ms < HOUR) return `${Math.round(ms / MINUTE)} min`
  return `${figure(ms / HOUR, 1)} h`
}

/** `9:05`, for a clock that counts down. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  const [minutes, rest] = [Math.floor(seconds / 60), String(seconds % 60).padStart(2, '0')]
  if (minutes < 60) return `${minutes}:${rest}`
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}`
}
