import { signal } from '@preact/signals'
import type { NamedAlert } from '@vedette/server/desk/named'
import { useEffect, useMemo } from 'preact/hooks'
import { desk } from '../../desk.ts'
import { may } from '../../session.ts'
import { on } from '../../stream.ts'

/** Alerts that are asked about together, at most: a crowd must not become a flood of questions. */
const MOST = 200
/** Alerts are opened so long before whoever they are about walks past once more, milliseconds. */
const LATELY_MS = 3_600_000

/** Alerts by id, as far as they are there for whoever looks. */
export type Known = {
  get: (id: string | undefined) => NamedAlert | undefined
  /** Has somebody look for these. */
  want: (ids: Iterable<string>) => void
}

/** What is known of those that walk past and are looked for. */
export function useKnown(): Known {
  const known = useMemo(() => new Knowledge(), [])
  useEffect(() => on('alert', ({ alert }) => known.note([alert])), [known])
  // Whoever uses it is drawn anew when there is more.
  void known.alerts.value
  return known
}

class Knowledge implements Known {
  readonly alerts = signal<ReadonlyMap<string, NamedAlert>>(new Map())
  readonly #asked = new Set<string>()

  get = (id: string | undefined): NamedAlert | undefined => {
    const alert = id === undefined ? undefined : this.alerts.value.get(id)
    const stands = alert?.certainty !== 'withdrawn' && alert?.outcome !== 'false'
    return stands ? alert : undefined
  }

  want = (ids: Iterable<string>): void => {
    const fresh = [...ids].filter((id) => !this.#asked.has(id))
    if (fresh.length === 0 || !may('alerts.view')) return
    for (const id of fresh) this.#asked.add(id)
    if (fresh.every((id) => this.alerts.peek().has(id))) return
    const since = Date.now() - LATELY_MS
    // Without it the box says less; what went wrong is told where alerts are.
    desk.get<NamedAlert[]>(`/alerts?since=${since}&limit=${MOST}`).then(
      (alerts) => this.note(alerts),
      () => {},
    )
  }

  note(alerts: readonly NamedAlert[]): void {
    const next = new Map(this.alerts.peek())
    for (const alert of alerts) next.set(alert.id, alert)
    this.alerts.value = next
  }
}
