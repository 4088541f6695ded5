import { Pace } from '@vedette/agent/live/pace'
import { describe, expect, it } from 'vitest'

/** Sends all that fits at `at` and has it taken `ms` later each. */
function round(pace: Pace, at: number, ms: number): number {
  const sent: number[] = []
  let bytes = 0
  for (; Number.isFinite(pace.wait(pace.piece, at)); bytes += pace.piece)
    sent.push(pace.sent(pace.piece, at))
  for (const n of sent) pace.taken(n, at + ms)
  return bytes
}

describe('the pace of live pictures', () => {
  it('grows to all that may be under way while nothing waits', () => {
    const pace = new Pace()
    const rounds = Array.from({ length: 8 }, (_, i) => round(pace, i * 100, 30))
    expect(rounds[0]).toBe(4 * 1024)
    expect(rounds.at(-1)).toBe(128 * 1024)
  })

  it('falls to one small piece at a time where they wait, and grows when they do no more', () => {
    const pace = new Pace()
    for (let i = 0; i < 8; i++) round(pace, i * 100, 30)
    for (let i = 8; i < 20; i++) round(pace, i * 100, 80)
    expect(round(pace, 2000, 30)).toBe(2 * 1024)
    for (let i = 21; i < 60; i++) round(pace, i * 100, 30)
    expect(round(pace, 6000, 30)).toBeGreaterThan(16 * 1024)
  })

  it('does not grow by what was never tried', () => {
    const pace = new Pace()
    for (let i = 0; i < 100; i++) pace.taken(pace.sent(512, i * 100), i * 100 + 5)
    expect(round(pace, 20_000, 5)).toBe(4 * 1024)
  })

  it('has nothing under way for once every second, and so learns the way without', () => {
    const pace = new Pace()
    let before = pace.sent(1024, 0)
    const waits: number[] = []
    for (let at = 40; at <= 1040; at += 40) {
      waits.push(pace.wait(1024, at))
      const next = pace.sent(1024, at)
      pace.taken(before, at + 20)
      before = next
    }
    expect(waits.slice(0, -1).every((wait) => wait < 40)).toBe(true)
    expect(waits.at(-1)).toBe(Number.POSITIVE_INFINITY)
    pace.taken(before, 1060)
    expect(pace.wait(1024, 1060)).toBe(0)
  })

  it('takes a way that has become longer for what it is, after a while', () => {
    const pace = new Pace()
    for (let i = 0; i < 8; i++) round(pace, i * 100, 5)
    for (let i = 10; i < 1500; i++) round(pace, i * 100, 300)
    expect(round(pace, 200_000, 300)).toBeGreaterThan(64 * 1024)
  })

  it('goes on when nobody answers, or a clock is set back, and answers not asked for change nothing', () => {
    const pace = new Pace()
    expect(pace.taken(77, 0)).toBe(false)
    pace.sent(pace.piece, 0)
    pace.sent(pace.piece, 0)
    expect(pace.wait(2048, 10_000)).toBe(Number.POSITIVE_INFINITY)
    expect(pace.wait(2048, 10_001)).toBe(0)
    const n = pace.sent(2048, 10_001)
    expect(pace.taken(n, 3)).toBe(true)
    expect(pace.wait(2048, 3)).toBe(0)
  })
})
