import { join } from 'node:path'
import type { Box, Point } from '@vedette/models/geometry'
import type { Picture } from '@vedette/models/picture'
import { type FaceApi, loadFaceApi } from '@vedette/models/runtime/tfjs'
import { faceApiFolder } from './models-samples.ts'

type Pixels = { dispose(): void }
type Described = {
  detection: { score: number; box: Box }
  landmarks: { positions: Point[] }
  descriptor: Float32Array
}
type Chain = PromiseLike<unknown> & {
  withFaceLandmarks(): { withFaceDescriptors(): PromiseLike<Described[]> }
}
type Nets = 'tinyFaceDetector' | 'ssdMobilenetv1' | 'faceLandmark68Net' | 'faceRecognitionNet'

/** face-api as its users see it: the chain of tasks over its shared networks. */
type Published = FaceApi & {
  tf: { tensor3d(data: Int32Array, shape: number[], dtype: 'int32'): Pixels }
  nets: Record<Nets, { loadFromDisk(folder: string): Promise<void> }>
  TinyFaceDetectorOptions: new (options: { inputSize: number; scoreThreshold: number }) => object
  SsdMobilenetv1Options: new (options: { minConfidence: number }) => object
  detectAllFaces(input: Pixels, options: object): Chain
}

export type DetectorName = 'tiny-face-detector' | 'ssd-mobilenet-v1'

/** A face as face-api describes it; box and landmarks in pixels of the picture. */
export type ReferenceFace = {
  box: Box
  score: number
  landmarks: Point[]
  descriptor: Float32Array
}

/** face-api's own answer for a picture. */
export type Reference = (picture: Picture, detector: DetectorName) => Promise<ReferenceFace[]>

export const TINY_INPUT = 416
export const MIN_SCORE: Record<DetectorName, number> = {
  'tiny-face-detector': 0.3,
  'ssd-mobilenet-v1': 0.5,
}

/** Loads face-api with its own weights, as its documentation says. */
export async function openReference(): Promise<{ describe: Reference; backend: string }> {
  const { faceApi, backend } = await loadFaceApi()
  const api = faceApi as Published
  for (const net of Object.values<Nets>([
    'tinyFaceDetector',
    'ssdMobilenetv1',
    'faceLandmark68Net',
    'faceRecognitionNet',
  ])) {
    await api.nets[net].loadFromDisk(join(faceApiFolder, 'model'))
  }
  const options = {
    'tiny-face-detector': new api.TinyFaceDetectorOptions({
      inputSize: TINY_INPUT,
      scoreThreshold: MIN_SCORE['tiny-face-detector'],
    }),
    'ssd-mobilenet-v1': new api.SsdMobilenetv1Options({
      minConfidence: MIN_SCORE['ssd-mobilenet-v1'],
    }),
  }
  const describe: Reference = async ({ width, height, data }, detector) => {
    const pixels = api.tf.tensor3d(Int32Array.from(data), [height, width, 3], 'int32')
    const faces = await api
      .detectAllFaces(pixels, options[detector])
      .withFaceLandmarks()
      .withFaceDescriptors()
    pixels.dispose()
    return faces.map(({ detection, landmarks, descriptor }) => ({
      box: detection.box,
      score: detection.score,
      landmarks: landmarks.positions,
      descriptor,
    }))
  }
  return { describe, backend }
}
