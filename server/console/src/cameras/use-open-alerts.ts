import { useSignal } from '@preact/signals'
import type { NamedAlert } from '@vedette/server/desk/named'
import { useEffect } from 'preact/hooks'
import { desk } from '../desk.ts'
import { may } from '../session.ts'
import { on, onResumed } from '../stream.ts'

/** As many as the desk gives at a time. */
const MOST = 500

/** Alerts that nobody has acted on, kept so by what the stream tells; `onRaised` is told of new ones. */
export function useOpenAlerts(onRaised?: (alert: NamedAlert) => void): readonly NamedAlert[] {
  const open = useSignal<readonly NamedAlert[]>([])
  useEffect(() => {
    if (!may('alerts.view')) return
    const reload = async () => {
      const path = `/alerts?state=open&limit=${MOST}`
      const found = await desk.get<NamedAlert[]>(path).catch(() => undefined)
      if (found) open.value = found.filter(isOpen)
    }
    void reload()
    const ends = [
      onResumed(() => void reload()),
      on('alert', ({ kind, alert }) => {
        const others = open.value.filter(({ id }) => id !== alert.id)
        open.value = isOpen(alert) ? [alert, ...others] : others
        if (kind === 'raised') onRaised?.(alert)
      }),
    ]
    return () => {
      for (const end of ends) end()
    }
  }, [])
  return open.value
}

function isOpen({ state, certainty }: NamedAlert): boolean {
  return state === 'open' && certainty !== 'withdrawn'
}
