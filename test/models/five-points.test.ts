import { alignFive, fiveOf } from '@vedette/models/align'
import { apply, invert, type Point } from '@vedette/models/geometry'
import { describe, expect, it } from 'vitest'

const TEMPLATE = [
  [38.2946, 51.6963],
  [73.5318, 51.5014],
  [56.0252, 71.7366],
  [41.5493, 92.3655],
  [70.7299, 92.2041],
] as const
const five = (place: (x: number, y: number) => Point) =>
  TEMPLATE.map(([x, y]) => place(x, y)) as [Point, Point, Point, Point, Point]

describe('alignment by five points', () => {
  it.each([
    ['as they are', 1, 0, 0, 0],
    ['half as large, elsewhere', 0.5, 0, 300, 20],
    ['large, tilted by a third of a turn', 4, 2, 1000, 700],
  ])('brings a face with points %s to the template', (_what, scale, angle, tx, ty) => {
    const move = { a: scale * Math.cos(angle), b: scale * Math.sin(angle), tx, ty }
    const points = five((x, y) => apply(move, { x, y }))
    const { toPicture, residual } = alignFive(points, 112)
    expect(residual).toBeLessThan(1e-6)
    const toChip = invert(toPicture)
    for (const [i, point] of points.entries()) {
      const { x, y } = apply(toChip, point)
      expect(x).toBeCloseTo(TEMPLATE[i]![0], 4)
      expect(y).toBeCloseTo(TEMPLATE[i]![1], 4)
    }
  })

  it('scales the template with the chip, and tells how far off a face is', () => {
    const points = five((x, y) => ({ x: 2 * x, y: 2 * y }))
    expect(alignFive(points, 224).toPicture.a).toBeCloseTo(1, 6)
    const crooked = [...points] as typeof points
    crooked[2] = { x: points[2].x + 20, y: points[2].y }
    expect(alignFive(crooked, 112).residual).toBeGreaterThan(0.02)
  })

  it('never mirrors: exchanged eyes are a bad fit, not another person', () => {
    const [left, right, nose, leftMouth, rightMouth] = five((x, y) => ({ x, y }))
    expect(alignFive([right, left, nose, rightMouth, leftMouth], 112).residual).toBeGreaterThan(0.1)
  })

  it('takes eyes, nose tip and mouth corners of 68, left in the picture first', () => {
    const landmarks = Array.from({ length: 68 }, (_, i) => ({ x: i, y: 100 + i }))
    expect(fiveOf(landmarks)).toEqual([
      { x: 38.5, y: 138.5 },
      { x: 44.5, y: 144.5 },
      { x: 30, y: 130 },
      { x: 48, y: 148 },
      { x: 54, y: 154 },
    ])
  })
})
