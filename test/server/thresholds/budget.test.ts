import {
  allowed,
  forecastAt,
  type Terms,
  verdictOf,
  WEEK_MS,
  walksAWeek,
} from '@vedette/server/thresholds/budget'
import { thresholdFor } from '@vedette/server/thresholds/published'
import { fitTail, type Tail } from '@vedette/server/thresholds/tail'
import { describe, expect, it } from 'vitest'
import { CALIBRATION, Passers, STRANGERS } from '../../support/server-thresholds.ts'

const passers = new Passers(STRANGERS[1], 1)
passers.walk(3000, 100, 2)
const tail: Tail = fitTail(passers.scores)!

const terms = (more: Partial<Terms> = {}): Terms => ({
  ...{ budget: 1, walks: 1000, entries: 100, floor: 0, calibration: CALIBRATION, tail: undefined },
  ...more,
})

describe('a threshold', () => {
  it('is the published one for the share of walks that the budget allows, before there is evidence', () => {
    const wanted = thresholdFor(CALIBRATION, 100, 1 / 1000)
    expect(verdictOf(terms())).toEqual({ threshold: wanted, wanted, origin: 'published' })
  })

  it('is where the measured tail keeps the budget', () => {
    const { threshold, origin } = verdictOf(terms({ tail }))
    expect(origin).toBe('measured')
    expect(forecastAt(threshold, terms({ tail })).expected).toBeCloseTo(1, 3)
  })

  it.each([undefined, tail])('is never below the floor, and says so (%#)', (known) => {
    const free = verdictOf(terms({ tail: known }))
    const floor = free.threshold + 0.01
    const held = verdictOf(terms({ tail: known, floor }))
    expect(held).toEqual({ threshold: floor, wanted: free.wanted, origin: 'floor' })
    const [low, high] = [held, free].map(
      ({ threshold }) => forecastAt(threshold, terms({ tail: known })).expected,
    )
    expect(low).toBeLessThan(high!)
  })

  it.each([undefined, tail])(
    'rises with a longer list, more walks and a smaller budget (%#)',
    (known) => {
      const { threshold } = verdictOf(terms({ tail: known }))
      for (const stricter of [{ entries: 300 }, { walks: 3000 }, { budget: 1 / 3 }]) {
        expect(verdictOf(terms({ tail: known, ...stricter })).threshold).toBeGreaterThan(threshold)
      }
    },
  )

  it('does not go below what was fitted, however large the budget', () => {
    expect(verdictOf(terms({ tail, budget: 1e6 })).threshold).toBe(tail.from)
  })

  it('is 1 at most: nothing is more similar than itself', () => {
    expect(verdictOf(terms({ budget: 1e-6 })).threshold).toBe(1)
  })
})

describe('a forecast', () => {
  it('of the published calibration is the budget itself, and claims no confidence', () => {
    const { threshold } = verdictOf(terms())
    const { expected, low, high } = forecastAt(threshold, terms())
    expect(expected).toBeCloseTo(1, 2)
    expect([low, high]).toEqual([null, null])
  })

  it('of a measured tail lies between its low and its high', () => {
    const { threshold } = verdictOf(terms({ tail }))
    const { expected, low, high } = forecastAt(threshold, terms({ tail }))
    expect(low!).toBeLessThan(expected)
    expect(high!).toBeGreaterThan(expected)
  })

  it('is nothing on an empty list, and never more than the walks', () => {
    expect(forecastAt(0.9, terms({ entries: 0, tail })).expected).toBeCloseTo(0, 12)
    expect(forecastAt(tail.from, terms({ entries: 1e9, tail })).expected).toBeCloseTo(1000, 6)
  })
})

describe('the share of walks that may be false alerts', () => {
  it('is shared by the entries', () => {
    const { share, rate } = allowed({ budget: 2, walks: 1000, entries: 50 })
    expect(share).toBe(0.002)
    expect(1 - (1 - rate) ** 50).toBeCloseTo(share, 7)
  })

  it('is a half at most, and of an empty list as of one entry', () => {
    expect(allowed({ budget: 1e6, walks: 1, entries: 1 }).share).toBe(0.5)
    expect(allowed({ budget: 1, walks: 1000, entries: 0 })).toEqual(
      allowed({ budget: 1, walks: 1000, entries: 1 }),
    )
  })
})

describe('walks in a week', () => {
  const day = WEEK_MS / 7

  it.each([
    ['assumed before anything was watched', 0, 0, 1000, false],
    ['assumed while a day or two were quiet', 10, 2 * day, 1000, false],
    ['counted at once where there are more', 400, day, 2800, true],
    ['not multiplied from an hour', 300, day / 24, 2100, true],
    ['counted after a week, however few', 10, 2 * 7 * day, 5, true],
    ['one at least', 0, 7 * day, 1, true],
  ])('are %s', (_what, walks, watchedMs, wanted, measured) => {
    expect(walksAWeek({ walks, watchedMs }, 1000)).toEqual({ walks: wanted, measured })
  })
})
