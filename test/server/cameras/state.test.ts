import { type Facts, verdictOf, worst } from '@vedette/server/cameras/state'
import type { TroubleKind } from '@vedette/shared/message'
import { describe, expect, it } from 'vitest'

const NOW = 1_763_650_000_000
const PATIENCE = { every: 30_000, limit: 90_000 }

const of = (facts: Partial<Facts> = {}) =>
  verdictOf(
    {
      now: NOW,
      connected: true,
      announced: true,
      checked: true,
      wellAt: NOW - 1000,
      passed: true,
      latencyMs: 200,
      missed: 0,
      troubles: new Set(),
      ...facts,
    },
    PATIENCE,
  )

const withTroubles = (...kinds: TroubleKind[]) => of({ troubles: new Set(kinds) })

describe('a camera', () => {
  it('is green only when a test face came through lately and nothing is wrong', () => {
    expect(of()).toEqual({ state: 'green', why: 'well' })
    expect(of({ wellAt: NOW - 89_999 })).toEqual({ state: 'green', why: 'well' })
  })

  it('is red when none came through within the limit, whatever else is said of it', () => {
    expect(of({ wellAt: NOW - 90_000 })).toEqual({ state: 'red', why: 'no-canary' })
    expect(of({ wellAt: NOW - 90_000, passed: false })).toEqual({ state: 'red', why: 'no-canary' })
  })

  it('is red when its agent is away that long, or has not got it any more', () => {
    const gone = { wellAt: NOW - 90_000 }
    expect(of({ ...gone, connected: false })).toEqual({ state: 'red', why: 'away' })
    expect(of({ ...gone, announced: false })).toEqual({ state: 'red', why: 'not-announced' })
    expect(of({ ...gone, connected: false, checked: false })).toMatchObject({ state: 'red' })
    expect(of({ connected: false })).toEqual({ state: 'amber', why: 'away' })
    expect(of({ announced: false })).toEqual({ state: 'amber', why: 'not-announced' })
  })

  it.each(['silent', 'frozen', 'covered'] as const)('is red at once when %s', (kind) => {
    expect(withTroubles(kind)).toEqual({ state: 'red', why: 'blind' })
  })

  it.each(['dark', 'blurred', 'moved'] as const)('is amber when %s', (kind) => {
    expect(withTroubles(kind)).toEqual({ state: 'amber', why: 'troubled' })
  })

  it('is never green where nobody checks, but not red for it', () => {
    const unchecked = { checked: false, wellAt: NOW - 1e9, passed: false }
    expect(of(unchecked)).toEqual({ state: 'amber', why: 'unchecked' })
  })

  it('is amber until the first test face, when they come late, and when one is lost', () => {
    expect(of({ passed: false })).toEqual({ state: 'amber', why: 'waiting' })
    expect(of({ latencyMs: 30_001 })).toEqual({ state: 'amber', why: 'slow' })
    expect(of({ missed: 1 })).toEqual({ state: 'amber', why: 'missed' })
  })
})

describe('the worst of states', () => {
  it('is red before amber before green, and of none there is none', () => {
    expect(worst(['green', 'red', 'amber'])).toBe('red')
    expect(worst(['green', 'amber'])).toBe('amber')
    expect(worst(['green'])).toBe('green')
    expect(worst([])).toBeUndefined()
  })
})
