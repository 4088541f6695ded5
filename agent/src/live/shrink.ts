import { type Picture, smallJpeg } from '@vedette/models/picture'
import { MOST_LIVE_BYTES } from '@vedette/shared/message'

/** Qualities of JPEG, the best first; and what is done when none of them is small enough. */
const QUALITIES = [72, 55, 40, 28] as const
const HALF = 0.5
/** So many pictures in a row must have been quick before they become better again. */
const QUICK = 25
/** Bytes of a live picture: some are left for what is said with it. */
const MOST_BYTES = MOST_LIVE_BYTES - 1024

/** Makes pictures small enough to be sent, as good as may be: for what may be sent at once, and for the link. */
export class Shrink {
  #step = 0
  #scale = 1
  #quick = 0

  /** A picture was slow to be taken, or was not: on a slow link they are smaller. */
  taken(slow: boolean): void {
    this.#quick = slow ? 0 : this.#quick + 1
    if (slow) this.#step = Math.min(this.#step + 1, QUALITIES.length - 1)
    if (this.#quick < QUICK) return
    this.#quick = 0
    this.#step = Math.max(0, this.#step - 1)
  }

  /** `picture` as JPEG, its longer side `side` pixels at most; undefined where it will not get small. */
  async jpeg(picture: Picture, side: number): Promise<Buffer | undefined> {
    for (;;) {
      const jpeg = await smallJpeg(picture, Math.round(side * this.#scale), QUALITIES[this.#step]!)
      if (jpeg.length <= MOST_BYTES) return jpeg
      if (this.#step < QUALITIES.length - 1) this.#step++
      else if (this.#scale === 1) this.#scale = HALF
      else return undefined
    }
  }
}
