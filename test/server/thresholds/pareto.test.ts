import { logBetween, survival } from '@vedette/server/thresholds/pareto'
import { describe, expect, it } from 'vitest'

describe('the generalised Pareto distribution', () => {
  it('is exponential where its shape is 0, and close to that beside it', () => {
    for (const excess of [0, 0.1, 1, 5]) {
      expect(survival(excess, 0, 2)).toBeCloseTo(Math.exp(-excess / 2), 12)
      expect(survival(excess, 1e-7, 2)).toBeCloseTo(Math.exp(-excess / 2), 5)
    }
  })

  it('is uniform at shape −1 and has an end where its shape is negative', () => {
    expect(survival(0.5, -1, 2)).toBeCloseTo(0.75, 12)
    expect([1.99, 2, 3].map((excess) => survival(excess, -1, 2) > 0)).toEqual([true, false, false])
  })

  it('falls as a power where its shape is positive', () => {
    expect(survival(1e6, 0.5, 1)).toBeCloseTo((1 + 5e5) ** -2, 15)
  })
})

describe('the probability of a Poisson number in a range', () => {
  const naive = (least: number, most: number, mean: number) => {
    let [term, sum] = [Math.exp(-mean), 0]
    for (let n = 0; n <= most; n++) {
      if (n > 0) term *= mean / n
      if (n >= least) sum += term
    }
    return sum
  }

  it.each([
    [0, 0, 0.5],
    [0, 3, 2],
    [2, 5, 3.7],
    [10, 12, 4],
    [0, 40, 25],
    [30, 60, 20],
  ])('%d … %d at mean %d is what counting it out gives', (least, most, mean) => {
    const wanted = naive(least, most, mean)
    expect(Math.exp(logBetween(least, most, mean)) / wanted).toBeCloseTo(1, 6)
  })

  it('of a mean of nothing is that of nothing', () => {
    expect([logBetween(0, 5, 0), logBetween(1, 5, 0)]).toEqual([0, -Infinity])
  })

  it('is known where it is far too small for a number', () => {
    const log = logBetween(5000, 6000, 100)
    expect(log).toBeLessThan(-10_000)
    expect(Number.isFinite(log)).toBe(true)
  })
})
