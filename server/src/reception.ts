import type { Clock } from '@vedette/shared/clock'
import type { Presences } from './audit/presences.ts'
import type { Watchfulness } from './cameras/watchfulness.ts'
import type { GateOptions } from './gate/gate.ts'
import type { Sessions } from './gate/sessions.ts'
import type { Live } from './live/live.ts'
import type { Places } from './places/places.ts'
import type { Recognition } from './spaces/recognition.ts'
import type { Alert } from './store/alerts.ts'
import type { Store } from './store/store.ts'

export type ReceptionOptions = {
  recognition: Pick<Recognition, 'consider'>
  watchfulness: Watchfulness
  places: Places
  live: Pick<Live, 'view' | 'unviewed' | 'gone'>
  store: Pick<Store, 'agents'>
  presences: Pick<Presences, 'arrived' | 'left'>
  clock: Clock
}

type Reception = Pick<
  GateOptions,
  | 'onProbe'
  | 'onTrouble'
  | 'onView'
  | 'onUnviewed'
  | 'onWelcome'
  | 'onGone'
  | 'onPlaces'
  | 'onFares'
>

/** What comes of everything that agents say at the gate. */
export function receive(options: ReceptionOptions): Reception {
  const { recognition, watchfulness, places, live, store, presences, clock } = options
  const { cameras } = watchfulness
  return {
    onProbe: async (probe) => {
      if (await watchfulness.canaries.take(probe)) return
      cameras.course.asked(probe)
      await recognition.consider(probe)
    },
    onTrouble: (agent, trouble) => watchfulness.cameras.troubled(agent, trouble),
    onView: (agent, view) => live.view(agent, view),
    onUnviewed: (agent, unviewed) => live.unviewed(agent, unviewed),
    onGone: (name) => {
      presences.left(name)
      live.gone(name)
      void store.agents.seen(name, clock.now()).catch(() => {})
    },
    onWelcome: async ({ name, serial, address, hello: { software, cameras, trust } }) => {
      const now = clock.now()
      presences.arrived(name, { serial, address, cameras, software })
      const agent = { name, serial, software, cameras, trust: trust ?? null }
      await store.agents.welcomed(agent, now)
      await store.agents.cameFrom(name, address, now)
      await watchfulness.cameras.announced(name, cameras)
      await places.report(name, [])
    },
    onPlaces: (agent, cameras) => places.report(agent, cameras),
    onFares: (agent, fares) => cameras.fares(agent, fares),
  }
}

/** Tells agents of an alert by the name of its entry; of an entry that is gone there is none to tell. */
export function announce(
  alert: Alert,
  entries: Pick<Store['entries'], 'get'>,
  here: Pick<Sessions, 'announce'>,
): void {
  void entries.get(alert.entryId).then(
    ({ name }) => here.announce(alert, name),
    () => {},
  )
}
