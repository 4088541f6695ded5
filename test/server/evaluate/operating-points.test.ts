import { operatingPoints, pointAt, thinned } from '@vedette/server/evaluate/operating-points'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const scores = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { maxLength: 12 })
const rate = fc.double({ min: 0, max: 1, noNaN: true })

const reach = (values: number[], threshold: number) => values.filter((v) => v >= threshold).length

describe('operatingPoints', () => {
  it('goes through each score once, ties together', () => {
    const points = operatingPoints(
      { genuine: [3, 2, 2], impostors: [2, 1] },
      { genuine: 4, impostors: 2 },
    )
    expect(points).toEqual([
      { threshold: 3.0000000000000004, falsePositive: 0, falseNegative: 1 },
      { threshold: 3, falsePositive: 0, falseNegative: 0.75 },
      { threshold: 2, falsePositive: 0.5, falseNegative: 0.25 },
      { threshold: 1, falsePositive: 1, falseNegative: 0.25 },
    ])
  })

  it('is one point where there is no score', () => {
    expect(operatingPoints({ genuine: [], impostors: [] }, { genuine: 1, impostors: 1 })).toEqual([
      { threshold: 0, falsePositive: 0, falseNegative: 1 },
    ])
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuses %d', (bad) => {
    const counts = { genuine: 1, impostors: 1 }
    expect(() => operatingPoints({ genuine: [bad], impostors: [] }, counts)).toThrow(RangeError)
    expect(() => operatingPoints({ genuine: [], impostors: [bad] }, counts)).toThrow(RangeError)
  })
})

describe('pointAt', () => {
  it('has the rates that its threshold has, and no lower threshold keeps to the rate', () => {
    fc.assert(
      fc.property(scores, scores, rate, (genuine, impostors, rate) => {
        const counts = { genuine: genuine.length + 1, impostors: impostors.length + 1 }
        const found = pointAt(operatingPoints({ genuine, impostors }, counts), rate)
        expect(found.falsePositive).toBe(reach(impostors, found.threshold) / counts.impostors)
        expect(found.falsePositive).toBeLessThanOrEqual(rate)
        const missed = counts.genuine - reach(genuine, found.threshold)
        expect(found.falseNegative).toBe(missed / counts.genuine)
        const below = [...genuine, ...impostors].filter((score) => score < found.threshold)
        for (const threshold of below) {
          expect(reach(impostors, threshold) / counts.impostors).toBeGreaterThan(rate)
        }
      }),
      { seed: 3 },
    )
  })

  it.each([
    [0, Number.MIN_VALUE],
    [-1, -0.9999999999999999],
    [1, 1.0000000000000002],
  ])('lies just above %d', (score, threshold) => {
    const points = operatingPoints(
      { genuine: [5], impostors: [score] },
      { genuine: 1, impostors: 1 },
    )
    expect(pointAt(points, 0).threshold).toBe(threshold)
  })
})

describe('thinned', () => {
  it('keeps both ends, the order, and no more than asked for', () => {
    fc.assert(
      fc.property(scores, scores, fc.integer({ min: 2, max: 8 }), (genuine, impostors, count) => {
        const counts = { genuine: genuine.length + 1, impostors: impostors.length + 1 }
        const points = operatingPoints({ genuine, impostors }, counts)
        const kept = thinned(points, count)
        expect(kept.length).toBeLessThanOrEqual(count)
        expect(kept[0]).toEqual(points[0])
        expect(kept.at(-1)).toEqual(points.at(-1))
        const at = kept.map((point) => points.indexOf(point))
        expect(at).toEqual(at.toSorted((p, q) => p - q))
        expect(new Set(at).size).toBe(kept.length)
        if (points.length <= count) expect(kept).toEqual(points)
      }),
      { seed: 4 },
    )
  })

  it('keeps the rare errors, which a stride over the scores would skip', () => {
    const impostors = Array.from({ length: 10_000 }, (_, i) => i)
    const points = operatingPoints(
      { genuine: [20_000], impostors },
      { genuine: 1, impostors: impostors.length },
    )
    const rare = thinned(points, 100).filter(({ falsePositive }) => falsePositive <= 1e-3)
    expect(rare.length).toBeGreaterThan(10)
  })
})
