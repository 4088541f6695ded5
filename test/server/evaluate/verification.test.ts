import type { Comparison } from '@vedette/server/evaluate/folds'
import { verify } from '@vedette/server/evaluate/verification'
import { Refusal } from '@vedette/shared/errors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seeded } from '../../support/agent-random.ts'
import { thrownBy } from '../../support/thrown.ts'

type Score = number | undefined

const pairs = (genuine: Score[], impostors: Score[], fold?: number): Comparison[] => [
  ...genuine.map((score) => ({ score, same: true, fold })),
  ...impostors.map((score) => ({ score, same: false, fold })),
]

/** Few values, so that ties are common, and failures. */
const score = fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined, freq: 8 })
const comparison = fc.record({
  score,
  same: fc.boolean(),
  fold: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
})
const comparisons = fc
  .array(comparison, { maxLength: 30 })
  .map((drawn) => [...pairs([3], [3]), ...drawn])

const share = (of: readonly Comparison[], is: (comparison: Comparison) => boolean) =>
  of.filter(is).length / of.length
const reaches = (threshold: number) => (comparison: Comparison) =>
  comparison.score !== undefined && comparison.score >= threshold
const isRight = (threshold: number) => (comparison: Comparison) =>
  comparison.score !== undefined && comparison.score >= threshold === comparison.same

/** Accuracy of each fold by trying every threshold; the scores are whole numbers. */
function bruteAccuracies(all: readonly Comparison[]): number[] {
  const count = { genuine: 0, impostors: all.filter(isGenuine).filter(isUndealt).length }
  const folded = all.map((comparison) => {
    if (comparison.fold !== undefined) return comparison
    return { ...comparison, fold: count[comparison.same ? 'genuine' : 'impostors']++ % 10 }
  })
  return [...new Set(folded.map(({ fold }) => fold))].map((fold) => {
    const others = folded.filter((comparison) => comparison.fold !== fold)
    const distinct = [...new Set(others.flatMap(({ score }) => score ?? []))].sort((p, q) => q - p)
    const cuts = [
      Number.POSITIVE_INFINITY,
      ...distinct.map((value, i) => (value + (distinct[i + 1] ?? Number.NEGATIVE_INFINITY)) / 2),
    ]
    const accuracies = cuts.map((cut) => others.filter(isRight(cut)).length)
    const threshold = cuts[accuracies.indexOf(Math.max(...accuracies))]!
    return share(
      folded.filter((comparison) => comparison.fold === fold),
      isRight(threshold),
    )
  })
}

const isGenuine = ({ same }: Comparison) => same
const isUndealt = ({ fold }: Comparison) => fold === undefined

function bruteAuc(all: readonly Comparison[]): number {
  const impostors = all.filter((comparison) => !comparison.same)
  const wins = all.filter(isGenuine).flatMap((mate) =>
    impostors.map((stranger) => {
      if (mate.score === undefined) return 0
      const other = stranger.score ?? Number.NEGATIVE_INFINITY
      return mate.score > other ? 1 : mate.score === other ? 0.5 : 0
    }),
  )
  return wins.reduce<number>((sum, win) => sum + win, 0) / wins.length
}

describe('verify', () => {
  it('finds two kinds that nothing mixes', () => {
    const result = verify(pairs(Array(10).fill(0.9), Array(10).fill(0.1)))
    expect(result).toMatchObject({ pairs: 20, genuine: 10, impostors: 10, failures: 0 })
    expect(result).toMatchObject({ accuracy: 1, accuracyError: 0, auc: 1, eer: 0 })
    expect(result.tar.map(({ tar }) => tar)).toEqual([0.1 * 10, 1, 1])
    expect(result.tar[2]!.threshold).toBe(0.1 + 2 ** -56)
    expect(result.curve).toEqual([
      { threshold: 0.9 + 2 ** -53, fmr: 0, fnmr: 1 },
      { threshold: 0.9, fmr: 0, fnmr: 0 },
      { threshold: 0.1, fmr: 1, fnmr: 0 },
    ])
  })

  it('computes by hand what it computes', () => {
    const result = verify(pairs([9, 8, 5, 2], [6, 4, 3, 1]))
    expect(result.auc).toBe((4 + 4 + 3 + 1) / 16)
    expect(result.eer).toBe(0.25)
    expect(result.tar.map(({ far, tar }) => [far, tar])).toEqual([
      [0.1, 0.5],
      [0.01, 0.5],
      [0.001, 0.5],
    ])
    expect(result.curve.map(({ fmr, fnmr }) => [fmr, fnmr])).toEqual([
      [0, 1],
      [0, 0.75],
      [0, 0.5],
      [0.25, 0.5],
      [0.25, 0.25],
      [0.5, 0.25],
      [0.75, 0.25],
      [0.75, 0],
      [1, 0],
    ])
  })

  it('draws the threshold in the middle of the gap that the other folds leave', () => {
    const trained = pairs([1], [0], 0)
    const accuracyOf = (genuine: number, impostor: number) =>
      verify([...trained, ...trained, ...pairs([genuine], [impostor], 1)]).accuracy
    expect(accuracyOf(0.5, 0.49)).toBe(1)
    expect(accuracyOf(0.49, 0.2)).toBe((1 + 0.5) / 2)
    expect(accuracyOf(0.8, 0.5)).toBe((1 + 0.5) / 2)
  })

  it('gives the mean over the folds and its standard error', () => {
    const { accuracy, accuracyError } = verify([
      ...pairs([9, 9], [0, 0], 0),
      ...pairs([9, 9], [0, 0], 1),
      ...pairs([9, 0], [0, 0], 2),
    ])
    expect(accuracy).toBeCloseTo((1 + 1 + 0.75) / 3, 12)
    expect(accuracyError).toBeCloseTo(0.25 / 3, 12)
  })

  it('deals out what has no fold so that an alternating list is not parted by kind', () => {
    const random = seeded(7)
    const alternating = Array.from({ length: 400 }, (_, i) => ({
      score: random() + (i % 2 ? 0.5 : 0),
      same: i % 2 === 1,
      fold: undefined,
    }))
    const blocks = alternating.toSorted((p, q) => Number(q.same) - Number(p.same))
    expect(verify(alternating).accuracy).toBe(verify(blocks).accuracy)
    expect(verify(alternating).accuracyError).toBe(verify(blocks).accuracyError)
  })

  it('tells nothing from scores that are all the same', () => {
    expect(verify(pairs([5, 5, 5], [5, 5, 5]))).toMatchObject({ auc: 0.5, eer: 0.5 })
  })

  it('counts a failure as an error, but not as a false match', () => {
    const result = verify(pairs([9, 9, 9, undefined], [1, 1, 1, undefined]))
    expect(result).toMatchObject({ failures: 2, auc: 0.75, eer: 0.25 })
    expect(result.tar[0]!.tar).toBe(0.75)
    expect(result.curve.at(-1)).toEqual({ threshold: 1, fmr: 0.75, fnmr: 0.25 })
    expect(result.accuracy).toBe(0.75)
  })

  it('is wrong about everything where everything failed', () => {
    const result = verify(pairs([undefined, undefined], [undefined, undefined, undefined]))
    expect(result).toMatchObject({ failures: 5, accuracy: 0, accuracyError: 0, auc: 0, eer: 1 })
    expect(result.tar.map(({ tar, threshold }) => [tar, threshold])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ])
    expect(result.curve).toEqual([{ threshold: 0, fmr: 0, fnmr: 1 }])
  })

  it('agrees with trying everything, ties and failures among it', () => {
    fc.assert(
      fc.property(comparisons, (all) => {
        const result = verify(all)
        const genuine = all.filter(isGenuine)
        const impostors = all.filter((comparison) => !comparison.same)
        const accuracies = bruteAccuracies(all)
        const mean = accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length
        const squares = accuracies.reduce((sum, value) => sum + (value - mean) ** 2, 0)
        expect(result.accuracy).toBeCloseTo(mean, 12)
        const error = Math.sqrt(squares / (accuracies.length - 1) / accuracies.length)
        expect(result.accuracyError).toBeCloseTo(error, 12)
        expect(result.auc).toBeCloseTo(bruteAuc(all), 12)
        for (const { far, tar, threshold } of result.tar) {
          expect(share(impostors, reaches(threshold))).toBeLessThanOrEqual(far)
          expect(tar).toBeCloseTo(share(genuine, reaches(threshold)), 12)
          const best = [0, 1, 2, 3, 4, 5, 6, 7]
            .filter((cut) => share(impostors, reaches(cut)) <= far)
            .map((cut) => share(genuine, reaches(cut)))
          expect(tar).toBeCloseTo(Math.max(...best), 12)
        }
        for (const { threshold, fmr, fnmr } of result.curve) {
          expect(fmr).toBeCloseTo(share(impostors, reaches(threshold)), 12)
          expect(fnmr).toBeCloseTo(1 - share(genuine, reaches(threshold)), 12)
        }
        const worst = [0, 1, 2, 3, 4, 5, 6, 7].map((cut) => {
          const [fmr, fnmr] = [share(impostors, reaches(cut)), 1 - share(genuine, reaches(cut))]
          return { least: Math.min(fmr, fnmr), most: Math.max(fmr, fnmr) }
        })
        expect(result.eer).toBeLessThanOrEqual(Math.min(...worst.map(({ most }) => most)) + 1e-12)
        const least = Math.max(...worst.map(({ least }) => least))
        expect(result.eer).toBeGreaterThanOrEqual(least - 1e-12)
      }),
      { seed: 5, numRuns: 300 },
    )
  })

  it('comes near the rates of two normal distributions', () => {
    const random = seeded(2)
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    const draw = (mean: number) => Array.from({ length: 20_000 }, () => mean + normal())
    const result = verify(pairs(draw(2), draw(0)))
    expect(result.eer).toBeCloseTo(0.1587, 2)
    expect(result.auc).toBeCloseTo(0.9214, 2)
    expect(result.accuracy).toBeCloseTo(0.8413, 2)
    expect(result.tar.map(({ far }) => far)).toEqual([1e-1, 1e-2, 1e-3, 1e-4])
    expect(result.tar[1]!.tar).toBeCloseTo(0.3721, 1)
    expect(result.tar[1]!.threshold).toBeCloseTo(2.326, 1)
    expect(result.curve.length).toBeGreaterThan(200)
    expect(result.curve.length).toBeLessThanOrEqual(400)
  })

  it.each([9999, 10_000])('gives the rarest FAR only where %i impostors can show it', (count) => {
    const { tar } = verify(pairs([1], Array(count).fill(0)))
    expect(tar.length).toBe(count < 10_000 ? 3 : 4)
  })

  it.each([
    ['no pair', []],
    ['no impostor pair', pairs([1, 2], [])],
    ['no genuine pair', pairs([], [1, 2])],
    ['one fold only', pairs([1, 2], [1, 2], 4)],
  ])('refuses %s', (_, all) => {
    expect(thrownBy(() => verify(all), Refusal).code).toBe('evaluate.too-few')
  })
})
