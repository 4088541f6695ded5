import type { TroubleKind } from '@vedette/shared/message'
import type { Measures } from './measure.ts'
import type { Usual } from './usual.ts'

/** A picture in which hardly anything is brighter is dark, 0 … 255. */
const DARK = 36
/** Where fewer cells show anything, or so much fewer than usual, something is before the lens. */
const BARE = 0.02
const BARE_SHARE = 0.25
/** Sharpness, an energy, below this share of the usual one is out of focus. */
const BLURRED_SHARE = 0.25
/** A view that is less like the usual one than this is another. */
const ELSEWHERE = 0.6
/** What counts is further from the usual than the usual is from itself, so many times. */
const BEYOND = 3

/** What a single picture says is wrong; each hides those that follow it. */
export type Sign = Extract<TroubleKind, 'dark' | 'covered' | 'blurred' | 'moved'>

/** What is wrong with a picture of these measures, if anything. */
export function signOf(measures: Measures, usual: Usual): Sign | undefined {
  const { bright, textured, sharpness, outline } = measures
  if (bright < DARK) return 'dark'
  const { textured: often } = usual
  const bare = usual.known && often !== undefined && often.mean * BARE_SHARE > textured
  if (textured < BARE || bare) return 'covered'
  if (!usual.known) return undefined
  const { sharpness: sharp, likeness } = usual
  if (sharp !== undefined && sharpness !== undefined) {
    const limit = Math.min(sharp.mean * BLURRED_SHARE, sharp.mean - BEYOND * sharp.deviation)
    if (sharpness < limit) return 'blurred'
  }
  const alike = usual.compare(outline)
  if (likeness !== undefined && alike !== undefined) {
    const limit = Math.min(ELSEWHERE, likeness.mean - BEYOND * likeness.deviation)
    if (alike < limit) return 'moved'
  }
  return undefined
}
