import type { Chip } from '@vedette/models/embedder'
import type { Point } from '@vedette/models/geometry'
import { type Face, type ModelOptions, Models } from '@vedette/models/models'
import type { Picture } from '@vedette/models/picture'
import { type Embedding, norm, similarity } from '@vedette/shared/embedding'
import { IntegrityFault } from '@vedette/shared/errors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { samplePicture } from '../support/models-samples.ts'
import { rejectionOf } from '../support/thrown.ts'

const RUNTIMES = ['onnx', 'tfjs'] as const
const ONCE = { mirror: false }

let picture: Picture
let models: Record<(typeof RUNTIMES)[number], Models>
let faces: Face[]

beforeAll(async () => {
  picture = await samplePicture(5)
  const [onnx, tfjs] = await Promise.all(RUNTIMES.map((runtime) => Models.open({ runtime })))
  models = { onnx: onnx!, tfjs: tfjs! }
  faces = await facesOf(models.onnx)
})

afterAll(async () => {
  for (const runtime of RUNTIMES) await models[runtime][Symbol.asyncDispose]()
})

async function facesOf(by: Models): Promise<Face[]> {
  return by.look(picture, await by.detect(picture, { inputs: [416], minScore: 0.5 }))
}

const chips = () => faces.slice(0, 3).map(({ chip }) => chip)
const away = (p: Point, q: Point) => Math.hypot(p.x - q.x, p.y - q.y)
const apart = (p: Embedding, q: Embedding) => norm(p.map((x, i) => x - q[i]!))

describe('the tfjs and the onnx runtime', () => {
  it('find the same faces, landmarks, chips and embeddings', async () => {
    const others = await facesOf(models.tfjs)
    expect(faces).toHaveLength(5)
    expect(others).toHaveLength(5)
    const [ours, theirs] = [
      await models.onnx.embed(
        faces.map(({ chip }) => chip),
        ONCE,
      ),
      await models.tfjs.embed(
        others.map(({ chip }) => chip),
        ONCE,
      ),
    ]
    for (const [i, face] of faces.entries()) {
      const other = others[i]!
      expect(Math.abs(face.score - other.score)).toBeLessThan(1e-4)
      expect(away(face.box, other.box)).toBeLessThan(0.01)
      expect(Math.abs(face.box.width - other.box.width)).toBeLessThan(0.01)
      expect(Math.abs(face.box.height - other.box.height)).toBeLessThan(0.01)
      for (const [k, point] of face.landmarks.entries()) {
        expect(away(point, other.landmarks[k]!)).toBeLessThan(0.01)
      }
      expect(Math.abs(face.quality.overall - other.quality.overall)).toBeLessThan(1e-3)
      expect(apart(ours[i]!, theirs[i]!)).toBeLessThan(1e-4)
    }
  })

  it('find the same faces with the other detector', async () => {
    const options: Partial<ModelOptions> = { detector: 'ssd-mobilenet-v1' }
    await using onnx = await Models.open({ ...options, runtime: 'onnx' })
    await using tfjs = await Models.open({ ...options, runtime: 'tfjs' })
    const [ours, theirs] = [
      await onnx.detect(picture, { inputs: [512], minScore: 0.5 }),
      await tfjs.detect(picture, { inputs: [512], minScore: 0.5 }),
    ]
    expect(ours).toHaveLength(5)
    expect(theirs).toHaveLength(5)
    for (const [i, { box, score }] of ours.entries()) {
      expect(Math.abs(score - theirs[i]!.score)).toBeLessThan(1e-4)
      expect(away(box, theirs[i]!.box)).toBeLessThan(0.01)
    }
  })

  it('speak of the same space and say what computes', () => {
    expect(models.onnx.space).toBe('dlib-resnet29-1')
    expect(models.tfjs.space).toBe('dlib-resnet29-1')
    expect(models.tfjs.embeddingLength).toBe(128)
    expect(models.onnx.description).toMatch(/^onnxruntime 1\.\d+\.\d+ \(CPU, 1 thread\)$/)
    expect(models.tfjs.description).toMatch(/^face-api 1\.7\.15 on tfjs/)
  })
})

describe.each(RUNTIMES)('Models on %s', (runtime) => {
  it('embeds three chips at once as it embeds them one by one', async () => {
    const together = await models[runtime].embed(chips(), ONCE)
    for (const [i, chip] of chips().entries()) {
      const [alone] = await models[runtime].embed([chip], ONCE)
      expect(apart(together[i]!, alone!)).toBeLessThan(1e-5)
    }
  })

  it('finds the landmarks of three faces at once as one by one', async () => {
    const together = await models[runtime].look(picture, faces.slice(0, 3))
    for (const face of together) {
      const [alone] = await models[runtime].look(picture, [face])
      const off = face.landmarks.map((point, k) => away(point, alone!.landmarks[k]!))
      expect(Math.max(...off)).toBeLessThan(0.01)
    }
  })

  it('embeds a chip and its mirror image alike when asked to look at both', async () => {
    const mirrors = chips().map(mirrored)
    const embed = (list: Chip[], mirror: boolean) => models[runtime].embed(list, { mirror })
    const [straight, turned] = [await embed(chips(), true), await embed(mirrors, true)]
    const [once, turnedOnce] = [await embed(chips(), false), await embed(mirrors, false)]
    for (const [i, embedding] of straight.entries()) {
      expect(apart(embedding, turned[i]!)).toBeLessThan(1e-5)
      expect(apart(once[i]!, turnedOnce[i]!)).toBeGreaterThan(0.01)
    }
  })

  it('gives unit vectors, and different ones for different people', async () => {
    for (const mirror of [false, true]) {
      const embeddings = await models[runtime].embed(chips(), { mirror })
      for (const [i, embedding] of embeddings.entries()) {
        expect(embedding).toHaveLength(128)
        expect(norm(embedding)).toBeCloseTo(1, 5)
        for (const other of embeddings.slice(0, i)) {
          expect(similarity(embedding, other)).toBeLessThan(0.95)
        }
      }
    }
  })

  it('has nothing to say of no faces', async () => {
    const black = { width: 320, height: 200, data: new Uint8Array(320 * 200 * 3) }
    expect(await models[runtime].detect(black, { inputs: [416], minScore: 0.3 })).toEqual([])
    expect(await models[runtime].look(picture, [])).toEqual([])
    expect(await models[runtime].embed([], ONCE)).toEqual([])
  })

  it('keeps working when another one is closed', async () => {
    const other = await Models.open({ runtime })
    const before = await models[runtime].embed(chips(), ONCE)
    await other.embed(chips(), ONCE)
    await other[Symbol.asyncDispose]()
    expect(await facesOf(models[runtime])).toHaveLength(5)
    const after = await models[runtime].embed(chips(), ONCE)
    expect(apart(before[0]!, after[0]!)).toBeLessThan(1e-6)
  })
})

describe('Models.detect', () => {
  it.each(['tiny-face-detector', 'ssd-mobilenet-v1'])(
    '%s bears any shape of picture',
    async (id) => {
      await using opened = await Models.open({ runtime: 'onnx', detector: id })
      for (const [width, height] of [
        [1, 1],
        [4000, 2],
        [2, 4000],
        [33, 31],
      ] as const) {
        const grey = { width, height, data: new Uint8Array(width * height * 3).fill(128) }
        const found = await opened.detect(grey, { inputs: [416], minScore: 0.01 })
        for (const { box } of found) expect(Object.values(box).every(Number.isFinite)).toBe(true)
        for (const { landmarks } of await opened.look(grey, found.slice(0, 2))) {
          expect(landmarks.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))).toBe(true)
        }
      }
    },
  )

  it('finds small faces at the larger of two inputs, and none twice', async () => {
    const inputs = (list: number[]) => models.onnx.detect(picture, { inputs: list, minScore: 0.5 })
    const [coarse, both] = [await inputs([160]), await inputs([160, 416])]
    expect(coarse.length).toBeLessThan(5)
    expect(both).toHaveLength(5)
    const scores = both.map(({ score }) => score)
    expect(scores).toEqual(scores.toSorted((p, q) => q - p))
  })
})

describe('Models.open', () => {
  it.each([
    [
      { detector: 'retina' },
      'choose one of: tiny-face-detector, ssd-mobilenet-v1, ssd-mobilenet-v1-256',
    ],
    [{ landmarks: 'dlib-resnet29-1' }, 'choose one of: landmarks-68'],
    [{ embedder: 'arcface' }, 'choose one of: dlib-resnet29-1'],
  ])('does not know %o', async (options, hint) => {
    const error = await rejectionOf(Models.open({ runtime: 'onnx', ...options }), IntegrityFault)
    expect(error.code).toBe('model.unknown')
    expect(error.hint).toBe(hint)
  })

  it('takes onnx unless told otherwise', async () => {
    await using opened = await Models.open({ threads: 2 })
    expect(opened.description).toMatch(/^onnxruntime .*2 threads\)$/)
  })
})

function mirrored(chip: Chip): Chip {
  const { size } = chip
  const planes = chip.planes.map((_, i, all) => all[i - (i % size) + size - 1 - (i % size)]!)
  return { ...chip, planes }
}
