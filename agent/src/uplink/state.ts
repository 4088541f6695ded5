/*
 *            due             connected          welcomed        busied
 *  waiting ───────▶ dialling ───────▶ greeting ───────▶ open ◀─────────▶ held
 *     ▲                │ lost            │ lost           │ lost  resumed  │ lost
 *     ├────────────────┴─────────────────┴────────────────┴────────────────┤
 *     │                                  │ deferred       │ deferred       │ deferred
 *     │ due                              ▼                ▼                ▼
 *  (dialling) ◀── due ── deferred: the server has said when to come back ──┤
 *     │ due                              │ refused        │ refused        │ refused
 *     │                                  ▼                ▼                ▼
 *  (dialling) ◀── due ── refused: a person must act; dialled again, but seldom
 *
 *  held: welcome, and told to hold back; a handover ends that (welcomed)
 *  any ── stop ──▶ stopped
 */

export const UPLINK_STATES = [
  'waiting',
  'dialling',
  'greeting',
  'open',
  'held',
  'deferred',
  'refused',
  'stopped',
] as const
export type UplinkState = (typeof UPLINK_STATES)[number]

export type UplinkEvent =
  /** The wait is over. */
  | 'due'
  /** TLS is up; the server has not judged our certificate yet. */
  | 'connected'
  | 'welcomed'
  /** The server is busy: sending stops for a while. */
  | 'busied'
  | 'resumed'
  /** Whatever ended the connection, save a refusal. */
  | 'lost'
  /** The server said goodbye, and when to come back. */
  | 'deferred'
  /** The server said goodbye for a reason that dialling again does not mend. */
  | 'refused'
  | 'stop'

/** How a talk, or what was to become one, ends. */
const ends = { lost: 'waiting', deferred: 'deferred', refused: 'refused', stop: 'stopped' } as const

const TRANSITIONS: Record<UplinkState, Partial<Record<UplinkEvent, UplinkState>>> = {
  waiting: { due: 'dialling', stop: 'stopped' },
  dialling: { connected: 'greeting', lost: 'waiting', stop: 'stopped' },
  greeting: { welcomed: 'open', ...ends },
  open: { busied: 'held', ...ends },
  held: { resumed: 'open', welcomed: 'open', ...ends },
  deferred: { due: 'dialling', stop: 'stopped' },
  refused: { due: 'dialling', stop: 'stopped' },
  stopped: {},
}

/** Where `event` leads from `state`, or undefined where it cannot happen. */
export function next(state: UplinkState, event: UplinkEvent): UplinkState | undefined {
  return TRANSITIONS[state][event]
}
