import { TokenBucket } from '@vedette/server/gate/bucket'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'

describe('a token bucket', () => {
  it('gives its burst at once, and then its rate', () => {
    const clock = new ManualClock()
    const bucket = new TokenBucket({ rate: 10, burst: 20 }, clock)
    const taken = (calls: number) => Array.from({ length: calls }, () => bucket.take())
    expect(taken(25).filter(Boolean)).toHaveLength(20)
    clock.advance(1000)
    expect(taken(25).filter(Boolean)).toHaveLength(10)
  })

  it('says when there will be a token, and there is one then and not before', () => {
    const clock = new ManualClock()
    const bucket = new TokenBucket({ rate: 8, burst: 1 }, clock)
    expect(bucket.waitFor(1)).toBe(0)
    bucket.take()
    expect([bucket.waitFor(1), bucket.waitFor(2)]).toEqual([125, 125])
    clock.advance(124)
    expect(bucket.take()).toBe(false)
    clock.advance(1)
    expect([bucket.waitFor(1), bucket.take()]).toEqual([0, true])
  })

  it('neither gives nor takes when the clock is set back', () => {
    let now = 1_000_000
    const clock = { now: () => now, sleep: async () => {}, after: () => ({ cancel() {} }) }
    const bucket = new TokenBucket({ rate: 1, burst: 2 }, clock)
    bucket.take()
    now -= 500_000
    expect([bucket.take(), bucket.take()]).toEqual([true, false])
    now += 1000
    expect([bucket.take(), bucket.take()]).toEqual([true, false])
  })

  it('never gives more than its burst and what came back since, whatever is asked when', () => {
    const step = fc.record({ wait: fc.nat(3000), asks: fc.nat(50) })
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30 }),
        fc.integer({ min: 1, max: 40 }),
        (steps, rate) => {
          const clock = new ManualClock(0)
          const bucket = new TokenBucket({ rate, burst: 25 }, clock)
          let given = 0
          for (const { wait, asks } of steps) {
            clock.advance(wait)
            for (let i = 0; i < asks; i++) if (bucket.take()) given++
            expect(given).toBeLessThanOrEqual(25 + (clock.now() / 1000) * rate + 1e-6)
          }
        },
      ),
    )
  })
})
