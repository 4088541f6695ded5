import { Models } from '@vedette/models/models'
import { centreOf, similarity } from '@vedette/shared/embedding'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { samplePicture } from '../support/models-samples.ts'

let models: Models

beforeAll(async () => {
  models = await Models.open({ runtime: 'onnx' })
})

afterAll(() => models[Symbol.asyncDispose]())

describe('a face as it is kept', () => {
  it('has a probe as a camera would ask, and a template near it that is not the same', async () => {
    const picture = await samplePicture(5)
    const found = await models.detect(picture, { inputs: [416], minScore: 0.5 })
    const faces = (await models.look(picture, found)).slice(0, 3)
    const asked = await models.probes(picture, faces)
    for (const [i, face] of faces.entries()) {
      const { template, probe } = await models.portray(picture, face)
      expect(similarity(probe, asked[i]!)).toBeGreaterThan(0.99999)
      expect(similarity(template, probe)).toBeGreaterThan(0.995)
      expect(similarity(template, probe)).toBeLessThan(0.99999)
      expect(similarity(centreOf([template]), template)).toBeCloseTo(1, 6)
    }
  })
})
