import type { Clock } from '@vedette/shared/clock'
import type { SelfTest } from '@vedette/shared/service/watchdog'
import type { Galleries } from '../gallery/galleries.ts'
import type { Store } from '../store/store.ts'

/** What the server must be able to do at any time: write to its database, and find who is on its list. */
export function serverSelfTests(parts: {
  store: Pick<Store, 'pulse'>
  galleries: Pick<Galleries, 'active'>
  clock: Clock
}): SelfTest[] {
  const { store, galleries, clock } = parts
  return [
    { name: 'database', run: () => store.pulse.beat(clock.now()) },
    { name: 'gallery', run: () => galleries.active.check() },
  ]
}
