import type { CameraCourse, FleetCourse } from '@vedette/server/desk/answered/fleet'

type Figure = 'latencyMs' | 'given' | 'skipped' | 'looked' | 'questions' | 'missed'

const SHOWN = 60

/** A figure of the last hour by the minute; null where nothing was heard. */
export function seriesOf(
  { minutes }: CameraCourse,
  figure: Figure,
  { now, step }: FleetCourse,
): (number | null)[] {
  const last = Math.floor(now / step)
  const byMinute = new Map(minutes.map((minute) => [Math.floor(minute.at / step), minute[figure]]))
  return Array.from({ length: SHOWN }, (_, i) => byMinute.get(last - SHOWN + 1 + i) ?? null)
}
