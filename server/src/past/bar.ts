import type { Matching } from '../matching/matching.ts'
import { type Calibration, decade, doubtOf, thresholdFor } from '../thresholds/published.ts'
import type { CameraId } from './policy.ts'

/** Of searches of the past for somebody who was not there, as many find a stranger. */
export const FALSE_SEARCHES = 0.05

export type BarOptions = {
  /** What is asked of a match as it happens. */
  needed: Matching['needed']
  calibration: Calibration
  /** Walks that are searched, times the photographs that they are held against. */
  comparisons: number
  /** The entry that is looked for, its list, and how many times rarer false alerts about it must be. */
  wanted: { entryId: string; list: string }
  strictness: number
}

/** What a walk past `place`, with a face of `side` pixels, must reach. */
export type Bar = (place: CameraId, side?: number) => number

/**
 * The threshold of a search of the past: every walk is another chance to find a stranger, so all of
 * them together may find one in FALSE_SEARCHES of the searches; and no walk is an alert now that would
 * not have been one when it was seen. Source: ISO/IEC 19795-1, the gallery and the probe changed places.
 */
export function barOf(options: BarOptions): Bar {
  const { needed, calibration, comparisons, wanted, strictness } = options
  const ten = decade(calibration)
  const many = thresholdFor(calibration, comparisons, FALSE_SEARCHES) + ten * Math.log10(strictness)
  return (place, side = Number.POSITIVE_INFINITY) =>
    Math.max(needed(place, wanted, side), many + ten * doubtOf(side))
}
