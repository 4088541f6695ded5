import { next, type SessionEvent, type SessionState } from '@vedette/server/gate/session-state'
import { describe, expect, it } from 'vitest'
import { agentMessages } from '../../support/shared-messages.ts'

const STATES: SessionState[] = ['stranger', 'open', 'held', 'over']
const EVENTS: SessionEvent[] = [...new Set(agentMessages.map(({ type }) => type)), 'busied']

/** Every arrow of the drawing; where a message may be said at any time it changes nothing. */
const ARROWS: Record<string, SessionState> = {
  'stranger hello': 'open',
  'open busied': 'held',
  'held busied': 'held',
  'held resume': 'open',
  'open goodbye': 'over',
  'held goodbye': 'over',
}
const ANY_TIME: SessionEvent[] = [
  'match',
  'trouble',
  'fetch',
  'renew',
  'trusted',
  'places',
  'view',
  'more',
  'unviewed',
  'fares',
  'ping',
  'pong',
]

describe('what an agent may say, and when', () => {
  const all = STATES.flatMap((state) => EVENTS.map((event) => [state, event] as const))
  it.each(all)('%s, on %s, goes where the table says', (state, event) => {
    const stays = ANY_TIME.includes(event) && (state === 'open' || state === 'held')
    expect(next(state, event)).toBe(stays ? state : ARROWS[`${state} ${event}`])
  })
})
