import {
  apply,
  type Box,
  centroid,
  contained,
  fitSimilarity,
  invert,
  iou,
  type Similarity,
  scaleOf,
  squareAround,
} from '@vedette/models/geometry'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { place, similarityOf, spread } from '../support/models-geometry.ts'

const box = (x: number, y: number, width: number, height: number): Box => ({ x, y, width, height })
const unit = box(0, 0, 10, 10)

describe('iou', () => {
  it.each([
    ['the same box', box(0, 0, 10, 10), 1],
    ['half of it', box(0, 0, 10, 5), 0.5],
    ['a box beside it', box(10, 0, 10, 10), 0],
    ['a box far away', box(100, 100, 10, 10), 0],
    ['a box that shares a third', box(5, 0, 10, 10), 1 / 3],
    ['a box around it', box(-5, -5, 20, 20), 0.25],
    ['a box without area', box(5, 5, 0, 0), 0],
  ])('of a box and %s', (_what, other, expected) => {
    expect(iou(unit, other)).toBeCloseTo(expected, 12)
    expect(iou(other, unit)).toBeCloseTo(expected, 12)
  })

  it('of two boxes without area is 0', () => {
    expect(iou(box(1, 1, 0, 0), box(1, 1, 0, 0))).toBe(0)
  })
})

describe('contained', () => {
  it.each([
    ['the same box', box(0, 0, 10, 10), 1],
    ['a box within it', box(2, 2, 3, 3), 1],
    ['a box around it', box(-5, -5, 20, 20), 1],
    ['a box beside it', box(10, 0, 10, 10), 0],
    ['a smaller box half outside', box(8, 0, 4, 4), 0.5],
    ['a box without area', box(5, 5, 0, 0), 0],
  ])('of a box and %s', (_what, other, expected) => {
    expect(contained(unit, other)).toBeCloseTo(expected, 12)
    expect(contained(other, unit)).toBeCloseTo(expected, 12)
  })
})

describe('squareAround', () => {
  it('keeps the centre and takes the longer side, grown by the margin', () => {
    expect(squareAround(box(10, 20, 30, 50))).toEqual(box(0, 20, 50, 50))
    expect(squareAround(box(10, 20, 50, 30))).toEqual(box(10, 10, 50, 50))
    expect(squareAround(box(0, 0, 100, 100), 0.5)).toEqual(box(-25, -25, 150, 150))
  })
})

describe('a similarity', () => {
  it('turns, enlarges and shifts', () => {
    const quarter: Similarity = { a: 0, b: 2, tx: 10, ty: 20 }
    expect(apply(quarter, { x: 1, y: 0 })).toEqual({ x: 10, y: 22 })
    expect(apply(quarter, { x: 0, y: 1 })).toEqual({ x: 8, y: 20 })
    expect(scaleOf(quarter)).toBe(2)
  })

  it('is undone by its inverse', () => {
    const returns = (similarity: Similarity, point: { x: number; y: number }) => {
      const back = apply(invert(similarity), apply(similarity, point))
      expect(Math.hypot(back.x - point.x, back.y - point.y)).toBeLessThan(1e-8)
    }
    fc.assert(fc.property(similarityOf(), place, returns), { seed: 9, numRuns: 500 })
  })
})

describe('fitSimilarity', () => {
  it('finds the similarity that moved the points, and leaves nothing', () => {
    const finds = (points: { x: number; y: number }[], moved: Similarity) => {
      const { similarity, residual } = fitSimilarity(
        points,
        points.map((point) => apply(moved, point)),
      )
      for (const k of ['a', 'b'] as const) expect(similarity[k]).toBeCloseTo(moved[k], 8)
      for (const k of ['tx', 'ty'] as const) expect(similarity[k]).toBeCloseTo(moved[k], 5)
      expect(residual).toBeLessThan(1e-8)
    }
    fc.assert(fc.property(spread, similarityOf(), finds), { seed: 10, numRuns: 500 })
  })

  it('fits no other similarity better', () => {
    const from = [
      { x: 0, y: 0 },
      { x: 10, y: 1 },
      { x: 3, y: 12 },
    ]
    const to = [
      { x: 5, y: 5 },
      { x: 4, y: 17 },
      { x: -9, y: 6 },
    ]
    const { similarity, residual } = fitSimilarity(from, to)
    const rest = (s: Similarity) =>
      Math.sqrt(
        from.reduce((sum, point, i) => {
          const { x, y } = apply(s, point)
          return sum + (x - to[i]!.x) ** 2 + (y - to[i]!.y) ** 2
        }, 0) / 3,
      )
    expect(rest(similarity)).toBeCloseTo(residual, 12)
    for (const key of ['a', 'b', 'tx', 'ty'] as const) {
      for (const nudge of [-0.01, 0.01]) {
        expect(rest({ ...similarity, [key]: similarity[key] + nudge })).toBeGreaterThan(residual)
      }
    }
  })

  it('does not reflect', () => {
    const from = [
      { x: 0, y: 0 },
      { x: 4, y: 0 },
      { x: 0, y: 2 },
    ]
    const mirrored = from.map(({ x, y }) => ({ x: -x, y }))
    expect(fitSimilarity(from, mirrored).residual).toBeGreaterThan(0.5)
  })
})

describe('centroid', () => {
  it('is the mean of the points', () => {
    const points = [
      { x: 0, y: 3 },
      { x: 4, y: 5 },
    ]
    expect(centroid(points)).toEqual({ x: 2, y: 4 })
  })
})
