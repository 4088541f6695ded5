import type { FromAgent } from '@vedette/shared/message'

/*
 *            hello              busied
 *  stranger ───────▶ open ─────────────────▶ held ─┐ match: answered busy, not looked at
 *                     ▲ │ match, fetch …      │ ◀──┘
 *                     │ │                     │
 *                     └─┼───── resume ────────┘
 *                       ▼
 *  any ── goodbye ──▶ over        whatever has no arrow breaks the protocol
 */

export type SessionState = 'stranger' | 'open' | 'held' | 'over'

/** What an agent says; and `busied`: it was told to hold back. */
export type SessionEvent = FromAgent['type'] | 'busied'

type Arrows = Partial<Record<SessionEvent, SessionState>>

/** What may be said at any time once welcome, and changes nothing. */
const anyTime = (state: SessionState): Arrows => ({
  match: state,
  trouble: state,
  fetch: state,
  renew: state,
  trusted: state,
  places: state,
  view: state,
  more: state,
  unviewed: state,
  fares: state,
  ping: state,
  pong: state,
  goodbye: 'over',
})

const TRANSITIONS: Record<SessionState, Arrows> = {
  stranger: { hello: 'open' },
  open: { ...anyTime('open'), busied: 'held' },
  held: { ...anyTime('held'), resume: 'open', busied: 'held' },
  over: {},
}

/** Where `event` leads from `state`; undefined where it breaks the protocol. */
export function next(state: SessionState, event: SessionEvent): SessionState | undefined {
  return TRANSITIONS[state][event]
}
