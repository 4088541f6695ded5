import type { Clock } from '@vedette/shared/clock'

/** So long after somebody has looked, the last picture may still be saved, milliseconds. */
const REMEMBERED_MS = 120_000
/** A picture that is the first to be seen was taken this long before, at most, milliseconds. */
const BEFORE_MS = 10_000

type Look = { name: string; camera: string; since: number; until: number }

/** Who has looked through which camera of late, and when: whoever saves a picture has seen it. */
export class Looks {
  readonly #clock: Pick<Clock, 'now'>
  readonly #looks = new Set<Look>()

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  /** `name` looks through `cameras` (AGENT/CAMERA) from here on; the function returned ends that. */
  begin(name: string, cameras: readonly string[]): () => void {
    const since = this.#clock.now()
    this.#forget(since)
    const looks = cameras.map((camera) => ({
      name,
      camera,
      since,
      until: Number.POSITIVE_INFINITY,
    }))
    for (const look of looks) this.#looks.add(look)
    return () => {
      const until = this.#clock.now()
      for (const look of looks) look.until = until
    }
  }

  /** Whether `name` can have seen what `camera` saw at `at`, epoch milliseconds. */
  saw(name: string, camera: string, at: number): boolean {
    const now = this.#clock.now()
    this.#forget(now)
    return [...this.#looks].some(
      (look) =>
        look.name === name &&
        look.camera === camera &&
        at >= look.since - BEFORE_MS &&
        at <= Math.min(look.until, now),
    )
  }

  #forget(now: number): void {
    for (const look of this.#looks) {
      if (now - look.until > REMEMBERED_MS) this.#looks.delete(look)
    }
  }
}
