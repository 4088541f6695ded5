import { falseMatchRateAt } from '@vedette/models/calibration'
import { findModel, readManifest } from '@vedette/models/manifest'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { thresholdFor } from '@vedette/server/thresholds/published'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const model = findModel(await readManifest(), 'embed', DEFAULT_MODELS.embedder)
const { points } = model.calibration

const entries = fc.integer({ min: 1, max: 10_000_000 })
const rate = fc.double({ min: 1e-9, max: 0.5, noNaN: true })

describe('thresholdFor', () => {
  it.each(points)(
    'is $similarity where $falseMatchRate was measured',
    ({ falseMatchRate, similarity }) => {
      expect(thresholdFor(points, 1, falseMatchRate)).toBeCloseTo(similarity, 10)
      expect(thresholdFor(points, 1000, falseMatchRate * 1000)).toBeCloseTo(similarity, 10)
    },
  )

  it('rises with the list: every entry is another chance to be wrong', () => {
    fc.assert(
      fc.property(entries, entries, rate, (a, b, share) => {
        const [short, long] = [Math.min(a, b), Math.max(a, b)]
        expect(thresholdFor(points, long, share)).toBeGreaterThanOrEqual(
          thresholdFor(points, short, share),
        )
      }),
      { seed: 1 },
    )
  })

  it('falls as more strangers may be taken for somebody', () => {
    fc.assert(
      fc.property(entries, rate, rate, (count, a, b) => {
        expect(thresholdFor(points, count, Math.max(a, b))).toBeLessThanOrEqual(
          thresholdFor(points, count, Math.min(a, b)),
        )
      }),
      { seed: 2 },
    )
  })

  it('asks as much of a list of one as of an empty one', () => {
    expect(thresholdFor(points, 0, 0.003)).toBe(thresholdFor(points, 1, 0.003))
  })

  it('gives each of ten entries a tenth of the share', () => {
    expect(thresholdFor(points, 10, 0.01)).toBeCloseTo(thresholdFor(points, 1, 0.001), 10)
  })

  it('lies halfway between two points for the rate halfway between theirs, in powers of ten', () => {
    const two = [
      { falseMatchRate: 1e-2, similarity: 0.5 },
      { falseMatchRate: 1e-4, similarity: 0.7 },
    ]
    expect(thresholdFor(two, 1, 1e-3)).toBeCloseTo(0.6, 10)
  })

  it('goes on beyond the measured points as it went between the last two', () => {
    const two = [
      { falseMatchRate: 1e-4, similarity: 0.7 },
      { falseMatchRate: 1e-2, similarity: 0.5 },
    ]
    expect(thresholdFor(two, 1, 1e-6)).toBeCloseTo(0.9, 10)
    expect(thresholdFor(two, 100_000, 1e-3)).toBeCloseTo(1.1, 10)
    expect(thresholdFor(two, 1, 1)).toBeCloseTo(0.3, 10)
  })

  it.each([
    [0, 0.5],
    [0, 1e-9],
    [1_000_000_000, 1e-9],
    [1_000_000_000, 0.5],
  ])('is a number even for %i entries and a share of %d', (count, share) => {
    const threshold = thresholdFor(points, count, share)
    expect(threshold).toBeGreaterThan(0)
    expect(threshold).toBeLessThan(2)
  })
})

describe('falseMatchRateAt', () => {
  it('is what thresholdFor was asked for, between the points and beyond them', () => {
    for (const rate of [0.05, 1e-2, 1e-3, 3e-5, 1e-7]) {
      expect(falseMatchRateAt(points, thresholdFor(points, 1, rate)) / rate).toBeCloseTo(1, 8)
    }
  })

  it('is 1 at most, however low the similarity', () => {
    expect(falseMatchRateAt(points, -1)).toBe(1)
  })
})
