/*
 *             improved
 *              ┌───┐
 *              ▼   │  acknowledged
 *   raised ──▶ open ───────────────▶ acknowledged ─┐
 *                                        ▲         │ improved
 *                                        └─────────┘
 */

export type AlertState = 'open' | 'acknowledged'

export type AlertEvent =
  /** A clearly better chip of the same person was seen: evidence changes, the state does not. */
  | 'improved'
  /** An operator has taken notice. */
  | 'acknowledged'

const TRANSITIONS: Record<AlertState, Partial<Record<AlertEvent, AlertState>>> = {
  open: { improved: 'open', acknowledged: 'acknowledged' },
  acknowledged: { improved: 'acknowledged' },
}

/** The state after `event`, or undefined where it cannot happen. */
export function next(state: AlertState, event: AlertEvent): AlertState | undefined {
  return TRANSITIONS[state][event]
}
