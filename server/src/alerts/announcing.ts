import type { Alert, AlertChange } from '../store/alerts.ts'

/** Calls `announce` once for every alert, as soon as it has a name: equals give none. */
export function announcer(announce: (alert: Alert) => void): (change: AlertChange) => void {
  const undecided = new Set<string>()
  return ({ kind, alert }) => {
    const { id, rival, certainty, state } = alert
    if (kind !== 'raised' && !undecided.has(id)) return
    if (certainty === 'withdrawn' || state === 'rejected') undecided.delete(id)
    else if (rival !== null) undecided.add(id)
    else {
      undecided.delete(id)
      announce(alert)
    }
  }
}
