export type AskOptions = { minQuality: number; better: number; most: number }

type Asked = { quality: number; shots: number; lastSeen: number }

/** How long a track that is seen no more is remembered, scene milliseconds. */
const FORGET_AFTER_MS = 60_000

/**
 * Decides which chips of a track are worth a question: the first good one at once, then only
 * clearly better ones.
 */
export class BestShot {
  readonly #options: AskOptions
  readonly #asked = new Map<string, Asked>()

  constructor(options: AskOptions) {
    this.#options = options
  }

  /**
   * The number of the question to ask about `track` with a chip of `quality`, 0 for its first, or
   * undefined when the chip is not worth one.
   */
  consider(track: string, quality: number, at: number): number | undefined {
    const { minQuality, better, most } = this.#options
    if (quality < minQuality) return undefined
    const asked = this.#asked.get(track)
    if (asked === undefined) {
      this.#asked.set(track, { quality, shots: 1, lastSeen: at })
      return 0
    }
    asked.lastSeen = at
    if (asked.shots >= most || quality <= asked.quality * (1 + better)) return undefined
    asked.quality = quality
    return asked.shots++
  }

  /** True when no chip of `track`, still there at `at`, could be clearly better than what was asked. */
  settled(track: string, at: number): boolean {
    const asked = this.#asked.get(track)
    if (asked === undefined) return false
    asked.lastSeen = at
    const { better, most } = this.#options
    return asked.shots >= most || asked.quality * (1 + better) >= 1
  }

  /** Drops what was kept about tracks that ended long before `at`. */
  forget(at: number): void {
    for (const [track, { lastSeen }] of this.#asked) {
      if (at - lastSeen > FORGET_AFTER_MS) this.#asked.delete(track)
    }
  }
}
