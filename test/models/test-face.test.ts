import { iou } from '@vedette/models/geometry'
import { Models, openDetector } from '@vedette/models/models'
import type { Picture } from '@vedette/models/picture'
import { testFace, testFaceBox } from '@vedette/models/test-face'
import { type Embedding, similarity } from '@vedette/shared/embedding'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SAMPLES, samplePicture } from '../support/models-samples.ts'

/** What no match may be below, of the built-in embedder; and what a canary must reach. */
const [FLOOR, CANARY] = [0.95, 0.975]

let models: Models

beforeAll(async () => {
  models = await Models.open({ runtime: 'onnx' })
})

afterAll(() => models[Symbol.asyncDispose]())

const whole = ({ width, height }: Picture) => ({ x: 0, y: 0, width, height })

async function probesOf(picture: Picture, input: number): Promise<Embedding[]> {
  const found = await models.detect(picture, { inputs: [input], minScore: 0.45 })
  return models.probes(picture, await models.look(picture, found))
}

describe('the test face', () => {
  it.each([160, 324, 648])(
    'is found where it is at %d pixels, and is fit to be asked about',
    async (side) => {
      const card = await testFace(side)
      expect(card).toMatchObject({ width: side, height: side })
      const found = await models.detect(card, { inputs: [416], minScore: 0.45 })
      expect(found).toHaveLength(1)
      expect(iou(found[0]!.box, testFaceBox(whole(card)))).toBeGreaterThan(0.5)
      const [face] = await models.look(card, found)
      expect(face!.quality.overall).toBeGreaterThan(0.8)
    },
  )

  it('is found by the careful detector, too', async () => {
    const careful = await openDetector('ssd-mobilenet-v1', {
      runtime: 'onnx',
      threads: 1,
      folder: undefined,
    })
    const found = await careful.detect(await testFace(320), { inputs: [512], minScore: 0.5 })
    expect(found).toHaveLength(1)
  })

  it('looks the same at every size and to every look, and like none of the people there are', async () => {
    const [template] = await probesOf(await testFace(320), 416)
    for (const side of [160, 324, 648]) {
      for (const input of [160, 416, 640]) {
        for (const probe of await probesOf(await testFace(side), input)) {
          expect(similarity(probe, template!)).toBeGreaterThan(CANARY)
        }
      }
    }
    for (const sample of SAMPLES) {
      for (const probe of await probesOf(await samplePicture(sample), 640)) {
        expect(similarity(probe, template!)).toBeLessThan(FLOOR)
      }
    }
  })
})
