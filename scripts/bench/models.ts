import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { Graph } from '@vedette/models/compile/graph'
import { readManifest } from '@vedette/models/manifest'
import { Models } from '@vedette/models/models'
import { crop, decodePicture, type Picture } from '@vedette/models/picture'
import { onnxRuntime, openSession } from '@vedette/models/runtime/onnx'
import type { Network, Tensor } from '@vedette/models/runtime/runtime'
import { loadFaceApi, tfjsRuntime } from '@vedette/models/runtime/tfjs'
import { Tensor as OrtTensor } from 'onnxruntime-node'
import { median, paired, type Report, times } from './measure.ts'

/** Multiply-accumulates of one forward pass, as counted from the layers. */
const EMBED_MACS = 270.9e6
/** Side of the square matrices whose product tells the machine's peak. */
const PEAK_SIDE = 768

/** Networks and the whole frame against the same weights on face-api and tfjs. */
export async function benchModels(report: Report): Promise<void> {
  const peak = await matrixPeak()
  const [onnx, tfjs] = [onnxRuntime(1), await tfjsRuntime()]
  const rows = await readManifest()
  const both = async (id: string): Promise<[Network, Network]> => {
    const row = rows.find((candidate) => candidate.id === id)!
    return [await onnx.open(row), await tfjs.open(row)]
  }
  const baseline = tfjs.description
  const input = (...shape: number[]): Tensor => ({
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => (i * 7919) % 256),
  })
  for (const [bench, id, pixels] of [
    ['models.embed', 'dlib-resnet29-1', input(1, 3, 150, 150)],
    ['models.detect', 'tiny-face-detector', input(1, 3, 416, 416)],
    ['models.landmarks', 'landmarks-68', input(1, 3, 112, 112)],
  ] as const) {
    const [ours, theirs] = await both(id)
    const result = await paired(
      () => ours.run(pixels),
      () => theirs.run(pixels),
    )
    const peakFraction = (2 * EMBED_MACS) / (result.ours * 1e6) / peak
    report({
      bench,
      value: result.ours,
      unit: 'ms',
      baseline,
      ratio: result.ratio,
      ...(bench === 'models.embed' && { peakFraction }),
      detail: {
        baselineMs: result.baseline,
        ...(bench === 'models.embed' && { peakGflops: peak }),
      },
    })
    await Promise.all([ours.close(), theirs.close()])
  }
  await benchFrame(report, baseline)
}

/** Detect, find landmarks, align and embed the one face of a 640×360 frame. */
async function benchFrame(report: Report, baseline: string): Promise<void> {
  const frame = await oneFace()
  await using models = await Models.open({ threads: 1 })
  const faceApi = await openFaceApi()
  const ours = async () => {
    const found = await models.detect(frame, { inputs: [416], minScore: 0.45 })
    const faces = await models.look(frame, found)
    const embeddings = await models.embed(
      faces.map(({ chip }) => chip),
      { mirror: false },
    )
    if (embeddings.length !== 1) throw new Error(`${embeddings.length} faces, 1 expected`)
  }
  const result = await paired(ours, async () => {
    const found = await faceApi(frame)
    if (found !== 1) throw new Error(`face-api found ${found} faces, 1 expected`)
  })
  const { detail } = await stages(models, frame)
  report({
    bench: 'models.frame',
    value: result.ours,
    unit: 'ms',
    baseline,
    ratio: result.ratio,
    detail: { baselineMs: result.baseline, ...detail },
  })
}

async function stages(models: Models, frame: Picture) {
  const options = { inputs: [416], minScore: 0.45 }
  const found = await models.detect(frame, options)
  const faces = await models.look(frame, found)
  const chips = faces.map(({ chip }) => chip)
  const detail = {
    detectMs: median(await times(() => models.detect(frame, options))),
    lookMs: median(await times(() => models.look(frame, found))),
    embedMs: median(await times(() => models.embed(chips, { mirror: false }))),
  }
  return { detail }
}

/** face-api's own chain over a frame, as its documentation writes it; gives the number of faces. */
export async function openFaceApi(): Promise<(frame: Picture) => Promise<number>> {
  const { faceApi } = await loadFaceApi()
  type Chain = { withFaceLandmarks(): { withFaceDescriptors(): Promise<unknown[]> } }
  const api = faceApi as unknown as {
    tf: { tensor3d(data: Uint8Array, shape: number[], type: 'int32'): { dispose(): void } }
    nets: Record<string, { loadFromDisk(folder: string): Promise<void> }>
    TinyFaceDetectorOptions: new (options: object) => object
    detectAllFaces(input: object, options: object): Chain
  }
  const folder = new URL('./model', packageOf('@vladmandic/face-api')).pathname
  for (const net of ['tinyFaceDetector', 'faceLandmark68Net', 'faceRecognitionNet']) {
    await api.nets[net]!.loadFromDisk(folder)
  }
  const options = new api.TinyFaceDetectorOptions({ inputSize: 416, scoreThreshold: 0.45 })
  return async ({ width, height, data }) => {
    const tensor = api.tf.tensor3d(data, [height, width, 3], 'int32')
    const found = await api
      .detectAllFaces(tensor, options)
      .withFaceLandmarks()
      .withFaceDescriptors()
    tensor.dispose()
    return found.length
  }
}

/** A 640×360 frame with one face, cut from a sample photograph. */
export async function oneFace(): Promise<Picture> {
  const [width, height] = [640, 360]
  const file = new URL('./demo/sample3.jpg', packageOf('@vladmandic/face-api'))
  const place = { x: 300, y: 200, width, height }
  return crop(await decodePicture(await readFile(file)), place)
}

function packageOf(name: string): URL {
  return new URL(`file://${createRequire(import.meta.url).resolve(`${name}/package.json`)}`)
}

/** The float32 matrix-multiply rate of one thread of onnxruntime, GFLOP/s. */
async function matrixPeak(): Promise<number> {
  const graph = new Graph('peak')
  const [a, b] = [graph.input('a', ['m', 'k']), graph.input('b', ['k', 'n'])]
  graph.output('c', graph.node('MatMul', [a, b]), ['m', 'n'])
  const session = await openSession(graph.toBytes(), 1)
  const matrix = Float32Array.from({ length: PEAK_SIDE ** 2 }, (_, i) => (i % 13) / 13 - 0.5)
  const operand = new OrtTensor('float32', matrix, [PEAK_SIDE, PEAK_SIDE])
  const taken = await times(() => session.run({ a: operand, b: operand }))
  await session.release()
  return (2 * PEAK_SIDE ** 3) / (Math.min(...taken) * 1e6)
}
