import { Backoff } from '@vedette/shared/backoff'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const waits = (backoff: Backoff, count: number) =>
  Array.from({ length: count }, () => backoff.next())

describe('Backoff', () => {
  it('doubles the wait up to the cap, and keeps at least half of it', () => {
    const low = new Backoff({ base: 100, cap: 1000, random: () => 0 })
    expect(waits(low, 6)).toEqual([50, 100, 200, 400, 500, 500])
    const middle = new Backoff({ base: 100, cap: 1000, random: () => 0.5 })
    expect(waits(middle, 6)).toEqual([75, 150, 300, 600, 750, 750])
  })

  it('draws below the bound: the whole of it is never waited', () => {
    const high = new Backoff({ base: 100, cap: 1000, random: () => 1 - 2 ** -53 })
    for (const wait of waits(high, 10)) expect(wait).toBeLessThanOrEqual(1000)
  })

  it('starts again with a short wait after a success', () => {
    const backoff = new Backoff({ base: 100, cap: 1000, random: () => 0 })
    waits(backoff, 5)
    backoff.reset()
    expect(waits(backoff, 2)).toEqual([50, 100])
  })

  it('never waits longer than a cap below its base', () => {
    const backoff = new Backoff({ base: 100, cap: 10, random: () => 0.5 })
    expect(waits(backoff, 3)).toEqual([7.5, 7.5, 7.5])
  })

  it('stays within its bounds for ever, whatever is drawn', () => {
    const options = fc.record({
      base: fc.integer({ min: 1, max: 10_000 }),
      cap: fc.integer({ min: 1, max: 600_000 }),
    })
    const draws = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
      minLength: 1,
      maxLength: 2000,
    })
    const staysWithin = ({ base, cap }: { base: number; cap: number }, drawn: number[]) => {
      let at = 0
      const backoff = new Backoff({ base, cap, random: () => drawn[at++]! })
      for (const [attempt, wait] of waits(backoff, drawn.length).entries()) {
        const bound = Math.min(cap, base * 2 ** attempt)
        if (wait < bound / 2 || wait > bound) expect.fail(`attempt ${attempt} waits ${wait}`)
      }
    }
    fc.assert(fc.property(options, draws, staysWithin), { seed: 8, numRuns: 200 })
  })
})
