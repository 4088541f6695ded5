import { fitTail, LEAST, tailOf } from '@vedette/server/thresholds/tail'
import { describe, expect, it } from 'vitest'
import { Passers, STRANGERS } from '../../support/server-thresholds.ts'

const NEVER = 2
const [normal, , heavy] = STRANGERS

describe('the tail', () => {
  it('is the highest tenth of all scores, and of many the highest five hundred', () => {
    const passers = new Passers(normal, 1)
    passers.walk(2000, 50, NEVER)
    const { exceedances } = tailOf(passers.scores)
    expect(exceedances).toBeGreaterThanOrEqual(200)
    expect(exceedances).toBeLessThan(230)
    passers.walk(20_000, 50, NEVER)
    expect(tailOf(passers.scores).exceedances).toBeLessThan(540)
  })

  it('is smaller where a few walks past a long list would fill it: each counts once', () => {
    const passers = new Passers(normal, 2)
    passers.walk(4500, 10, NEVER)
    passers.walk(500, 1000, NEVER)
    // With a tenth, all of the 500 would be in it.
    expect(tailOf(passers.scores).exceedances).toBeLessThan(200)
  })

  it('is no evidence while there are too few', () => {
    const passers = new Passers(normal, 3)
    passers.walk(LEAST * 8, 10, NEVER)
    expect(fitTail(passers.scores)).toBeUndefined()
    passers.walk(LEAST * 4, 10, NEVER)
    expect(fitTail(passers.scores)?.exceedances).toBeGreaterThanOrEqual(LEAST)
  })

  it.each(STRANGERS)('of strangers $name gives rates that are true, deeper than it saw', (of) => {
    const tails = Array.from({ length: 20 }, (_, seed) => {
      const passers = new Passers(of, 40 + seed)
      passers.walk(5000, 20, NEVER)
      return fitTail(passers.scores)!
    })
    // Seen by each: 100,000 comparisons.
    for (const share of [1e-3, 1e-4, 1e-5, 5e-6]) {
      const score = of.score(share)
      const mean = tails.reduce((sum, tail) => sum + tail.rate(score) / tails.length, 0)
      const inside = tails.filter((tail) => {
        const [low, high] = tail.interval(score, 0.9)
        return low <= share && share <= high
      })
      expect([share, mean / share > 0.7, mean / share < 1.4]).toEqual([share, true, true])
      // Of 20 with nine in ten, 14 or more but for one time in a hundred.
      expect(inside.length).toBeGreaterThanOrEqual(14)
    }
  })

  it('falls with the score, and its interval is wider the deeper it is looked at', () => {
    const passers = new Passers(heavy, 5)
    passers.walk(3000, 20, NEVER)
    const tail = fitTail(passers.scores)!
    const scores = [1e-3, 1e-4, 1e-5].map((share) => heavy.score(share))
    const rates = scores.map((score) => tail.rate(score))
    const widths = scores.map((score) => {
      const [low, high] = tail.interval(score, 0.9)
      return high / low
    })
    expect(rates).toEqual(rates.toSorted((p, q) => q - p))
    expect(widths).toEqual(widths.toSorted((p, q) => p - q))
  })
})

describe('a tail that is cut where alerts begin', () => {
  const entries = 100
  const cut = normal.score(2e-5) // one walk in 500
  const deep = normal.score(2e-6)
  const rateOf = (judged: boolean, deaf: boolean) => {
    const passers = new Passers(normal, 6)
    passers.walk(20_000, entries, cut, judged)
    if (deaf) passers.scores.doubtful = 0 // as if all alerts had been of wanted people
    return fitTail(passers.scores)!
  }

  it('knows what is missing: unjudged alerts may all have been strangers', () => {
    const [low, high] = rateOf(false, false).interval(deep, 0.98)
    expect([low < 2e-6, high > 2e-6]).toEqual([true, true])
  })

  it('is thinner where there were no alerts, as then nothing is missing', () => {
    expect(rateOf(false, true).rate(deep)).toBeLessThan(rateOf(false, false).rate(deep) / 2)
  })

  it('is known better once the alerts are judged', () => {
    const [doubtful, judged] = [rateOf(false, false), rateOf(true, false)].map((tail) => {
      const [low, high] = tail.interval(deep, 0.9)
      return high / low
    })
    expect(judged).toBeLessThan(doubtful!)
  })
})
