import { signal } from '@preact/signals'
import type { NamedAlert } from '@vedette/server/desk/named'
import { useEffect, useMemo } from 'preact/hooks'
import { desk } from '../../desk.ts'
import { may } from '../../session.ts'
import { on, onResumed } from '../../stream.ts'

/** Alerts of this long ago may still be about somebody who is there, milliseconds. */
const LATELY_MS = 600_000

/** Alerts by the track of a face, as far as they are there for whoever looks. */
export type Known = ReadonlyMap<string, NamedAlert>

/** Who is known of those that walk past: alerts that stand, and those that come. */
export function useKnown(): Known {
  const known = useMemo(() => signal<Known>(new Map()), [])
  useEffect(() => {
    if (!may('alerts.view')) return
    const note = (alerts: readonly NamedAlert[]) => {
      const next = new Map(known.peek())
      for (const alert of alerts) {
        if (stands(alert)) next.set(alert.track, alert)
        else next.delete(alert.track)
      }
      known.value = next
    }
    const load = () => {
      const since = Date.now() - LATELY_MS
      // What is missed here is told on the alerts page; pictures go on without it.
      desk.get<NamedAlert[]>(`/alerts?since=${since}&limit=200`).then(note, () => {})
    }
    load()
    const off = [on('alert', ({ alert }) => note([alert])), onResumed(load)]
    return () => {
      for (const end of off) end()
    }
  }, [known])
  return known.value
}

function stands({ certainty, outcome }: NamedAlert): boolean {
  return certainty !== 'withdrawn' && outcome !== 'false'
}
