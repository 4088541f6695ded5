import { type AskOptions, BestShot } from '@vedette/agent/lookout/best-shot'
import { describe, expect, it } from 'vitest'
import { seeded } from '../../support/agent-random.ts'

/** Time alone brings no question. */
const NEVER = 3_600_000
const usual: AskOptions = { minQuality: 0.1, better: 0.25, again: NEVER, most: 6 }

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
      'measures against the best asked',
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

describe('BestShot as time passes', () => {
  const soon = { again: 400 }

  /** Scene times at which chips of one quality, one every 200 ms, are asked about. */
  const times = (quality: (i: number) => number, options: Partial<AskOptions> = {}) => {
    const bestShot = new BestShot({ ...usual, ...soon, ...options })
    return Array.from({ length: 30 }, (_, i) => i * 200).filter(
      (at, i) => bestShot.consider('a', quality(i), at) !== undefined,
    )
  }

  it('asks three times more about a face that gets no better', () => {
    expect(times(() => 0.5)).toEqual([0, 400, 800, 1200])
  })

  it('keeps to the most', () => {
    expect(times(() => 0.5, { most: 2 })).toEqual([0, 400])
  })

  it('takes a chip that is a little worse, and none that is much worse', () => {
    expect(times((i) => (i === 0 ? 0.5 : 0.35))).toEqual([0, 400, 800, 1200])
    expect(times((i) => (i === 0 ? 0.5 : 0.34))).toEqual([0])
  })

  it('measures worse chips against the best asked, not the last', () => {
    const quality = [0.8, 0, 0.6, 0, 0.5]
    expect(times((i) => quality[i] ?? 0)).toEqual([0, 400])
  })

  it('asks about better ones at once, and counts the time from them', () => {
    const quality = (i: number) => (i < 3 ? 0.3 : 0.5)
    expect(times(quality)).toEqual([0, 400, 600, 1000, 1400])
  })

  it('still asks about better ones when time brings no more', () => {
    const quality = (i: number) => (i < 25 ? 0.3 : 0.9)
    expect(times(quality)).toEqual([0, 400, 800, 1200, 5000])
  })

  it('is settled between two questions about a face that cannot get better', () => {
    const bestShot = new BestShot({ ...usual, ...soon })
    bestShot.consider('a', 0.95, 0)
    expect([200, 399, 400].map((at) => bestShot.settled('a', at))).toEqual([true, true, false])
    for (const at of [400, 800, 1200]) bestShot.consider('a', 0.95, at)
    expect(bestShot.settled('a', 5000)).toBe(true)
  })
})

describe('BestShot.spend', () => {
  it('asks about any good chip while questions are left', () => {
    const bestShot = new BestShot({ ...usual, most: 3 })
    const spent = [0.9, 0.2, 0.05, 0.2, 0.9].map((quality, i) => bestShot.spend('a', quality, i))
    expect(spent).toEqual([0, 1, undefined, 2, undefined])
  })

  it('takes nothing from the questions that time brings', () => {
    const bestShot = new BestShot({ ...usual, again: 400 })
    bestShot.consider('a', 0.5, 0)
    expect(bestShot.spend('a', 0.2, 100)).toBe(1)
    const later = [499, 500, 900, 1300].map((at) => bestShot.consider('a', 0.5, at))
    expect(later).toEqual([undefined, 2, 3, 4])
  })

  it('leaves the best asked as it was for a worse chip', () => {
    const bestShot = new BestShot(usual)
    bestShot.consider('a', 0.5, 0)
    bestShot.spend('a', 0.2, 100)
    expect(bestShot.consider('a', 0.5, 200)).toBeUndefined()
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
      const again = Math.floor(random() * 1000)
      const most = 1 + Math.floor(random() * 4)
      const bestShot = new BestShot({ minQuality: 0, better: random(), again, most })
      bestShot.consider('a', random(), 0)
      const at = Math.floor(random() * 1000)
      const settled = bestShot.settled('a', at)
      expect(bestShot.consider('a', 1, at) === undefined).toBe(settled)
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
