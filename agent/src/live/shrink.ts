import { type Picture, smallJpeg } from '@vedette/models/picture'
import { MOST_LIVE_BYTES } from '@vedette/shared/message'

/** Qualities of JPEG with shares of the side that was asked for, the best first. */
const STEPS = [
  [72, 1],
  [55, 1],
  [40, 1],
  [28, 1],
  [28, 0.7],
  [28, 0.5],
] as const
/** So many pictures in a row must have been quick before they become better again. */
const QUICK = 25
/** Bytes of a live picture: some are left for what is said with it. */
const MOST_BYTES = MOST_LIVE_BYTES - 1024

/** Makes pictures small enough to be sent, as good as may be: for what may be sent at once, and for the link. */
export class Shrink {
  #step = 0
  #quick = 0

  /** A picture was slow to be taken, or was not: on a slow link they are smaller. */
  taken(slow: boolean): void {
    this.#quick = slow ? 0 : this.#quick + 1
    if (slow) this.#step = Math.min(this.#step + 1, STEPS.length - 1)
    if (this.#quick < QUICK) return
    this.#quick = 0
    this.#step = Math.max(0, this.#step - 1)
  }

  /** `picture` as JPEG, its longer side `side` pixels at most; undefined where it will not get small. */
  async jpeg(picture: Picture, side: number): Promise<Buffer | undefined> {
    for (;;) {
      const [quality, share] = STEPS[this.#step]!
      const jpeg = await smallJpeg(picture, Math.round(side * share), quality)
      if (jpeg.length <= MOST_BYTES) return jpeg
      if (this.#step === STEPS.length - 1) return undefined
      this.#step++
    }
  }
}
