import type { Alert, AlertChange } from '../store/alerts.ts'

/**
 * Calls `announce` once for every alert, as soon as it has a name, for equals give none, and is of
 * what is: nobody on the spot can act on what was.
 */
export function announcer(announce: (alert: Alert) => void): (change: AlertChange) => void {
  const undecided = new Set<string>()
  return ({ kind, alert }) => {
    const { id, rival, late, certainty, state } = alert
    if (kind !== 'raised' && !undecided.has(id)) return
    if (certainty === 'withdrawn' || state === 'resolved') undecided.delete(id)
    else if (rival !== null || late) undecided.add(id)
    else {
      undecided.delete(id)
      announce(alert)
    }
  }
}
