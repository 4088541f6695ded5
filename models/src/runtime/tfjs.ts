import { createRequire } from 'node:module'
import { join } from 'node:path'
import { IntegrityFault } from '@vedette/shared/errors'
import { MEAN as TINY_FACE_DETECTOR_MEAN } from '../compile/tiny-face-detector.ts'
import {
  type BuiltInRow,
  isBuiltIn,
  type ModelRow,
  sourceFolder,
  verifySource,
} from '../manifest.ts'
import type { Network, Runtime, Tensor } from './runtime.ts'

const require = createRequire(import.meta.url)

/** The part of a tfjs tensor that is used here. */
type TfTensor = {
  shape: number[]
  dataSync(): Float32Array
  transpose(order: number[]): TfTensor
  sub(other: TfTensor): TfTensor
  div(by: number): TfTensor
}
type Tf = {
  setBackend(name: string): Promise<boolean>
  ready(): Promise<void>
  getBackend(): string
  version: { tfjs: string }
  tensor1d(data: readonly number[]): TfTensor
  tensor4d(data: Float32Array, shape: number[]): TfTensor
  unstack(tensor: TfTensor): TfTensor[]
  tidy<T>(fn: () => T): T
}

/** One of face-api's own networks. */
type FaceApiNet = {
  loadFromDisk(folder: string): Promise<void>
  forwardInput(input: unknown, size?: number): TfTensor | { boxes: TfTensor[]; scores: TfTensor[] }
  runNet(input: unknown): TfTensor
  runMobilenet(pixels: TfTensor, params: unknown): TfTensor
  params: unknown
  dispose(): void
}

/** face-api as published, over one of its tfjs backends. */
export type FaceApi = {
  tf: Tf
  TinyFaceDetector: new () => FaceApiNet
  SsdMobilenetv1: new () => FaceApiNet
  FaceLandmark68Net: new () => FaceApiNet
  FaceRecognitionNet: new () => FaceApiNet
  NetInput: new (inputs: TfTensor[], batch?: boolean) => unknown
}

/**
 * face-api over libtensorflow where @tensorflow/tfjs-node's addon loads, else over tfjs WASM.
 * `backend` says which it became.
 */
export async function loadFaceApi(): Promise<{ faceApi: FaceApi; backend: string }> {
  const native = tryRequire('@vladmandic/face-api/dist/face-api.node.js', '@tensorflow/tfjs-node')
  if (native !== undefined) {
    await native.tf.ready()
    return { faceApi: native, backend: 'tfjs-node' }
  }
  require('@tensorflow/tfjs-backend-wasm')
  const faceApi = require('@vladmandic/face-api/dist/face-api.node-wasm.js') as FaceApi
  await faceApi.tf.setBackend('wasm')
  await faceApi.tf.ready()
  return { faceApi, backend: 'tfjs WASM' }
}

/** The addon is probed first: face-api's own require of it cannot be undone when it fails. */
function tryRequire(module: string, addon: string): FaceApi | undefined {
  try {
    require(addon)
    return require(module) as FaceApi
  } catch {
    return undefined
  }
}

/** The reference: face-api's own networks, layer by layer as published. */
export async function tfjsRuntime(): Promise<Runtime> {
  const { faceApi, backend } = await loadFaceApi()
  return {
    name: 'tfjs',
    description: `face-api 1.7.15 on ${backend} ${faceApi.tf.version.tfjs}`,
    async open(row) {
      if (!isBuiltIn(row)) throw unsupported(row)
      await verifySource(row)
      return openNetwork(faceApi, row)
    },
  }
}

async function openNetwork(faceApi: FaceApi, row: BuiltInRow): Promise<Network> {
  const { net, forward } = networkOf(faceApi, row)
  await net.loadFromDisk(join(sourceFolder(row), 'model'))
  const side = row.task === 'detect' ? undefined : row.size
  return {
    input: { height: side, width: side },
    async run({ data, shape }) {
      return faceApi.tf.tidy(() => {
        const pixels = faceApi.tf.tensor4d(data, shape).transpose([0, 2, 3, 1])
        const outputs = Object.entries(forward(pixels))
        return Object.fromEntries(outputs.map(([name, tensor]) => [name, toTensor(tensor)]))
      })
    },
    async close() {
      net.dispose()
    },
  }
}

/** A network of its own: face-api's shared ones would be disposed for every holder by the first. */
function networkOf(faceApi: FaceApi, row: BuiltInRow) {
  const { tf, NetInput } = faceApi
  const batch = (pixels: TfTensor) => new NetInput(tf.unstack(pixels), true)
  switch (row.file) {
    case 'tiny-face-detector.onnx': {
      const net = new faceApi.TinyFaceDetector()
      // Not forwardInput: that pads to a square, and the detector's input need not be one.
      const forward = (pixels: TfTensor) => {
        const normalised = pixels.sub(tf.tensor1d(TINY_FACE_DETECTOR_MEAN)).div(255)
        return { grid: net.runMobilenet(normalised, net.params).transpose([0, 3, 1, 2]) }
      }
      return { net, forward }
    }
    case 'ssd-mobilenet-v1.onnx': {
      const net = new faceApi.SsdMobilenetv1()
      return {
        net,
        forward: (pixels: TfTensor) => {
          const output = net.forwardInput(batch(pixels)) as {
            boxes: TfTensor[]
            scores: TfTensor[]
          }
          return { boxes: output.boxes[0]!, scores: output.scores[0]! }
        },
      }
    }
    case 'landmarks-68.onnx': {
      const net = new faceApi.FaceLandmark68Net()
      return { net, forward: (pixels: TfTensor) => ({ points: net.runNet(batch(pixels)) }) }
    }
    case 'face-recognition.onnx': {
      const net = new faceApi.FaceRecognitionNet()
      const forward = (pixels: TfTensor) => ({
        descriptor: net.forwardInput(batch(pixels)) as TfTensor,
      })
      return { net, forward }
    }
    default:
      throw unsupported(row)
  }
}

function unsupported({ id }: ModelRow): IntegrityFault {
  return new IntegrityFault('model.unsupported', `${id} is not one of face-api's networks`, {
    hint: 'set runtime: onnx',
  })
}

function toTensor(tensor: TfTensor): Tensor {
  return { data: tensor.dataSync(), shape: tensor.shape }
}
