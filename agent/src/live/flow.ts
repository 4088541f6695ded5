/** Pictures on their way at a time, over a link that is quick. */
const MOST_UNDERWAY = 4
/** A picture that is taken later than this and the way, milliseconds, is on a link that others need. */
const SLOW_MS = 150
/** What was not taken after so long never will be, milliseconds. */
const LOST_MS = 10_000

type Underway = { camera: string; sentAt: number }

/**
 * How many live pictures may be on their way: one of each camera, four in all, until the server has
 * taken them. So whatever buffers there are between here and there hold no more than that, and a
 * question waits for no more. On a slow link it is one alone, and then as long a rest as it took:
 * half of the link is never used.
 */
export class Flow {
  readonly #underway = new Map<number, Underway>()
  #most = MOST_UNDERWAY
  #restUntil = 0
  #n = 0

  /** One alone, as the last one was slow. */
  get slow(): boolean {
    return this.#most === 1
  }

  /** Whether one of `camera` may be sent at `now`, epoch milliseconds. */
  room(camera: string, now: number): boolean {
    this.#giveUp(now)
    if (now < this.#restUntil || this.#underway.size >= this.#most) return false
    return ![...this.#underway.values()].some((one) => one.camera === camera)
  }

  /** The number of the picture of `camera` that is sent at `now`. */
  sent(camera: string, now: number): number {
    const n = this.#n++
    this.#underway.set(n, { camera, sentAt: now })
    return n
  }

  /**
   * The server has taken number `n`: of which camera, and whether that was slow for a way there and
   * back of `way` milliseconds; others are none of ours.
   */
  taken(n: number, now: number, way = 0): { camera: string; slow: boolean } | undefined {
    const one = this.#underway.get(n)
    if (one === undefined) return undefined
    this.#underway.delete(n)
    const took = now - one.sentAt - way
    const slow = took > SLOW_MS
    this.#most = slow ? 1 : Math.min(MOST_UNDERWAY, this.#most + 1)
    if (slow) this.#restUntil = now + Math.min(took, LOST_MS)
    return { camera: one.camera, slow }
  }

  /** Number `n` has not gone after all. */
  dropped(n: number): void {
    this.#underway.delete(n)
  }

  #giveUp(now: number): void {
    for (const [n, { sentAt }] of this.#underway) {
      // A clock that was set back must not keep them for ever.
      if (Math.abs(now - sentAt) > LOST_MS) this.#underway.delete(n)
    }
  }
}
