import { type Box, iou, type Point } from '@vedette/models/geometry'
import { readManifest } from '@vedette/models/manifest'
import { Models } from '@vedette/models/models'
import type { Picture } from '@vedette/models/picture'
import { onnxRuntime } from '@vedette/models/runtime/onnx'
import type { Network } from '@vedette/models/runtime/runtime'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type DetectorName,
  MIN_SCORE,
  openReference,
  type Reference,
  type ReferenceFace,
  TINY_INPUT,
} from '../support/models-face-api.ts'
import { slice, toSquare } from '../support/models-face-api-input.ts'
import {
  alignedBox,
  landmarksOf,
  type Scored,
  ssdBoxes,
  tinyBoxes,
} from '../support/models-face-api-steps.ts'
import { SAMPLES, samplePicture } from '../support/models-samples.ts'

const DETECTORS: DetectorName[] = ['tiny-face-detector', 'ssd-mobilenet-v1']

/** How far the onnx runtime may be from face-api: pixels of a 1920-pixel photograph, or L2. */
const BOUND = { score: 1e-4, box: 0.01, landmark: 0.01, descriptor: 1e-4 }

/** IoU of a box of Models.detect, which scales pictures its own way, with face-api's. */
const SAME_FACE = 0.8

let reference: Reference
let networks: Record<string, Network>

beforeAll(async () => {
  reference = (await openReference()).describe
  const runtime = onnxRuntime(1)
  const opened = (await readManifest()).map(async (row) => [row.id, await runtime.open(row)])
  networks = Object.fromEntries(await Promise.all(opened))
})

afterAll(async () => {
  for (const network of Object.values(networks)) await network.close()
})

/** face-api's own answer, asked for once. */
const answers = new Map<string, Promise<ReferenceFace[]>>()
async function expectedOf(sample: number, detector: DetectorName): Promise<ReferenceFace[]> {
  const key = `${detector} ${sample}`
  if (!answers.has(key)) answers.set(key, reference(await samplePicture(sample), detector))
  return answers.get(key)!
}

async function detect(picture: Picture, detector: DetectorName): Promise<Scored[]> {
  const minScore = MIN_SCORE[detector]
  const input = toSquare(picture, detector === 'ssd-mobilenet-v1' ? 512 : TINY_INPUT, false)
  const outputs = await networks[detector]!.run(input)
  return detector === 'ssd-mobilenet-v1'
    ? ssdBoxes(outputs.boxes!, outputs.scores!, picture, minScore)
    : tinyBoxes(outputs.grid!, picture, minScore)
}

/** face-api slices at whole pixels, so each step gets exactly what face-api's step before gave. */
async function landmarksFor(picture: Picture, { box }: ReferenceFace): Promise<Point[]> {
  const { points } = await networks['landmarks-68']!.run(toSquare(slice(picture, box), 112, true))
  return landmarksOf(points!, box, picture)
}

async function descriptorFor(picture: Picture, face: ReferenceFace): Promise<Float32Array> {
  const chip = slice(picture, alignedBox(face.landmarks, face.box, picture))
  const { descriptor } = await networks['dlib-resnet29-1']!.run(toSquare(chip, 150, true))
  return descriptor!.data
}

describe.each(DETECTORS)('with %s the onnx runtime', (detector) => {
  it.each(SAMPLES)(
    'finds the boxes, landmarks and descriptors of face-api in sample %i',
    async (n) => {
      const picture = await samplePicture(n)
      const expected = await expectedOf(n, detector)
      const found = await detect(picture, detector)
      expect(expected.length).toBeGreaterThan(2)
      expect(found).toHaveLength(expected.length)
      for (const [i, face] of expected.entries()) {
        const landmarks = await landmarksFor(picture, face)
        const off = {
          score: Math.abs(found[i]!.score - face.score),
          box: cornersOff(found[i]!.box, face.box),
          landmark: Math.max(...landmarks.map((point, k) => away(point, face.landmarks[k]!))),
          descriptor: distance(await descriptorFor(picture, face), face.descriptor),
        }
        for (const what of ['score', 'box', 'landmark', 'descriptor'] as const) {
          expect(off[what], `${what} of face ${i}`).toBeLessThanOrEqual(BOUND[what])
        }
      }
    },
  )
})

describe.each(DETECTORS)('Models.detect with %s', (detector) => {
  it('finds every face that face-api is sure of', async () => {
    await using models = await Models.open({ runtime: 'onnx', detector })
    for (const sample of SAMPLES) {
      const picture = await samplePicture(sample)
      const ours = await models.detect(picture, { inputs: [TINY_INPUT], minScore: 0.3 })
      for (const { box, score } of await expectedOf(sample, detector)) {
        if (score < 0.5) continue
        const best = Math.max(...ours.map((face) => iou(face.box, box)))
        expect(best, `face of score ${score} in sample ${sample}`).toBeGreaterThan(SAME_FACE)
      }
    }
  })
})

function cornersOff(p: Box, q: Box): number {
  const topLeft = away(p, q)
  const bottomRight = Math.hypot(p.x + p.width - q.x - q.width, p.y + p.height - q.y - q.height)
  return Math.max(topLeft, bottomRight)
}

function away(p: Point, q: Point): number {
  return Math.hypot(p.x - q.x, p.y - q.y)
}

function distance(p: Float32Array, q: Float32Array): number {
  return Math.hypot(...p.map((value, i) => value - q[i]!))
}
