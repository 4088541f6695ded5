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
 *            acknowledged                    resolved
 *     open ───────────────▶ acknowledged ──────────────▶ resolved: true, false or unresolved
 *    │▲ ▲└───────────────────── resolved ────────────────▶ │
 *    ││ └────────────────────── reopened ──────────────────┘
 *    └┘ escalated: nobody has acted on it for too long
 */

import { isLate } from '../probe.ts'

export type Certainty = 'provisional' | 'confirmed' | 'withdrawn'
export type AlertState = 'open' | 'acknowledged' | 'resolved'
/** What it turned out to be: that person, somebody else, or nobody can tell. */
export const OUTCOMES = ['true', 'false', 'unresolved'] as const
export type Outcome = (typeof OUTCOMES)[number]

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
  /** Is done with it, and says what it was. */
  | 'resolved'
  /** That was a mistake: it is to be acted on again. */
  | 'reopened'

export type AlertEvent =
  | EvidenceEvent
  | HumanEvent
  /** Nobody has acted on it for too long. */
  | 'escalated'

const TRANSITIONS: Record<AlertState, Partial<Record<HumanEvent | 'escalated', AlertState>>> = {
  open: { acknowledged: 'acknowledged', resolved: 'resolved', escalated: 'open' },
  acknowledged: { resolved: 'resolved' },
  resolved: { reopened: 'open' },
}

/** The state after `event`, or undefined where it cannot happen. */
export function next(state: AlertState, event: HumanEvent | 'escalated'): AlertState | undefined {
  return TRANSITIONS[state][event]
}

/** How often somebody is called again for an alert on which nobody acts. */
export const MOST_ESCALATIONS = 2

/**
 * When an alert that is still open is due to be called out again, epoch milliseconds, where its list
 * gives people `after` milliseconds to act; undefined where it has been often enough.
 */
export function escalationDue(
  { openSince, escalations }: { openSince: number; escalations: number },
  after: number,
): number | undefined {
  return escalations < MOST_ESCALATIONS ? openSince + after * (escalations + 1) : undefined
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
  if (known.state === 'resolved') return undefined
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
