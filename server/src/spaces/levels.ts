import type { Galleries } from '../gallery/galleries.ts'
import { thresholdFor } from '../thresholds/published.ts'
import type { Judges } from './judges.ts'

/** Of two strangers' pictures one in so many is as alike as what is called a stranger's. */
const STRANGER_RATE = 0.01

/** Similarities in the active space: what strangers reach now and then, and what a match must. */
export function levelsOf(
  galleries: Galleries,
  judges: Judges,
): { stranger: number; threshold: number } {
  const { points } = galleries.calibrationOf(galleries.active.space)
  const stranger = thresholdFor(points, 1, STRANGER_RATE)
  return { stranger, threshold: judges.active.thresholds.usual }
}
