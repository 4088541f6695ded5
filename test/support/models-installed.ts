import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describeChip, faceRecognition } from '@vedette/models/compile/face-recognition'
import { Graph } from '@vedette/models/compile/graph'
import { readWeights, type Weights } from '@vedette/models/compile/weights'
import {
  type Calibration,
  findModel,
  type InstalledRow,
  readManifest,
  sourceFolder,
} from '@vedette/models/manifest'
import { installModel } from '@vedette/models/registry'

type EmbedderRow = Extract<InstalledRow, { task: 'embed' }>

/** A model as somebody brings it: a manifest row and a file. */
export type Brought = { row: InstalledRow; bytes: Uint8Array }

const dlib = findModel(await readManifest(), 'embed', 'dlib-resnet29-1')

/** How much alike strangers are in the space of the built-in embedder, and in spaces made of it. */
export const CALIBRATION: Calibration = dlib.calibration

function brought(bytes: Uint8Array, row: Partial<EmbedderRow> & { id: string }): Brought {
  return {
    bytes,
    row: {
      task: 'embed',
      file: `${row.id}.onnx`,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      bytes: bytes.length,
      licence: 'CC0-1.0',
      notice: 'made of the built-in weights, for a test',
      alignment: 'dlib-68',
      size: 150,
      length: 128,
      order: 'rgb',
      mean: 0,
      scale: 1,
      ...row,
    },
  }
}

function weights(): Promise<Weights> {
  return readWeights(join(sourceFolder(dlib), dlib.source.weights))
}

/** The built-in embedder with its components in another order: another space, and as good. */
export async function permuted(
  id = 'permuted',
  row: Partial<EmbedderRow> = { calibration: CALIBRATION },
): Promise<Brought> {
  const original = await weights()
  const { shape, data } = original('fc')
  const [rows, columns] = shape as [number, number]
  const moved = new Float32Array(data.length)
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < columns; k++)
      moved[i * columns + ((k * 37 + 11) % columns)] = data[i * columns + k]!
  }
  const graph = faceRecognition((name) => (name === 'fc' ? { shape, data: moved } : original(name)))
  return brought(graph.toBytes(), { id, ...row })
}

/**
 * The built-in embedder behind ArcFace's chip: 112×112, one at a time, channels BGR, (v − 127.5) / 128.
 * Dlib's chip is cut out of it again, but for a strip below the chin that ArcFace's does not show.
 */
export async function behindArcface(id = 'behind-arcface'): Promise<Brought> {
  const graph = new Graph(id)
  const data = graph.input('data', [1, 3, 112, 112])
  const planes = graph.node('Gather', [data, graph.integers([2, 1, 0])], { axis: 1 })
  const scaled = graph.node('Mul', [planes, graph.constant(Float32Array.of(128), [1])])
  const pixels = graph.node('Add', [scaled, graph.constant(Float32Array.of(127.5), [1])])
  const grid = new Float32Array(150 * 150 * 2)
  for (let y = 0; y < 150; y++) {
    for (let x = 0; x < 150; x++) {
      const [u, v] = [across(x + 0.5), down(y + 0.5)]
      grid[(y * 150 + x) * 2] = (2 * u) / 112 - 1
      grid[(y * 150 + x) * 2 + 1] = (2 * v) / 112 - 1
    }
  }
  const cut = graph.node('GridSample', [pixels, graph.constant(grid, [1, 150, 150, 2])], {
    padding_mode: 'border',
  })
  graph.output('fc1', describeChip(graph, cut, await weights()), [1, 128])
  return brought(graph.toBytes(), {
    id,
    alignment: 'arcface-5',
    size: 112,
    order: 'bgr',
    mean: 127.5,
    scale: 1 / 128,
    calibration: CALIBRATION,
  })
}

/** Where dlib's chip is in ArcFace's: by the eyes of the mean face and of the template. */
const EYES = {
  dlib: { x: 0.4931, y: 0.3075, apart: 0.3528 },
  arcface: { x: 55.913, y: 51.599, apart: 35.237 },
}
const perPixel = EYES.arcface.apart / (EYES.dlib.apart * 150)
const across = (x: number) => EYES.arcface.x + (x - EYES.dlib.x * 150) * perPixel
const down = (y: number) => EYES.arcface.y + (y - EYES.dlib.y * 150) * perPixel

export async function install(folder: string, { row, bytes }: Brought): Promise<void> {
  await installModel(folder, row, bytes)
}
