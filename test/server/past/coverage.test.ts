import { type Asked, coverageOf } from '@vedette/server/past/coverage'
import type { Period } from '@vedette/server/store/past/periods'
import { describe, expect, it } from 'vitest'

const place = { agent: 'gate-7', camera: 'north' }
const asked: Asked = { since: 100, until: 200, destroyedUntil: 0, droppedUntil: undefined }
const period = (begin: number, end: number, why = 'well', kept = true): Period => {
  return { ...place, why, kept, begin, end }
}
const shown = (periods: Period[], more: Partial<Asked> = {}) => {
  const { share, stretches } = coverageOf(place, periods, { ...asked, ...more })
  return [share, stretches.map(({ from, to, gap }) => `${from}–${to} ${gap ?? 'seen'}`)]
}

describe('the coverage of a camera', () => {
  it('is whole where it was well all the time', () => {
    expect(shown([period(0, 150), period(150, 300, 'slow')])).toEqual([1, ['100–200 seen']])
  })

  it('is nothing where nobody was there to see', () => {
    expect(shown([])).toEqual([0, ['100–200 server-away']])
  })

  it('is what is left when it was offline, blind or in doubt, or nobody was there', () => {
    const periods = [
      period(90, 120),
      period(120, 130, 'away'),
      period(130, 140, 'blind'),
      period(150, 160, 'missed'),
      period(160, 190),
    ]
    expect(shown(periods)).toEqual([
      0.5,
      [
        '100–120 seen',
        '120–130 away',
        '130–140 blind',
        '140–150 server-away',
        '150–160 missed',
        '160–190 seen',
        '190–200 server-away',
      ],
    ])
  })

  it('has no time in which faces were not kept, are destroyed by now, or were dropped', () => {
    expect(shown([period(0, 130, 'well', false), period(130, 200)])).toEqual([
      0.7,
      ['100–130 not-kept', '130–200 seen'],
    ])
    expect(shown([period(0, 200)], { destroyedUntil: 140 })).toEqual([
      0.6,
      ['100–140 destroyed', '140–200 seen'],
    ])
    const both = { destroyedUntil: 120, droppedUntil: 150 }
    expect(shown([period(0, 200)], both)).toEqual([
      0.5,
      ['100–120 destroyed', '120–150 dropped', '150–200 seen'],
    ])
  })

  it('says first what was wrong with the camera itself', () => {
    expect(shown([period(0, 200, 'away', false)], { destroyedUntil: 150 })).toEqual([
      0,
      ['100–200 away'],
    ])
  })

  it('adds up to the time asked for, whatever was written down', () => {
    let seed = 7
    const random = () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      return seed / 2 ** 32
    }
    for (let trial = 0; trial < 500; trial++) {
      const periods: Period[] = []
      for (let at = Math.floor(random() * 150); at < 250; ) {
        const end = at + 1 + Math.floor(random() * 40)
        const why = ['well', 'away', 'blind'][Math.floor(random() * 3)]!
        periods.push(period(at, end, why, random() < 0.7))
        at = end + (random() < 0.3 ? Math.floor(random() * 20) : 0)
      }
      const limits = { destroyedUntil: random() * 250, droppedUntil: random() * 250 }
      const { share, stretches } = coverageOf(place, periods, { ...asked, ...limits })
      let at = asked.since
      let seen = 0
      for (const { from, to, gap } of stretches) {
        expect(from).toBe(at)
        expect(to).toBeGreaterThan(from)
        if (gap === null) seen += to - from
        at = to
      }
      expect(at).toBe(asked.until)
      expect(share).toBeCloseTo(seen / 100, 9)
    }
  })
})
