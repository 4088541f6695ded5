/*
 *              approved              expired
 *   pending ──────────────▶ live ───────────────▶ expired
 *      │                     ▲                       │
 *      │ refused             └────── extended ───────┘
 *      ▼
 *   refused
 *
 * Only who is live is in the gallery: nobody else matches.
 */

export type EntryState = 'pending' | 'live' | 'refused' | 'expired'

export type EntryEvent =
  /** A second person has consented. */
  | 'approved'
  /** A second person has not. */
  | 'refused'
  /** Its time is over. */
  | 'expired'
  /** It was given more time. */
  | 'extended'

const TRANSITIONS: Record<EntryState, Partial<Record<EntryEvent, EntryState>>> = {
  pending: { approved: 'live', refused: 'refused' },
  live: { expired: 'expired', extended: 'live' },
  expired: { extended: 'live' },
  refused: {},
}

/** The state after `event`, or undefined where it cannot happen. */
export function next(state: EntryState, event: EntryEvent): EntryState | undefined {
  return TRANSITIONS[state][event]
}
