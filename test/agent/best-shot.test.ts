import { type AskOptions, BestShot } from '@vedette/agent/best-shot'
import { describe, expect, it } from 'vitest'
import { seeded } from '../support/agent-random.ts'

const usual: AskOptions = { minQuality: 0.1, better: 0.25, most: 6 }

/** The shots asked for chips of these qualities of one track, one a second. */
function shots(qualities: readonly number[], options: Partial<AskOptions> = {}) {
  const bestShot = new BestShot({ ...usual, ...options })
  return qualities.map((quality, i) => bestShot.consider('a', quality, i * 1000))
}

describe('BestShot', () => {
  it.each<[string, number[], (number | undefined)[], Partial<AskOptions>?]>([
    ['asks about the first good chip at once', [0.5], [0]],
    ['asks about the least that is good enough', [0.1], [0]],
    ['never asks below the least quality', [0.09, 0.05, 0], [undefined, undefined, undefined]],
    ['waits for the first good one', [0.05, 0.09, 0.3], [undefined, undefined, 0]],
    ['asks again for a clearly better one', [0.4, 0.6], [0, 1]],
    ['does not for one hardly better', [0.4, 0.49], [0, undefined]],
    ['does not for one as much better as must be beaten', [0.4, 0.5], [0, undefined]],
    ['does not for the same again', [0.4, 0.4, 0.4], [0, undefined, undefined]],
    ['does not for a worse one', [0.4, 0.2], [0, undefined]],
    [
      'measures against the last asked',
      [0.2, 0.24, 0.3, 0.37, 0.38],
      [0, undefined, 1, undefined, 2],
    ],
    ['stops at the most', [0.1, 0.2, 0.4, 0.8], [0, 1, undefined, undefined], { most: 2 }],
    ['asks once where one is the most', [0.1, 1], [0, undefined], { most: 1 }],
    ['asks at any gain where any counts', [0.3, 0.3, 0.31], [0, undefined, 1], { better: 0 }],
    ['gains nothing between two of no quality', [0, 0, 0.1], [0, undefined, 1], { minQuality: 0 }],
  ])('%s', (_what, qualities, expected, options = {}) => {
    expect(shots(qualities, options)).toEqual(expected)
  })

  it('keeps tracks apart', () => {
    const bestShot = new BestShot(usual)
    expect(bestShot.consider('a', 0.5, 0)).toBe(0)
    expect(bestShot.consider('b', 0.2, 0)).toBe(0)
    expect(bestShot.consider('b', 0.4, 100)).toBe(1)
    expect(bestShot.consider('a', 0.55, 100)).toBeUndefined()
  })

  it('asks few questions about a long walk with chips of any quality', () => {
    const random = seeded(3)
    for (let run = 0; run < 100; run++) {
      const qualities = Array.from({ length: 100 }, () => random())
      const asked = shots(qualities).filter((shot) => shot !== undefined)
      expect(asked.length).toBeLessThanOrEqual(usual.most)
      expect(asked).toEqual(asked.map((_, i) => i))
    }
  })
})

describe('BestShot.settled', () => {
  it('is false for a track that was not asked about', () => {
    expect(new BestShot(usual).settled('a', 0)).toBe(false)
  })

  it.each([
    [0.5, false],
    [0.79, false],
    [0.8, true],
    [1, true],
  ])('after a chip of quality %d is %s', (quality, expected) => {
    const bestShot = new BestShot(usual)
    bestShot.consider('a', quality, 0)
    expect(bestShot.settled('a', 0)).toBe(expected)
  })

  it('is true once the most was asked', () => {
    const bestShot = new BestShot({ ...usual, most: 2 })
    bestShot.consider('a', 0.1, 0)
    expect(bestShot.settled('a', 0)).toBe(false)
    bestShot.consider('a', 0.2, 0)
    expect(bestShot.settled('a', 0)).toBe(true)
  })

  it('never says so while some chip would still be asked about', () => {
    const random = seeded(4)
    for (let run = 0; run < 500; run++) {
      const options = { minQuality: 0, better: random(), most: 1 + Math.floor(random() * 4) }
      const bestShot = new BestShot(options)
      const first = random()
      bestShot.consider('a', first, 0)
      const settled = bestShot.settled('a', 0)
      expect(bestShot.consider('a', 1, 1) === undefined).toBe(settled)
    }
  })
})

describe('BestShot.forget', () => {
  it('keeps a track that was seen in the last minute', () => {
    const bestShot = new BestShot(usual)
    bestShot.consider('a', 0.5, 0)
    bestShot.forget(60_000)
    expect(bestShot.consider('a', 0.5, 60_000)).toBeUndefined()
  })

  it('drops one that was not', () => {
    const bestShot = new BestShot(usual)
    bestShot.consider('a', 0.5, 0)
    bestShot.forget(60_001)
    expect(bestShot.consider('a', 0.5, 60_001)).toBe(0)
  })

  it('keeps one that is still there, however it is asked about', () => {
    const bestShot = new BestShot({ ...usual, most: 1 })
    bestShot.consider('settled', 0.5, 0)
    bestShot.consider('considered', 0.5, 0)
    for (let at = 0; at <= 600_000; at += 30_000) {
      expect(bestShot.settled('settled', at)).toBe(true)
      expect(bestShot.consider('considered', 0.9, at)).toBeUndefined()
      bestShot.forget(at)
    }
  })
})
