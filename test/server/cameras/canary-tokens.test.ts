import { CanaryTokens } from '@vedette/server/cameras/canary-tokens'
import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'

const LIFE = 90_000
const NORTH = { agent: 'gate-7', camera: 'north' }
let clock: ManualClock

beforeEach(() => {
  clock = new ManualClock()
})

function tokens(key = 1): CanaryTokens {
  let count = 0
  const newId = () => `canary-${++count}`
  return new CanaryTokens({ key: new Uint8Array(32).fill(key), life: LIFE, newId, clock })
}

describe('the mark of a canary', () => {
  it('counts once', () => {
    const made = tokens()
    const mark = made.issue(NORTH)
    expect(mark).toMatchObject({ id: 'canary-1', issuedAt: clock.now() })
    expect(made.redeem(NORTH, mark)).toBeUndefined()
    expect(made.redeem(NORTH, mark)).toBe('canary.replayed')
  })

  it('counts as long as it lives, to the millisecond', () => {
    const made = tokens()
    const [first, second] = [made.issue(NORTH), made.issue(NORTH)]
    clock.advance(LIFE)
    expect(made.redeem(NORTH, first)).toBeUndefined()
    clock.advance(1)
    expect(made.redeem(NORTH, second)).toBe('canary.expired')
  })

  it('counts for its camera, its agent, its time and its server only', () => {
    const made = tokens()
    const mark = made.issue(NORTH)
    const forged = [
      [{ ...NORTH, camera: 'south' }, mark],
      [{ ...NORTH, agent: 'gate-8' }, mark],
      [NORTH, { ...mark, id: 'canary-2' }],
      [NORTH, { ...mark, issuedAt: mark.issuedAt + 1 }],
      [NORTH, { ...mark, token: mark.token.subarray(1) }],
      [NORTH, { ...mark, token: Uint8Array.of() }],
      [NORTH, tokens(2).issue(NORTH)],
    ] as const
    for (const [place, said] of forged) expect(made.redeem(place, said)).toBe('canary.forged')
    expect(made.redeem(NORTH, mark)).toBeUndefined()
  })

  it('cannot be made by moving a letter from the agent to the camera', () => {
    const made = tokens()
    const mark = made.issue({ agent: 'gate', camera: '7north' })
    expect(made.redeem({ agent: 'gate7', camera: 'north' }, mark)).toBe('canary.forged')
  })

  it('is not kept for ever', () => {
    const made = tokens()
    for (let i = 0; i < 5; i++) made.issue(NORTH)
    clock.advance(LIFE + 1)
    const late = made.issue(NORTH)
    expect(made.redeem(NORTH, late)).toBeUndefined()
  })
})
