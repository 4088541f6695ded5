import type { Box } from '@vedette/models/geometry'
import type { Quality } from '@vedette/models/quality'
import type { Portrait } from './portrait.ts'

/** A face with eyes less than this share as far apart as the largest one's is background. */
const BACKGROUND = 0.5

export type SeenFace = { box: Box; quality: Quality }

/** What is to be seen in a photograph. */
export type Look = {
  /** Pixels, upright. */
  width: number
  height: number
  /** Left to right; face 1 is the first. */
  faces: SeenFace[]
  /** Faces so much smaller that nobody means them. */
  background: number
  /** The face that was asked for, or the only one. */
  chosen: number | undefined
  /** That face as it would be kept, where it is good enough. */
  portrait: Portrait | undefined
}

/** Faces that are not background, left to right. */
export function foreground<F extends SeenFace>(faces: readonly F[]): F[] {
  const largest = Math.max(...faces.map(({ quality }) => quality.eyeDistance))
  return faces
    .filter(({ quality }) => quality.eyeDistance >= largest * BACKGROUND)
    .toSorted((p, q) => p.box.x - q.box.x)
}
