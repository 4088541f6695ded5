import { workerData } from 'node:worker_threads'
import { squareAround } from '@vedette/models/geometry'
import { DEFAULT_MODELS, type Face, type ModelOptions } from '@vedette/models/models'
import { cropJpeg, decodePicture } from '@vedette/models/picture'
import { type QualityAspect, weakest } from '@vedette/models/quality'
import type { Embedding } from '@vedette/shared/embedding'
import { Refusal } from '@vedette/shared/errors'
import { serve } from '../thread.ts'
import { FaceFinder } from './face-finder.ts'

/** A photograph to be enrolled; `face` (1 is the leftmost) chooses among several. */
export type PhotoRequest = { bytes: Uint8Array; face: number | undefined }

/** What is kept of it. */
export type PhotoReply = {
  /** The face and its surroundings, re-encoded: nothing else of the file is kept. */
  jpeg: Uint8Array
  template: Embedding
  space: string
  quality: number
}

/** A face with eyes less than this share as far apart as the largest one's is background. */
const BACKGROUND = 0.5
const MIN_QUALITY = 0.35
const KEPT_SURROUNDINGS = 1
const KEPT_SIDE = 512

const WORDS: Record<QualityAspect, string> = {
  size: 'it is too small: the eyes should be at least 14 pixels apart',
  sharpness: 'it is blurred',
  pose: 'it is turned away',
  exposure: 'it is too dark, too bright or without contrast',
  whole: 'a part of it is cut off',
  shape: 'its features cannot be told: is it covered, or no face at all?',
}

const options: ModelOptions = { ...DEFAULT_MODELS, ...(workerData as Partial<ModelOptions>) }
const opening = FaceFinder.open(options)

serve<PhotoRequest, PhotoReply>(async ({ bytes, face: wanted }) => {
  const finder = await opening
  const { models } = finder
  const picture = await decodePicture(bytes)
  const face = choose(foreground(await finder.find(picture)), wanted)
  const { quality } = face
  if (quality.overall < MIN_QUALITY) {
    const share = Math.round(quality.overall * 100)
    throw new Refusal(
      'photo.poor-face',
      `the face is of quality ${share} of 100: ${WORDS[weakest(quality)]}`,
      {
        hint: 'choose a sharp, well-lit photograph in which the person looks at the camera',
      },
    )
  }
  const { template } = await models.portray(picture, face)
  const jpeg = await cropJpeg(picture, squareAround(face.box, KEPT_SURROUNDINGS), KEPT_SIDE)
  return { jpeg, template, space: models.space, quality: quality.overall }
})

/** Faces that are not background, left to right. */
function foreground(faces: readonly Face[]): Face[] {
  const largest = Math.max(...faces.map(({ quality }) => quality.eyeDistance))
  return faces
    .filter(({ quality }) => quality.eyeDistance >= largest * BACKGROUND)
    .toSorted((p, q) => p.box.x - q.box.x)
}

function choose(faces: readonly Face[], wanted: number | undefined): Face {
  const [only] = faces
  if (only === undefined) {
    throw new Refusal('photo.no-face', 'there is no face in it', {
      hint: 'choose a photograph in which the whole face can be seen',
    })
  }
  if (wanted !== undefined) {
    const chosen = faces[wanted - 1]
    if (chosen !== undefined) return chosen
    throw new Refusal('photo.no-face', `there is no face ${wanted}, only ${faces.length}`)
  }
  if (faces.length === 1) return only
  throw new Refusal('photo.several-faces', `there are ${faces.length} faces in it`, {
    hint: `cut it to one face, or choose one with --face 1 … ${faces.length}, counted from the left`,
  })
}
