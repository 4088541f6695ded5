/*
 * What the evidence says of it:
 *
 *                  confirmed
 *   provisional ──────────────▶ confirmed
 *        │                       │    ▲
 *        │ withdrawn   withdrawn │    │ confirmed
 *        └──────────▶ withdrawn ◀┘────┘        improved, current: as it was
 *
 * What people do about it, whatever the evidence says:
 *
 *          acknowledged                   rejected
 *   open ───────────────▶ acknowledged ─────────────▶ rejected
 *    ▲ └──────────────────── rejected ──────────────────▶ │
 *    └──────────────────────── restored ──────────────────┘
 */

import { isLate } from '../probe.ts'

export type Certainty = 'provisional' | 'confirmed' | 'withdrawn'
export type AlertState = 'open' | 'acknowledged' | 'rejected'

/** Of the evidence. */
export type EvidenceEvent =
  /** A clearly better chip of the same person was seen, or a tie was decided. */
  | 'improved'
  /** Several chips agree. */
  | 'confirmed'
  /** The walk seen whole does not bear it out. */
  | 'withdrawn'
  /** All that was known of it was late; now it was seen as it happened. */
  | 'current'

/** Of an operator. */
export type HumanEvent =
  /** Has taken notice. */
  | 'acknowledged'
  /** "Not him." */
  | 'rejected'
  /** The rejection was a mistake. */
  | 'restored'

export type AlertEvent = EvidenceEvent | HumanEvent

const TRANSITIONS: Record<AlertState, Partial<Record<HumanEvent, AlertState>>> = {
  open: { acknowledged: 'acknowledged', rejected: 'rejected' },
  acknowledged: { rejected: 'rejected' },
  rejected: { restored: 'open' },
}

/** The state after `event`, or undefined where it cannot happen. */
export function next(state: AlertState, event: HumanEvent): AlertState | undefined {
  return TRANSITIONS[state][event]
}

/** What one more frame of a walk says of an entry. */
export type Standing =
  /** It reaches what it must. */
  | 'reached'
  /** Below that, not by enough to take anything back. */
  | 'held'
  /** Far below, or the walk is clearly somebody else's. */
  | 'fallen'

type Known = {
  state: AlertState
  certainty: Certainty
  track: string
  score: number
  rival: string | null
  late: boolean
}
type Seen = {
  standing: Standing
  /** True when several chips agree, and with nobody else. */
  certain: boolean
  score: number
  rival: string | null
  probe: { track: string; capturedAt: number; receivedAt: number }
}

/** What `seen` makes happen to the alert it belongs to; undefined where it is only noted. */
export function eventOf(known: Known, seen: Seen): EvidenceEvent | undefined {
  if (known.state === 'rejected') return undefined
  if (seen.standing === 'fallen') {
    // Another walk of the same person may be hard to see: it takes nothing back.
    const own = known.track === seen.probe.track
    return own && known.certainty !== 'withdrawn' ? 'withdrawn' : undefined
  }
  if (seen.standing === 'held') return undefined
  if (seen.certain && known.certainty !== 'confirmed') return 'confirmed'
  if (known.certainty === 'withdrawn') return undefined
  if (known.late && !isLate(seen.probe)) return 'current'
  const decided = known.rival !== null && seen.rival === null
  return decided || seen.score > known.score ? 'improved' : undefined
}

/** The certainty after `event`. */
export function certaintyAfter(certainty: Certainty, event: EvidenceEvent): Certainty {
  return event === 'improved' || event === 'current' ? certainty : event
}
