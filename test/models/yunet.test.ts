import { createHash } from 'node:crypto'
import type { Detection } from '@vedette/models/detection'
import type { Detector } from '@vedette/models/detector'
import { openDetector } from '@vedette/models/models'
import type { Picture } from '@vedette/models/picture'
import { installModel } from '@vedette/models/registry'
import { decodeYunet } from '@vedette/models/yunet'
import { describe, expect, it } from 'vitest'
import { picture } from '../support/agent-pictures.ts'
import { TemporaryFolder } from '../support/certs-deployment.ts'
import { faceAt, yunetStandIn } from '../support/models-yunet.ts'

/** Opens the stand-in as it would be installed. */
async function opened(
  folder: string,
  side: number | undefined,
  stride: 8 | 16 | 32,
): Promise<Detector> {
  const bytes = yunetStandIn(side, stride)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const id = `yunet-${side ?? 'any'}-${stride}`
  const about = { licence: 'MIT', notice: '', task: 'detect', decoder: 'yunet' } as const
  await installModel(
    folder,
    { id, file: `${id}.onnx`, sha256, bytes: bytes.length, ...about },
    bytes,
  )
  return openDetector(id, { runtime: 'onnx', threads: 1, folder })
}

/** A grey picture with blue squares of `side` pixels. */
function blueAt(
  width: number,
  height: number,
  side: number,
  ...corners: [number, number][]
): Picture {
  const grey = picture(width, height, () => 128)
  for (const [left, top] of corners) {
    for (let y = top; y < top + side; y++) {
      for (let x = left; x < left + side; x++) {
        grey.data.set([20, 20, 220], (y * width + x) * 3)
      }
    }
  }
  return grey
}

function expectNear(
  { box, points }: Detection,
  truth: ReturnType<typeof faceAt>,
  by: number,
): void {
  for (const key of ['x', 'y', 'width', 'height'] as const) {
    expect(Math.abs(box[key] - truth.box[key])).toBeLessThan(by)
  }
  expect(points).toHaveLength(5)
  for (const [i, point] of points!.entries()) {
    expect(Math.hypot(point.x - truth.points[i]!.x, point.y - truth.points[i]!.y)).toBeLessThan(by)
  }
}

describe('YuNet', () => {
  it.each([8, 16, 32] as const)(
    'tells boxes and points of stride %i where they are',
    async (stride) => {
      await using folder = await TemporaryFolder.make()
      const detector = await opened(folder.path, 640, stride)
      const scene = blueAt(640, 640, stride, [128, 256], [448, 64])
      const found = await detector.detect(scene, { inputs: [640], minScore: 0.5 })
      expect(found).toHaveLength(2)
      const byX = found.toSorted((p, q) => p.box.x - q.box.x)
      expectNear(byX[0]!, faceAt(128, 256, stride), 1e-3)
      expectNear(byX[1]!, faceAt(448, 64, stride), 1e-3)
      for (const { score } of found) expect(score).toBeCloseTo(1, 5)
    },
  )

  it('sees a whole picture in an input of one size, and tells places in the picture', async () => {
    await using folder = await TemporaryFolder.make()
    const detector = await opened(folder.path, 640, 16)
    const scene = blueAt(1280, 720, 32, [512, 320])
    const [face, ...more] = await detector.detect(scene, {
      inputs: [160, 416, 1280],
      minScore: 0.5,
    })
    expect(more).toEqual([])
    const half = faceAt(256, 160, 16)
    expectNear(
      face!,
      {
        box: {
          x: half.box.x * 2,
          y: half.box.y * 2,
          width: half.box.width * 2,
          height: half.box.height * 2,
        },
        points: half.points.map(({ x, y }) => ({ x: x * 2, y: y * 2 })),
      },
      1,
    )
  })

  it('takes the size asked for where its input may be any, padded to whole cells', async () => {
    await using folder = await TemporaryFolder.make()
    const detector = await opened(folder.path, undefined, 8)
    const scene = blueAt(300, 200, 8, [160, 96])
    const [face] = await detector.detect(scene, { inputs: [300], minScore: 0.5 })
    expectNear(face!, faceAt(160, 96, 8), 1e-3)
  })

  it('is fed blue, green, red: red squares are no faces', async () => {
    await using folder = await TemporaryFolder.make()
    const detector = await opened(folder.path, 640, 8)
    const scene = blueAt(640, 640, 8, [320, 320])
    for (let i = 0; i < scene.data.length; i += 3) {
      const [red, blue] = [scene.data[i]!, scene.data[i + 2]!]
      scene.data[i] = blue
      scene.data[i + 2] = red
    }
    expect(await detector.detect(scene, { inputs: [640], minScore: 0.3 })).toEqual([])
  })

  it('is sure by both of its scores, each within 0 and 1', () => {
    const [cls, obj] = [Float32Array.of(0.5, 4, -1, 0.9), Float32Array.of(0.5, 0.64, 1, 0.1)]
    const none = new Float32Array(0)
    const tensor = (data: Float32Array) => ({ data, shape: [1, data.length, 1] })
    const outputs = Object.fromEntries(
      [16, 32].flatMap((stride) =>
        ['cls', 'obj', 'bbox', 'kps'].map((name) => [`${name}_${stride}`, tensor(none)]),
      ),
    )
    const found = decodeYunet(
      {
        ...outputs,
        cls_8: tensor(cls),
        obj_8: tensor(obj),
        bbox_8: tensor(new Float32Array(16)),
        kps_8: tensor(new Float32Array(40)),
      },
      { minScore: 0.4, width: 16 },
    )
    expect(found.map(({ score }) => Math.round(score * 100))).toEqual([50, 80])
    expect(found[0]!.box).toEqual({ x: -4, y: -4, width: 8, height: 8 })
    expect(found[1]!.box).toEqual({ x: 4, y: -4, width: 8, height: 8 })
  })
})
