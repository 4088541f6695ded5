import type { Clock } from '@vedette/shared/clock'
import { Unavailable } from '@vedette/shared/errors'
import type { SelfTest } from '@vedette/shared/service/watchdog'
import type { Galleries } from '../gallery/galleries.ts'
import type { Store } from '../store/store.ts'

/**
 * What the server must be able to do at any time: ask its database, and find who is on its list.
 * Not to write: on a full or broken disk it still finds them, and started anew it might not.
 */
export function serverSelfTests(parts: {
  store: Pick<Store, 'pulse'>
  galleries: Pick<Galleries, 'active'>
  clock: Clock
}): SelfTest[] {
  const { store, galleries, clock } = parts
  return [
    {
      name: 'database',
      run: () =>
        store.pulse.beat(clock.now()).catch((error) => {
          if (!(error instanceof Unavailable)) throw error
        }),
    },
    { name: 'gallery', run: () => galleries.active.check() },
  ]
}
