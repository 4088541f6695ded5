import { Scores } from '@vedette/server/thresholds/scores'
import { IntegrityFault } from '@vedette/shared/errors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { thrownBy } from '../../support/thrown.ts'

const NOTHING = { walks: 0, squares: 0, doubtful: 0, judgedTrue: 0, judgedFalse: 0, watchedMs: 0 }
const countsOf = (scores: Scores) => [...scores.bins()].map(({ from, count }) => [from, count])

describe('scores', () => {
  it('are counted in bins of a thousandth, from the one that a number is written as', () => {
    const scores = new Scores()
    for (const score of [-1, -0.0005, 0, 0.0009, 0.95, 0.9509, 1]) scores.walk(score, 1, 2)
    expect(countsOf(scores)).toEqual([
      [-1, 1],
      [-0.001, 1],
      [0, 2],
      [0.95, 2],
      [0.999, 1],
    ])
  })

  it('count every walk, and comparisons of those that had somebody to be compared with', () => {
    const scores = new Scores()
    scores.walk(0.5, 10, 0.9)
    scores.walk(undefined, 0, 0.9)
    scores.walk(0.6, 20, 0.95)
    expect(scores).toMatchObject({ walks: 3, squares: 500 })
    expect([...scores.thresholds()]).toEqual([
      { threshold: 0.9, comparisons: 10 },
      { threshold: 0.95, comparisons: 20 },
    ])
  })

  it('from the threshold on are kept apart: others like them became alerts', () => {
    const scores = new Scores()
    scores.walk(0.9499, 10, 0.95)
    scores.walk(0.95, 10, 0.95)
    scores.walk(0.97, 10, 0.95)
    expect(countsOf(scores)).toEqual([[0.949, 1]])
    expect([0.9, 0.95, 0.96, 0.98].map((score) => scores.above(score))).toEqual([2, 2, 1, 0])
  })

  it('of alerts are doubtful until an operator says that they were strangers, or takes it back', () => {
    const scores = new Scores()
    scores.alerted()
    scores.alerted()
    scores.judged('false', 0.97)
    expect([scores.doubtful, scores.above(0.9)]).toEqual([1, 1])
    scores.unjudged('false', 0.97)
    expect([scores.doubtful, scores.above(0.9)]).toEqual([2, 0])
  })

  it('of alerts that were right are doubtful no more, and no strangers; of unresolved ones they stay so', () => {
    const scores = new Scores()
    for (let i = 0; i < 3; i++) scores.alerted()
    scores.judged('true', 0.97)
    scores.judged('unresolved', 0.98)
    const counts = () => {
      const { doubtful, judgedTrue, judgedFalse } = scores
      return [doubtful, judgedTrue, judgedFalse, scores.above(0)]
    }
    expect(counts()).toEqual([2, 1, 0, 0])
    scores.judged('false', 0.96)
    expect(counts()).toEqual([1, 1, 1, 1])
    scores.unjudged('true', 0.97)
    scores.unjudged('unresolved', 0.98)
    expect(counts()).toEqual([2, 0, 1, 1])
    const { walks, squares, doubtful, judgedTrue, judgedFalse, watchedMs } = scores
    const totals = { walks, squares, doubtful, judgedTrue, judgedFalse, watchedMs }
    expect(Scores.decode(scores.encode(), totals)).toMatchObject({ judgedTrue: 0, judgedFalse: 1 })
  })

  it('never count less than nothing, whatever is judged', () => {
    const scores = new Scores()
    scores.judged('false', 0.97)
    scores.unjudged('false', 0.96)
    expect([scores.doubtful, scores.above(0.96), scores.above(0.5)]).toEqual([1, 1, 1])
  })
})

describe('a histogram on disk', () => {
  const walk = fc.record({
    score: fc.double({ min: -1, max: 1, noNaN: true }),
    entries: fc.integer({ min: 1, max: 100_000 }),
    threshold: fc.double({ min: 0, max: 1.2, noNaN: true }),
  })

  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.array(walk), (walks) => {
        const scores = new Scores()
        for (const { score, entries, threshold } of walks) scores.walk(score, entries, threshold)
        scores.judged('false', 0.5)
        scores.watched(7)
        const { walks: seen, squares, doubtful, judgedTrue, judgedFalse, watchedMs } = scores
        const totals = { walks: seen, squares, doubtful, judgedTrue, judgedFalse, watchedMs }
        const again = Scores.decode(scores.encode(), totals)
        expect(again).toMatchObject(totals)
        expect([...again.bins()]).toEqual([...scores.bins()])
        expect([...again.thresholds()]).toEqual([...scores.thresholds()])
        expect(again.encode()).toEqual(scores.encode())
      }),
    )
  })

  it('is no larger for a year than for a day', () => {
    const scores = new Scores()
    const sizes = [1000, 100_000].map((walks) => {
      for (let i = 0; i < walks; i++) scores.walk(0.8 + (i % 100) / 1000, 10, 0.95)
      return scores.encode().length
    })
    expect(sizes[0]).toBe(sizes[1])
  })

  it.each([
    ['half a record', new Uint8Array(5)],
    ['a kind that there is not', Uint8Array.from([3, ...new Array(10).fill(0)])],
    ['a bin beyond the last', Uint8Array.from([0, 0xff, 0xff, ...new Array(8).fill(0)])],
    ['a count that is no number', Uint8Array.from([0, 0, 0, ...new Array(8).fill(0xff)])],
  ])('of %s is refused', (_what, bytes) => {
    const fault = thrownBy(() => Scores.decode(bytes, NOTHING), IntegrityFault)
    expect(fault.code).toBe('store.damaged')
  })
})
