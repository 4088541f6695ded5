import { poissonInterval } from '@vedette/server/evaluate/video/poisson'
import { describe, expect, it } from 'vitest'

describe('poissonInterval', () => {
  // Garwood's table as it is printed in textbooks: half the quantiles of chi squared.
  it.each([
    [0, 0.9, 0, 2.9957],
    [1, 0.9, 0.0513, 4.7439],
    [2, 0.95, 0.2422, 7.2247],
    [10, 0.9, 5.4254, 16.9622],
    [50, 0.95, 37.1112, 65.9188],
  ])('of %i at %d is %d to %d', (count, confidence, low, high) => {
    const interval = poissonInterval(count, confidence)
    expect(interval[0]).toBeCloseTo(low, 3)
    expect(interval[1]).toBeCloseTo(high, 3)
  })

  it('narrows around large counts as the normal distribution does', () => {
    const [low, high] = poissonInterval(10_000, 0.9)
    expect(Math.abs(low - (10_000 - 164.5))).toBeLessThan(2)
    expect(Math.abs(high - (10_000 + 164.5))).toBeLessThan(4)
  })
})
