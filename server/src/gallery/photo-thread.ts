import { workerData } from 'node:worker_threads'
import type { Detector } from '@vedette/models/detector'
import { squareAround } from '@vedette/models/geometry'
import {
  DEFAULT_MODELS,
  type Face,
  type ModelOptions,
  Models,
  openDetector,
} from '@vedette/models/models'
import { cropJpeg, decodePicture, type Picture } from '@vedette/models/picture'
import { type QualityAspect, weakest } from '@vedette/models/quality'
import type { Embedding } from '@vedette/shared/embedding'
import { Refusal } from '@vedette/shared/errors'
import { serve } from '../thread.ts'

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

/** Slow and sure; takes printed skulls for nothing. It looks first. */
const CAREFUL_DETECTOR = 'ssd-mobilenet-v1'
/** Finds most of what the careful one misses: faces far back, and faces that fill the picture. */
const KEEN_INPUTS = [160, 320, 640, 1280]
const MIN_SCORE = 0.5
/** Longer side of what the careful detector sees, pixels. */
const CAREFUL_INPUTS = [512]
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
const opening = Promise.all([Models.open(options), openDetector(CAREFUL_DETECTOR, options)])

serve<PhotoRequest, PhotoReply>(async ({ bytes, face: wanted }) => {
  const [models, careful] = await opening
  const picture = await decodePicture(bytes)
  const face = choose(await findFaces(models, careful, picture), wanted)
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
  const [template] = await models.embed([face.chip], { mirror: true })
  const jpeg = await cropJpeg(picture, squareAround(face.box, KEPT_SURROUNDINGS), KEPT_SIDE)
  return { jpeg, template: template!, space: models.space, quality: quality.overall }
})

/** Faces that are not background, left to right. */
async function findFaces(models: Models, careful: Detector, picture: Picture): Promise<Face[]> {
  const sure = await careful.detect(picture, { inputs: CAREFUL_INPUTS, minScore: MIN_SCORE })
  const found =
    sure.length > 0
      ? sure
      : await models.detect(picture, { inputs: KEEN_INPUTS, minScore: MIN_SCORE })
  const faces = await models.look(picture, found)
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
