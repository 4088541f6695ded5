import { readFile } from 'node:fs/promises'
import { workerData } from 'node:worker_threads'
import { DEFAULT_MODELS, type ModelOptions } from '@vedette/models/models'
import { decodePicture } from '@vedette/models/picture'
import type { Embedding } from '@vedette/shared/embedding'
import { codeOf, Fault } from '@vedette/shared/errors'
import { FaceFinder } from '../gallery/face-finder.ts'
import { serve } from '../thread.ts'

/** A portrait as the product would enrol it and as it would ask about it, or why it can do neither. */
export type Likeness =
  | {
      template: Embedding
      /** As it would be enrolled besides, where that was asked for. */
      far: Embedding | undefined
      probe: Embedding
      quality: number
      eyeDistance: number
      yaw: number
    }
  | { failure: string }

export type AlbumRequest = { file: string; far: boolean }

const options: ModelOptions = { ...DEFAULT_MODELS, ...(workerData as Partial<ModelOptions>) }
const opening = FaceFinder.open(options)

serve<AlbumRequest, Likeness>(async ({ file, far: wanted }) => {
  const finder = await opening
  try {
    const picture = await decodePicture(await readFile(file))
    const face = await finder.findSitter(picture)
    if (face === undefined) return { failure: 'photo.no-face' }
    const { overall: quality, eyeDistance, yaw } = face.quality
    const far = wanted ? await finder.models.fromAfar(picture, face) : undefined
    return { ...(await finder.models.portray(picture, face)), far, quality, eyeDistance, yaw }
  } catch (error) {
    if (error instanceof Fault || (error as { code?: string }).code === 'ENOENT') {
      return { failure: codeOf(error) }
    }
    throw error
  }
})
