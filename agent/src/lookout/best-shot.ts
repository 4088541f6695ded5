export type AskOptions = {
  minQuality: number
  better: number
  /** Scene milliseconds after a question until a chip that is not better may be asked about, too. */
  again: number
  most: number
}

type Asked = {
  /** The best chip that was asked about. */
  quality: number
  shots: number
  /** Shots that were not clearly better: they came because time had passed. */
  repeats: number
  askedAt: number
  lastSeen: number
}

/** Questions that a track may ask because time has passed. */
const MOST_REPEATS = 3
/** What a chip must have of the best one's quality to be worth such a question. */
const REPEAT_SHARE = 0.7
/** How long a track that is seen no more is remembered, scene milliseconds. */
const FORGET_AFTER_MS = 60_000

/**
 * Decides which chips of a track are worth a question: the first good one at once, clearly better
 * ones at once, and a few more as time passes, since a second chip may contradict the first.
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
    if (quality < this.#options.minQuality) return undefined
    const asked = this.#asked.get(track)
    if (asked === undefined) return this.#first(track, quality, at)
    asked.lastSeen = at
    if (asked.shots >= this.#options.most) return undefined
    const better = quality > this.#beaten(asked)
    if (!better && !(this.#due(asked, at) && quality >= asked.quality * REPEAT_SHARE)) {
      return undefined
    }
    if (!better) asked.repeats++
    return this.#next(asked, quality, at)
  }

  /** The same for a chip that is embedded in any case: it takes any question that is left. */
  spend(track: string, quality: number, at: number): number | undefined {
    const asked = this.#asked.get(track)
    if (asked === undefined) return this.consider(track, quality, at)
    const { minQuality, most } = this.#options
    if (quality < minQuality || asked.shots >= most) return undefined
    return this.#next(asked, quality, at)
  }

  /** Questions that `track` has asked. */
  asked(track: string): number {
    return this.#asked.get(track)?.shots ?? 0
  }

  /** True when no chip of `track`, still there, would be asked about at `at`. */
  settled(track: string, at: number): boolean {
    const asked = this.#asked.get(track)
    if (asked === undefined) return false
    asked.lastSeen = at
    if (asked.shots >= this.#options.most) return true
    return this.#beaten(asked) >= 1 && !this.#due(asked, at)
  }

  /** Drops what was kept about tracks that ended long before `at`. */
  forget(at: number): void {
    for (const [track, { lastSeen }] of this.#asked) {
      if (at - lastSeen > FORGET_AFTER_MS) this.#asked.delete(track)
    }
  }

  #first(track: string, quality: number, at: number): number {
    this.#asked.set(track, { quality, shots: 1, repeats: 0, askedAt: at, lastSeen: at })
    return 0
  }

  #next(asked: Asked, quality: number, at: number): number {
    asked.quality = Math.max(asked.quality, quality)
    asked.askedAt = at
    asked.lastSeen = at
    return asked.shots++
  }

  /** The quality that a clearly better chip is above. */
  #beaten({ quality }: Asked): number {
    return quality * (1 + this.#options.better)
  }

  #due({ repeats, askedAt }: Asked, at: number): boolean {
    return repeats < MOST_REPEATS && at - askedAt >= this.#options.again
  }
}
