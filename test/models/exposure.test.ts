import { gainOf } from '@vedette/models/exposure'
import { Models } from '@vedette/models/models'
import type { Picture } from '@vedette/models/picture'
import { scaleInto, warpInto } from '@vedette/models/resample'
import { similarity } from '@vedette/shared/embedding'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noise, paint } from '../support/models-resample.ts'
import { samplePicture } from '../support/models-samples.ts'

const grey = (level: number) => paint(80, 60, () => [level, level, level])

describe('gainOf', () => {
  it.each([
    [255, 1],
    [180, 1],
    [140, 1],
    [70, 2],
    [35, 4],
    [7, 16],
    [0, 16],
  ])('of a picture all of level %i is %i', (level, expected) => {
    expect(gainOf(grey(level))).toBeCloseTo(expected, 5)
  })

  it('goes up evenly as light goes down', () => {
    const gains = Array.from({ length: 256 }, (_, level) => gainOf(grey(level)))
    expect(gains).toEqual(gains.toSorted((p, q) => q - p))
    for (let level = 20; level < 255; level++) {
      expect(gains[level]! / gains[level + 1]!).toBeLessThan(1.06)
    }
  })

  it('is not led astray by a few lamps, and is by a lit face before the dark', () => {
    const lit = (share: number) =>
      paint(400, 400, (x) => (x < 400 * share ? [220, 220, 220] : [10, 10, 10]))
    expect(gainOf(lit(0.002))).toBeGreaterThan(10)
    expect(gainOf(lit(0.02))).toBe(1)
  })

  it.each([
    [1, 1],
    [3, 700],
    [700, 3],
  ])('judges pictures of %i × %i', (width, height) => {
    expect(gainOf(paint(width, height, () => [35, 35, 35]))).toBeCloseTo(4, 5)
  })
})

describe('a gain', () => {
  const picture = noise(40, 30)
  const expected = (planes: Float32Array, gain: number) =>
    planes.map((value) => Math.min(255, value * gain))

  it('multiplies what is scaled, up to white', () => {
    const scaled = (gain: number) => {
      const planes = new Float32Array(3 * 20 * 15)
      scaleInto(planes, 20, picture, 20, 15, gain)
      return planes
    }
    for (const [i, value] of expected(scaled(1), 3).entries()) {
      expect(scaled(3)[i]).toBeCloseTo(value, 2)
    }
  })

  it('multiplies what is warped, up to white', () => {
    const warped = (gain: number) => {
      const planes = new Float32Array(3 * 16 * 16)
      warpInto(planes, 16, picture, { a: 1.5, b: 0.2, tx: 3, ty: 1 }, gain)
      return planes
    }
    for (const [i, value] of expected(warped(1), 3).entries()) {
      expect(warped(3)[i]).toBeCloseTo(value, 2)
    }
  })
})

describe('in the dark', () => {
  let models: Models
  let daylight: Picture

  beforeAll(async () => {
    models = await Models.open({ runtime: 'onnx' })
    daylight = await samplePicture(2)
  })

  afterAll(() => models[Symbol.asyncDispose]())

  it.each([0.25, 0.1, 0.05])(
    'a face in %d of the light is found, and is the same',
    async (light) => {
      const dark = { ...daylight, data: daylight.data.map((value) => Math.round(value * light)) }
      const [bright, dim] = await Promise.all(
        [daylight, dark].map(async (picture) => {
          const found = await models.detect(picture, { inputs: [416], minScore: 0.45 })
          expect(found).toHaveLength(1)
          const [probe] = await models.probes(picture, await models.look(picture, found))
          return probe!
        }),
      )
      expect(similarity(bright!, dim!)).toBeGreaterThan(0.97)
    },
  )

  it('noise is not taken for a face', async () => {
    const grain = noise(640, 360, 5)
    const night = { ...grain, data: grain.data.map((value) => value >> 4) }
    expect(await models.detect(night, { inputs: [160, 416, 1280], minScore: 0.45 })).toEqual([])
  })
})
