import { Backoff } from '@vedette/shared/backoff'
import type { Clock } from '@vedette/shared/clock'
import { Fault } from '@vedette/shared/errors'
import type { Frame, Source } from '../frame.ts'
import { latest } from './latest.ts'

const REOPEN_BASE_MS = 500
const REOPEN_CAP_MS = 10_000
/** Between two openings, whatever happens. */
const LEAST_WAIT_MS = 100
/** A source that ran this long was well: its next trouble starts with a short wait. */
const WELL_AFTER_MS = 10_000

export type CameraHooks = {
  /** The first frame since it was opened. */
  onOpen(frame: Frame): void
  /** It broke, or ended unasked; it is opened anew in `retryIn` milliseconds. */
  onFault(error: unknown, retryIn: number): void
  /** A frame was passed over because a newer one was there. */
  onSkip(): void
}

export type CameraOptions = CameraHooks & { clock: Clock; random: () => number }

/**
 * Frames of `source` for as long as the signal allows: opened again with back-off when it breaks,
 * newest frame only unless the source waits for us.
 */
export async function* watch(
  source: Source,
  signal: AbortSignal,
  options: CameraOptions,
): AsyncGenerator<Frame, void, undefined> {
  const { clock, random, onOpen, onFault, onSkip } = options
  const backoff = new Backoff({ base: REOPEN_BASE_MS, cap: REOPEN_CAP_MS, random })
  while (!signal.aborted) {
    let failure: unknown
    let openedAt: number | undefined
    const begunAt = clock.now()
    try {
      const open = (until: AbortSignal) => source.frames(until)
      for await (const frame of source.patient ? open(signal) : latest(open, signal, onSkip)) {
        if (openedAt === undefined) {
          openedAt = clock.now()
          onOpen(frame)
        }
        yield frame
      }
      if (source.finite || signal.aborted) return
    } catch (error) {
      if (error instanceof Fault && !error.retryable) throw error
      failure = error
    }
    if (openedAt !== undefined && clock.now() - openedAt > WELL_AFTER_MS) backoff.reset()
    // Whoever hung on for long before it failed has waited already: it is not to be missed for longer.
    const wait = Math.max(LEAST_WAIT_MS, backoff.next() - (clock.now() - begunAt))
    onFault(failure, wait)
    await clock.sleep(wait, signal).catch(() => {})
  }
}
