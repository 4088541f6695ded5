import { gainOf, gainWithin } from '@vedette/models/exposure'
import { Models } from '@vedette/models/models'
import type { Picture } from '@vedette/models/picture'
import { scaleInto, warpInto } from '@vedette/models/resample'
import { similarity } from '@vedette/shared/embedding'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noise, paint } from '../support/models-resample.ts'
import { samplePicture } from '../support/models-samples.ts'

const grey = (level: number) => paint(80, 60, () => [level, level, level])

const PLACE = { a: 1, b: 0, tx: 10, ty: 10 }

describe('gainOf', () => {
  it.each([
    [255, 1],
    [180, 1],
    [120, 1],
    [60, 2],
    [30, 4],
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

  it('is not led astray by a lamp, and leaves a lit face before the dark as it is', () => {
    const lit = (side: number) =>
      paint(640, 360, (x, y) => (Math.max(x, y) < side ? [220, 220, 220] : [10, 10, 10]))
    expect(gainOf(lit(24))).toBeGreaterThan(10)
    expect(gainOf(lit(48))).toBe(1)
  })

  it.each([
    [1, 1],
    [3, 700],
    [700, 3],
  ])('judges pictures of %i × %i', (width, height) => {
    expect(gainOf(paint(width, height, () => [30, 30, 30]))).toBeCloseTo(4, 5)
  })
})

describe('gainWithin', () => {
  it('goes by the part alone, which may reach beyond the picture', () => {
    const half = paint(100, 100, (x) => (x < 50 ? [200, 200, 200] : [35, 35, 35]))
    expect(gainWithin(half, PLACE, 30)).toBe(1)
    expect(gainWithin(half, { ...PLACE, tx: 60 }, 30)).toBeCloseTo(2, 5)
    expect(gainWithin(half, { ...PLACE, tx: 80 }, 60)).toBeCloseTo(2, 5)
  })

  it('leaves what lies outside as it is', () => {
    expect(gainWithin(grey(10), { ...PLACE, tx: 500 }, 30)).toBe(1)
  })

  it('does not mind glints', () => {
    const glint = paint(100, 100, (x, y) => (x === y ? [255, 255, 255] : [35, 35, 35]))
    expect(gainWithin(glint, PLACE, 80)).toBeCloseTo(2, 5)
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
