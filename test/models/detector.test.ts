import type { Closeup } from '@vedette/models/detector'
import { iou } from '@vedette/models/geometry'
import { Models } from '@vedette/models/models'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { samplePicture } from '../support/models-samples.ts'

let models: Models

beforeAll(async () => {
  models = await Models.open({ runtime: 'onnx' })
})

afterAll(() => models[Symbol.asyncDispose]())

describe('a closeup', () => {
  it('finds the faces of its region where they are in the picture', async () => {
    const picture = await samplePicture(5)
    const whole = await models.detect(picture, { inputs: [416], minScore: 0.6 })
    expect(whole.length).toBeGreaterThan(2)
    for (const { box } of whole) {
      const region = {
        x: box.x - box.width * 0.4,
        y: box.y - box.height * 0.4,
        width: box.width * 1.8,
        height: box.height * 1.8,
      }
      const input = Math.round((region.height / picture.width) * 416)
      const found = await models.detect(picture, { inputs: [{ region, input }], minScore: 0.3 })
      expect(iou(found[0]!.box, box)).toBeGreaterThan(0.5)
    }
  })

  it('of everything is a look at everything', async () => {
    const picture = await samplePicture(2)
    const region = { x: 0, y: 0, width: picture.width, height: picture.height }
    const found = (inputs: (number | Closeup)[]) =>
      models.detect(picture, { inputs, minScore: 0.5 })
    expect(await found([416, { region, input: 500 }])).toEqual(await found([416, 500]))
  })
})
