import type { Clock, Timer } from '@vedette/shared/clock'
import type { UsageLog } from '../report/usage-log.ts'
import type { Judges } from './judges.ts'

/** How often the cameras that are here are counted as watched. */
const WATCH_MS = 60_000

type Here = {
  readonly cameras: readonly { agent: string; camera: string }[]
  /** The embedding space that each agent speaks. */
  readonly spoken: ReadonlyMap<string, string>
}

/** Has judges and log count for how long cameras were watched, until stopped. */
export function countWatched(
  judges: Judges,
  usage: UsageLog,
  here: Here,
  clock: Clock,
): { stop(): void } {
  const ring = (): Timer =>
    clock.after(WATCH_MS, () => {
      timer = ring()
      judges.watching(here.cameras, here.spoken, WATCH_MS)
      usage.watched(here.cameras, WATCH_MS)
    })
  let timer = ring()
  return { stop: () => timer.cancel() }
}
