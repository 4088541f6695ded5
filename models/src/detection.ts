import type { Box, Point } from './geometry.ts'

/**
 * A face in a picture: where, and how sure the detector is, 0 … 1. Some detectors tell its eyes, nose
 * tip and corners of the mouth, too: left in the picture before right.
 */
export type Detection = { box: Box; score: number; points?: FivePoints }
export type FivePoints = readonly [Point, Point, Point, Point, Point]
