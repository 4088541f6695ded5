import { identify, type Probe } from '@vedette/server/evaluate/open-set'
import { Refusal } from '@vedette/shared/errors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { thrownBy } from '../../support/thrown.ts'

const hit = (score: number): Probe => ({ mated: true, rank: 1, score, best: score })
const miss = (score: number): Probe => ({ mated: true, rank: 2, score, best: score + 1 })
const stranger = (best: number): Probe => ({ mated: false, best })
const matedFailed: Probe = { mated: true, failed: true }
const nonMatedFailed: Probe = { mated: false, failed: true }

const score = fc.integer({ min: 0, max: 6 })
const probe = fc.oneof(
  score.map(hit),
  score.map(miss),
  score.map(stranger),
  fc.constantFrom(matedFailed, nonMatedFailed),
)
const probes = fc.array(probe, { maxLength: 40 }).map((drawn) => [hit(3), stranger(3), ...drawn])

const fpirAt = (all: readonly Probe[], threshold: number) => {
  const nonMated = all.filter((probe) => !probe.mated)
  const alarms = nonMated.filter((probe) => !('failed' in probe) && probe.best >= threshold)
  return alarms.length / nonMated.length
}
const fnirAt = (all: readonly Probe[], threshold: number) => {
  const mated = all.filter((probe) => probe.mated)
  const misses = mated.filter(
    (probe) => 'failed' in probe || probe.rank !== 1 || probe.score < threshold,
  )
  return misses.length / mated.length
}

describe('identify', () => {
  it('computes by hand what it computes', () => {
    const strangers = [5, 4, 3, 2, 1].map(stranger)
    const result = identify([hit(9), hit(4), hit(3), miss(8), ...strangers], [0, 0.2, 0.4, 1])
    expect(result).toMatchObject({ mated: 4, nonMated: 5, failures: 0, rank1: 0.75 })
    expect(result.rates).toEqual([
      { fpir: 0, threshold: 5.000000000000001, fnir: 0.75 },
      { fpir: 0.2, threshold: 4.000000000000001, fnir: 0.75 },
      { fpir: 0.4, threshold: 3.0000000000000004, fnir: 0.5 },
      { fpir: 1, threshold: 1, fnir: 0.25 },
    ])
    expect(result.curve.map(({ fpir, fnir }) => [fpir, fnir])).toEqual([
      [0, 1],
      [0, 0.75],
      [0.2, 0.75],
      [0.4, 0.5],
      [0.6, 0.25],
      [0.8, 0.25],
      [1, 0.25],
    ])
  })

  it('asks for 0.3 %, 1 %, and 10 % unless told otherwise', () => {
    const { rates } = identify([hit(1), stranger(0)])
    expect(rates.map(({ fpir }) => fpir)).toEqual([0.003, 0.01, 0.1])
  })

  it('takes a share that is met exactly', () => {
    const strangers = Array.from({ length: 100 }, (_, i) => stranger(i))
    const { rates } = identify([hit(71.5), hit(70.5), ...strangers], [0.29, 0.28])
    expect(rates.map(({ fnir }) => fnir)).toEqual([0, 0.5])
    expect(Math.round(rates[0]!.threshold)).toBe(70)
    expect(Math.round(rates[1]!.threshold)).toBe(71)
  })

  it('counts failures as misses, and never as false alarms', () => {
    const all = [hit(5), matedFailed, stranger(1), nonMatedFailed]
    const result = identify(all, [0.5])
    expect(result).toMatchObject({ mated: 2, nonMated: 2, failures: 2, rank1: 0.5 })
    expect(result.rates).toEqual([{ fpir: 0.5, threshold: 1, fnir: 0.5 }])
    expect(result.curve.at(-1)).toEqual({ threshold: 1, fpir: 0.5, fnir: 0.5 })
  })

  it('misses everybody where everything failed', () => {
    expect(identify([matedFailed, nonMatedFailed], [0.1])).toEqual({
      mated: 1,
      nonMated: 1,
      failures: 2,
      rank1: 0,
      rates: [{ fpir: 0.1, threshold: 0, fnir: 1 }],
      curve: [{ threshold: 0, fpir: 0, fnir: 1 }],
    })
  })

  it('agrees with trying everything, ties and failures among it', () => {
    fc.assert(
      fc.property(probes, fc.double({ min: 0, max: 1, noNaN: true }), (all, fpir) => {
        const result = identify(all, [fpir])
        const { threshold, fnir } = result.rates[0]!
        expect(fpirAt(all, threshold)).toBeLessThanOrEqual(fpir)
        expect(fnir).toBe(fnirAt(all, threshold))
        const allowed = [0, 1, 2, 3, 4, 5, 6, 7].filter((cut) => fpirAt(all, cut) <= fpir)
        expect(fnir).toBe(Math.min(...allowed.map((cut) => fnirAt(all, cut))))
        for (const point of result.curve) {
          expect(point.fpir).toBe(fpirAt(all, point.threshold))
          expect(point.fnir).toBe(fnirAt(all, point.threshold))
        }
      }),
      { seed: 6, numRuns: 300 },
    )
  })

  it('thins a long curve to 200 points', () => {
    const all = Array.from({ length: 2000 }, (_, i) => (i % 2 ? hit(i + 500) : stranger(i)))
    expect(identify(all).curve.length).toBeLessThanOrEqual(200)
    expect(identify(all).curve.length).toBeGreaterThan(100)
  })

  it.each([
    ['no probe', []],
    ['no non-mated probe', [hit(1), matedFailed]],
    ['no mated probe', [stranger(1), nonMatedFailed]],
  ])('refuses %s', (_, all) => {
    expect(thrownBy(() => identify(all), Refusal).code).toBe('evaluate.too-few')
  })

  it('refuses a score that is no number', () => {
    expect(() => identify([hit(1), stranger(Number.NaN)])).toThrow(RangeError)
  })
})
