import { apply, type Similarity } from '@vedette/models/geometry'
import { scaleInto, warpInto } from '@vedette/models/resample'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { similarityOf } from '../support/models-geometry.ts'
import {
  bilinearScale,
  furthest,
  noise,
  paint,
  slowScale,
  slowWarp,
} from '../support/models-resample.ts'

/** The kernels compute in single precision on 0 … 255. */
const ROUNDING = 1e-3
/** The kernel leaves a thousandth of the last pixel beyond the right and bottom edge. */
const BLACK = 0.3

function scale(picture: Parameters<typeof scaleInto>[2], width: number, height: number) {
  const planes = new Float32Array(3 * width * height)
  scaleInto(planes, width, picture, width, height)
  return planes
}

function warp(picture: Parameters<typeof warpInto>[2], size: number, toPicture: Similarity) {
  const planes = new Float32Array(3 * size * size).fill(-1)
  warpInto(planes, size, picture, toPicture)
  return planes
}

const grey = (level: number) => [level, level, level] as const

describe('scaleInto', () => {
  it.each([
    [40, 30, 20, 15],
    [40, 30, 17, 11],
    [41, 31, 13, 7],
    [37, 23, 37, 23],
    [16, 16, 1, 1],
    [5, 3, 11, 9],
    [7, 50, 20, 5],
    [1, 9, 4, 4],
    [9, 1, 4, 4],
    [3, 2, 2, 3],
  ])('gives what the plain way gives, %i×%i to %i×%i', (w, h, width, height) => {
    const picture = noise(w, h)
    const slow = slowScale(picture, width, height)
    expect(furthest(scale(picture, width, height), slow)).toBeLessThan(ROUNDING)
  })

  it('gives what the plain way gives for any sizes', () => {
    const side = fc.integer({ min: 1, max: 40 })
    const agrees = (w: number, h: number, width: number, height: number) => {
      const picture = noise(w, h)
      const slow = slowScale(picture, width, height)
      expect(furthest(scale(picture, width, height), slow)).toBeLessThan(ROUNDING)
    }
    fc.assert(fc.property(side, side, side, side, agrees), { seed: 12, numRuns: 60 })
  })

  it.each([2, 2.5, 3, 7])('makes a checkerboard of single pixels grey, %f times smaller', (by) => {
    const board = paint(by * 20, by * 20, (x, y) => grey((x + y) % 2 === 0 ? 255 : 0))
    const bound = Number.isInteger(by) && by % 2 === 0 ? ROUNDING : 128 / by ** 2
    for (const value of scale(board, 20, 20)) {
      expect(Math.abs(value - 127.5)).toBeLessThanOrEqual(bound)
    }
  })

  it('keeps the brightness of a picture', () => {
    const picture = noise(96, 64)
    const mean = (values: ArrayLike<number>) =>
      Array.from(values).reduce((sum, value) => sum + value, 0) / values.length
    expect(mean(scale(picture, 12, 8))).toBeCloseTo(mean(picture.data), 2)
  })

  it.each([
    [10, 10, 3, 4],
    [10, 10, 33, 47],
    [1, 1, 16, 16],
  ])('keeps a picture of one colour, %i×%i to %i×%i', (w, h, width, height) => {
    const planes = scale(
      paint(w, h, () => [10, 100, 250]),
      width,
      height,
    )
    for (const [k, level] of [10, 100, 250].entries()) {
      const plane = planes.subarray(k * width * height, (k + 1) * width * height)
      for (const value of plane) expect(value).toBeCloseTo(level, 3)
    }
  })

  it('enlarges in straight lines between the pixels', () => {
    for (const [width, height] of [
      [24, 18],
      [25, 19],
      [61, 100],
    ] as const) {
      const picture = noise(12, 9)
      const linear = bilinearScale(picture, width, height)
      expect(furthest(scale(picture, width, height), linear)).toBeLessThan(ROUNDING)
    }
  })

  it('copies a picture of the right size', () => {
    const picture = noise(33, 7)
    const planes = scale(picture, 33, 7)
    for (let i = 0; i < 33 * 7; i++) {
      for (let k = 0; k < 3; k++) expect(planes[k * 33 * 7 + i]).toBe(picture.data[i * 3 + k])
    }
  })

  it('writes to the top left and leaves the rest alone', () => {
    const planes = new Float32Array(3 * 8 * 6).fill(-1)
    scaleInto(
      planes,
      8,
      paint(9, 9, () => grey(7)),
      5,
      4,
    )
    for (const [i, value] of planes.entries()) {
      const [x, y] = [i % 8, Math.floor(i / 8) % 6]
      expect(value).toBeCloseTo(x < 5 && y < 4 ? 7 : -1, 3)
    }
  })

  it('does not mix one call with another, whichever is larger', () => {
    const [large, small] = [noise(300, 200, 2), noise(20, 30, 3)]
    const [first, second] = [scale(large, 50, 40), scale(small, 50, 40)]
    expect(scale(large, 50, 40)).toEqual(first)
    expect(scale(small, 50, 40)).toEqual(second)
  })
})

describe('warpInto', () => {
  it('copies where nothing is to be done', () => {
    const picture = noise(20, 20)
    const planes = warp(picture, 20, { a: 1, b: 0, tx: 0, ty: 0 })
    for (let i = 0; i < 400; i++) {
      for (let k = 0; k < 3; k++) {
        expect(planes[k * 400 + i]).toBeCloseTo(picture.data[i * 3 + k]!, 3)
      }
    }
  })

  it('turns by a quarter', () => {
    const size = 15
    const picture = noise(size, size)
    const planes = warp(picture, size, { a: 0, b: 1, tx: size, ty: 0 })
    for (let v = 0; v < size; v++) {
      for (let u = 0; u < size; u++) {
        const source = (u * size + (size - 1 - v)) * 3
        expect(planes[v * size + u]).toBeCloseTo(picture.data[source]!, 2)
      }
    }
  })

  it('is black beyond the edges', () => {
    const white = paint(10, 10, () => grey(255))
    const planes = warp(white, 30, { a: 1, b: 0, tx: -10, ty: -10 })
    for (const [i, value] of planes.entries()) {
      const [u, v] = [i % 30, Math.floor(i / 30) % 30]
      const within = u >= 10 && u < 20 && v >= 10 && v < 20
      expect(Math.abs(value - (within ? 255 : 0))).toBeLessThan(BLACK)
    }
  })

  it.each([
    ['left', -500, 0],
    ['right', 500, 0],
    ['above', 0, -500],
    ['below', 0, 500],
  ])('is all black far %s of the picture', (_where, tx, ty) => {
    const white = paint(10, 10, () => grey(255))
    for (const a of [0.5, 1, 4]) {
      expect(warp(white, 8, { a, b: 0, tx, ty }).every((value) => value === 0)).toBe(true)
    }
  })

  it('reads a picture of one pixel', () => {
    const planes = warp(
      paint(1, 1, () => [9, 99, 199]),
      3,
      { a: 1, b: 0, tx: -1, ty: -1 },
    )
    for (const [i, value] of planes.entries()) {
      const level = i % 9 === 4 ? [9, 99, 199][Math.floor(i / 9)]! : 0
      expect(Math.abs(value - level)).toBeLessThan(BLACK)
    }
  })

  it.each([
    [1, 1, 0],
    [1, 0.8, 0.6],
    [1, 0.3, -0.2],
    [2, 2, 0],
    [2, 1.5, 1.6],
    [3, 3.2, -0.9],
    [4, 0, 4.3],
    [5, -5.5, 0.4],
  ])('gives what the plain way gives: means of %i pixels, a = %f, b = %f', (factor, a, b) => {
    const [width, height] = [factor * 19, factor * 14]
    const picture = noise(width, height)
    const size = 32
    const centred = {
      a,
      b,
      tx: width / 2 - (a - b) * (size / 2),
      ty: height / 2 - (b + a) * (size / 2),
    }
    const slow = slowWarp(picture, size, centred, factor)
    expect(furthest(warp(picture, size, centred), slow)).toBeLessThan(BLACK)
  })

  it('finds the right place for every pixel, however turned, sized and shifted', () => {
    const slope = paint(250, 120, (x, y) => [x, 2 * y, 200])
    const size = 24
    const findsPlaces = (similarity: Similarity) => {
      const planes = warp(slope, size, similarity)
      const edge = Math.max(1, Math.floor(Math.hypot(similarity.a, similarity.b))) * 2
      for (let i = 0; i < size * size; i++) {
        const { x, y } = apply(similarity, { x: (i % size) + 0.5, y: Math.floor(i / size) + 0.5 })
        if (x < edge || y < edge || x > 250 - edge || y > 120 - edge) continue
        const off = Math.max(
          Math.abs(planes[i]! + 0.5 - x),
          Math.abs(planes[size * size + i]! / 2 + 0.5 - y),
          Math.abs(planes[2 * size * size + i]! - 200),
        )
        if (off > 0.01) expect.fail(`${off} off at ${x}, ${y}`)
      }
    }
    const near = similarityOf(0.05, 8).map((similarity) => ({
      ...similarity,
      tx: (similarity.tx + 2000) / 16,
      ty: (similarity.ty + 2000) / 33,
    }))
    fc.assert(fc.property(near, findsPlaces), { seed: 13, numRuns: 300 })
  })

  it.each([2, 3, 4, 5])('makes a checkerboard of single pixels grey, %i times smaller', (by) => {
    const board = paint(120, 120, (x, y) => grey((x + y) % 2 === 0 ? 255 : 0))
    const planes = warp(board, 20, { a: by, b: 0, tx: 8, ty: 8 })
    for (const value of planes) {
      expect(Math.abs(value - 127.5)).toBeLessThanOrEqual(by % 2 === 0 ? ROUNDING : 128 / by ** 2)
    }
  })
})
