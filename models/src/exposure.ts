import { apply, type Similarity } from './geometry.ts'
import type { Picture } from './picture.ts'

/** One pixel in so many is read, across and down. */
const STEP = 8
/**
 * How bright a picture is, is how bright all but the brightest `but` of its pixels are; below `daylight`
 * (0 … 255) it is raised to there. A detector needs more light than what comes after it, and must not
 * be blinded by a lit face before the dark, however small; of a face, glints do not count.
 */
const WHOLE = { but: 0.005, daylight: 120 }
const FACE = { but: 0.05, daylight: 70 }
/** Beyond this there is nothing but noise to raise. */
const MOST = 16

/** Places read across and down where a part of a picture is judged. */
const GRID = 32

/**
 * By how much the light of `picture` is multiplied before a detector sees it, 1 … 16: it was trained on
 * daylight. It is 1 unless all of the picture is dark; a lamp does not count.
 */
export function gainOf({ width, height, data }: Picture): number {
  const levels = new Levels()
  for (let y = Math.min(STEP >> 1, height - 1); y < height; y += STEP) {
    for (let x = Math.min(STEP >> 1, width - 1); x < width; x += STEP) {
      levels.count(data, (y * width + x) * 3)
    }
  }
  return levels.gain(WHOLE)
}

/** The same for a face, before landmarks and embedder: `size`×`size` pixels that `toPicture` places. */
export function gainWithin(picture: Picture, toPicture: Similarity, size: number): number {
  const { width, height, data } = picture
  const levels = new Levels()
  for (let i = 0; i < GRID * GRID; i++) {
    const [u, v] = [((i % GRID) + 0.5) / GRID, (Math.floor(i / GRID) + 0.5) / GRID]
    const place = apply(toPicture, { x: u * size, y: v * size })
    const [x, y] = [Math.floor(place.x), Math.floor(place.y)]
    if (x >= 0 && y >= 0 && x < width && y < height) levels.count(data, (y * width + x) * 3)
  }
  return levels.gain(FACE)
}

/** How many pixels there are of each brightness. */
class Levels {
  readonly #histogram = new Uint32Array(256)
  #count = 0

  /** Counts the pixel whose bytes begin `at` there. */
  count(data: Uint8Array, at: number): void {
    this.#histogram[(data[at]! * 77 + data[at + 1]! * 150 + data[at + 2]! * 29) >> 8]!++
    this.#count++
  }

  gain({ but, daylight }: { but: number; daylight: number }): number {
    if (this.#count === 0) return 1
    let level = 0
    let below = this.#histogram[0]!
    while (below < this.#count * (1 - but)) below += this.#histogram[++level]!
    return Math.min(MOST, Math.max(1, daylight / Math.max(1, level)))
  }
}
