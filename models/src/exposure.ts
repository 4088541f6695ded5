import type { Picture } from './picture.ts'

/** One pixel in so many is read, across and down. */
const STEP = 8
/** The level that says how a picture is exposed: this share of its pixels is darker. */
const SHARE = 0.995
/** A level below is raised to here, 0 … 255; few daylight pictures lie below. */
const DAYLIGHT = 140
/** Beyond this there is nothing but noise to raise. */
const MOST = 16

/**
 * By how much the light of `picture` is multiplied before a network sees it, 1 … 16: they were trained
 * on daylight. It is 1 unless all but a two-hundredth of the picture is dark: a lamp far away does not
 * count, a performer's small lit face on a dark stage does.
 */
export function gainOf({ width, height, data }: Picture): number {
  const histogram = new Uint32Array(256)
  let count = 0
  for (let y = Math.min(STEP >> 1, height - 1); y < height; y += STEP) {
    for (let x = Math.min(STEP >> 1, width - 1); x < width; x += STEP) {
      const at = (y * width + x) * 3
      histogram[(data[at]! * 77 + data[at + 1]! * 150 + data[at + 2]! * 29) >> 8]!++
      count++
    }
  }
  let level = 0
  for (let below = histogram[0]!; below < count * SHARE; below += histogram[level]!) level++
  return Math.min(MOST, Math.max(1, DAYLIGHT / Math.max(1, level)))
}
