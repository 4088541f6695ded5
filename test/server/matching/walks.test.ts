import { Walks } from '@vedette/server/matching/walks'
import { normalise } from '@vedette/shared/embedding'
import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { sightingOf } from '../../support/server-sightings.ts'

const LENGTH = 2
let clock: ManualClock
let over: string[]
let walks: Walks

beforeEach(() => {
  clock = new ManualClock()
  over = []
  walks = new Walks({ length: LENGTH, clock, onOver: ({ camera }) => over.push(camera) })
})

const probe = (angle: number, more: { shot?: number; quality?: number; track?: string } = {}) =>
  sightingOf('', {
    probe: {
      track: 'walk',
      probe: Float32Array.of(Math.cos(angle), Math.sin(angle)),
      receivedAt: clock.now(),
      quality: 1,
      ...more,
    },
  }).probe

describe('the evidence of a walk', () => {
  it('is its first chip as it is', () => {
    const first = probe(0.3)
    const { probe: fused, coherence, chips } = walks.of(first).add(first)
    expect([coherence, chips]).toEqual([1, 1])
    expect(fused[0]).toBeCloseTo(Math.cos(0.3), 6)
  })

  it('is the direction between its chips, nearer to the better one', () => {
    const walk = walks.of(probe(0))
    walk.add(probe(0, { shot: 0, quality: 0.9 }))
    const { probe: fused, coherence, chips } = walk.add(probe(0.5, { shot: 1, quality: 0.3 }))
    const expected = normalise(Float32Array.of(0.9 + 0.3 * Math.cos(0.5), 0.3 * Math.sin(0.5)))
    expect(fused[0]).toBeCloseTo(expected[0]!, 6)
    expect(Math.atan2(fused[1]!, fused[0]!)).toBeLessThan(0.25)
    expect(coherence).toBeLessThan(1)
    expect(coherence).toBeGreaterThan(0.97)
    expect(chips).toBe(2)
  })

  it('is coherent where all chips are alike, and hardly where they are not', () => {
    const [alike, unlike] = [walks.of(probe(0)), walks.of(probe(0, { track: 'other' }))]
    for (const shot of [0, 1, 2]) expect(alike.add(probe(1, { shot })).coherence).toBeCloseTo(1, 6)
    unlike.add(probe(0, { shot: 0 }))
    expect(unlike.add(probe(Math.PI / 2, { shot: 1 })).coherence).toBeCloseTo(Math.SQRT1_2, 6)
  })

  it('is the new chip alone where chips cancel out', () => {
    const walk = walks.of(probe(0))
    walk.add(probe(0, { shot: 0 }))
    const { probe: fused, chips } = walk.add(probe(Math.PI, { shot: 1 }))
    expect([fused[0], chips]).toEqual([expect.closeTo(-1, 6), 1])
  })
})

describe('walks', () => {
  it('go on for half a minute of silence, and no longer', () => {
    const first = walks.of(probe(0))
    clock.advance(29_000)
    expect(walks.of(probe(0))).toBe(first)
    clock.advance(29_000)
    expect(over).toEqual([])
    clock.advance(10_000)
    expect(over).toEqual(['north'])
    expect(walks.of(probe(0))).not.toBe(first)
  })

  it('wait for an agent that is away, to go on with them: half an hour, and no longer', () => {
    let away = true
    const onOver = ({ camera }: { camera: string }) => over.push(camera)
    walks = new Walks({ length: LENGTH, clock, away: () => away, onOver })
    const first = walks.of(probe(0))
    clock.advance(900_000)
    expect(over).toEqual([])
    expect(walks.of(probe(0))).toBe(first)
    clock.advance(1_805_000)
    expect(over).toEqual(['north'])
    walks.of(probe(0))
    clock.advance(60_000)
    away = false
    clock.advance(5000)
    expect([over, clock.pending]).toEqual([['north', 'north'], []])
  })

  it('of two agents are two, though the tracks are named alike', () => {
    const { probe: other } = sightingOf('', { probe: { track: 'walk', agent: 'gate-8' } })
    expect(walks.of(probe(0))).not.toBe(walks.of(other))
  })

  it('leave no timer behind when none is under way', () => {
    walks.of(probe(0))
    expect(clock.pending).toHaveLength(1)
    clock.advance(60_000)
    expect([over, clock.pending]).toEqual([['north'], []])
    walks.of(probe(0))
    walks.end()
    expect([over.length, clock.pending]).toEqual([2, []])
  })

  it('are bounded: beyond twenty thousand the one longest quiet is over', () => {
    for (let i = 0; i < 20_001; i++) walks.of(probe(0, { track: `t${i}` }))
    expect(over).toHaveLength(1)
  })
})
