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
 *            acknowledged
 *     open ──────────────────▶ acknowledged ⟲ taken: by somebody else
 *      ▲ ⟲ escalated                ▲
 *      │ returned      acknowledged │
 *      ├────────────── parked ──────┘
 *      │
 *      │ disputed          resolved
 *      ├────────────── awaiting ──────▶ resolved: true
 *      │               ⟲ escalated
 *      │ reopened
 *      └────────────── resolved: true, false or unresolved
 *
 *     open, acknowledged, parked ── parked ───▶ parked, until then and no longer
 *                                ── affirmed ─▶ awaiting a second person
 *                                ── resolved ─▶ resolved
 *
 * What somebody has just decided they may take back, undone, for as long as TAKE_BACK_MS: then it is
 * as it was before.
 */

import { isLate } from '../probe.ts'

export type Certainty = 'provisional' | 'confirmed' | 'withdrawn'
export const ALERT_STATES = ['open', 'acknowledged', 'parked', 'awaiting', 'resolved'] as const
export type AlertState = (typeof ALERT_STATES)[number]
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
  /** Has taken notice, and sees to it. */
  | 'acknowledged'
  /** Sees to it in the place of somebody else. */
  | 'taken'
  /** Waits for something, until then and no longer. */
  | 'parked'
  /** Says that it is that person, where a second must say so, too. */
  | 'affirmed'
  /** Does not bear out what the first has said. */
  | 'disputed'
  /** Is done with it, and says what it was. */
  | 'resolved'
  /** That was a mistake: it is to be acted on again. */
  | 'reopened'

/** Of the clock. */
export type TimeEvent =
  /** Nobody has acted on it for too long. */
  | 'escalated'
  /** It has been parked for as long as was said. */
  | 'returned'

export type AlertEvent =
  | EvidenceEvent
  | HumanEvent
  | TimeEvent
  /** The last decision was taken back by whoever made it. */
  | 'undone'

const ONWARD = { parked: 'parked', affirmed: 'awaiting', resolved: 'resolved' } as const

const TRANSITIONS: Record<AlertState, Partial<Record<HumanEvent | TimeEvent, AlertState>>> = {
  open: { ...ONWARD, acknowledged: 'acknowledged', escalated: 'open' },
  acknowledged: { ...ONWARD, taken: 'acknowledged' },
  parked: { ...ONWARD, acknowledged: 'acknowledged', returned: 'open' },
  awaiting: { resolved: 'resolved', disputed: 'open', escalated: 'awaiting' },
  resolved: { reopened: 'open' },
}

/** For how long whoever has decided may take it back, milliseconds. */
export const TAKE_BACK_MS = 30_000
/** For how long an alert may be parked, milliseconds. */
export const SHORTEST_PARK_MS = 60_000
export const LONGEST_PARK_MS = 8 * 3_600_000

/** The state after `event`, or undefined where it cannot happen. */
export function next(state: AlertState, event: HumanEvent | TimeEvent): AlertState | undefined {
  return TRANSITIONS[state][event]
}

/** How often somebody is called again for an alert on which nobody acts. */
export const MOST_ESCALATIONS = 2

/**
 * What somebody makes happen who says `outcome` of an alert whose list asks for so many persons to
 * say that it is somebody.
 */
export function verdictEvent(
  state: AlertState,
  outcome: Outcome,
  persons: 1 | 2,
): 'affirmed' | 'disputed' | 'resolved' {
  if (state === 'awaiting') return outcome === 'true' ? 'resolved' : 'disputed'
  return outcome === 'true' && persons === 2 ? 'affirmed' : 'resolved'
}

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
