/*
 *            due             connected          welcomed
 *  waiting ───────▶ dialling ───────▶ greeting ───────▶ open
 *     ▲                │ lost            │ lost           │ lost
 *     ├────────────────┴─────────────────┴────────────────┘
 *     │                                  │ refused        │ refused
 *     │ due                              ▼                ▼
 *  (dialling) ◀─────────────────────── refused: a person must act; dialled again, but seldom
 *
 *  any ── stop ──▶ stopped
 */

export const UPLINK_STATES = [
  'waiting',
  'dialling',
  'greeting',
  'open',
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
  /** Whatever ended the connection, save a refusal. */
  | 'lost'
  /** The server said goodbye for a reason that dialling again does not mend. */
  | 'refused'
  | 'stop'

const TRANSITIONS: Record<UplinkState, Partial<Record<UplinkEvent, UplinkState>>> = {
  waiting: { due: 'dialling', stop: 'stopped' },
  dialling: { connected: 'greeting', lost: 'waiting', stop: 'stopped' },
  greeting: { welcomed: 'open', lost: 'waiting', refused: 'refused', stop: 'stopped' },
  open: { lost: 'waiting', refused: 'refused', stop: 'stopped' },
  refused: { due: 'dialling', stop: 'stopped' },
  stopped: {},
}

/** Where `event` leads from `state`, or undefined where it cannot happen. */
export function next(state: UplinkState, event: UplinkEvent): UplinkState | undefined {
  return TRANSITIONS[state][event]
}
