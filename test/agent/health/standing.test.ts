import { Standing } from '@vedette/agent/health/standing'
import { describe, expect, it } from 'vitest'

const LIMITS = { begins: 6000, ends: 3000 }

/** What is told when a sign is there (`x`) or not (`.`), one a second. */
function told(signs: string): string {
  const standing = new Standing()
  return [...signs]
    .map((sign, i) => standing.note(sign === 'x', i * 1000, LIMITS) ?? '-')
    .map((turn) => turn[0])
    .join('')
}

describe('a trouble', () => {
  it('begins when its sign was there throughout, and ends when it was gone throughout', () => {
    expect(told('..xxxxxxxx....')).toBe('--------b----o')
  })

  it('does not begin of signs that come and go', () => {
    expect(told('xxxxx.xxxxx.xxxxx.')).toBe('-'.repeat(18))
  })

  it('does not end and begin anew while its sign flickers', () => {
    expect(told('xxxxxxx..x..x..xx')).toBe('------b----------')
  })

  it('says since when it stands', () => {
    const standing = new Standing()
    for (const at of [1000, 4000, 7000]) standing.note(true, at, LIMITS)
    expect(standing.since).toBe(1000)
    standing.note(false, 8000, LIMITS)
    expect(standing.since).toBe(1000)
    standing.note(false, 11_000, LIMITS)
    expect(standing.since).toBeUndefined()
  })
})
