import { join } from 'node:path'
import type { Clock } from '@vedette/shared/clock'
import type { Log } from '@vedette/shared/log'
import type { AuditLog } from '../audit/audit-log.ts'
import { Backups, type BackupsOptions } from '../backup/backups.ts'
import { forgetRestored, restored } from '../backup/restore.ts'
import { Eraser } from '../erasure/eraser.ts'
import { TOMBSTONES, Tombstones } from '../erasure/tombstones.ts'
import type { Own } from '../opening.ts'
import type { Store } from '../store/store.ts'
import { Damages } from './damages.ts'
import { KeyRotation } from './key-rotation.ts'
import type { KeySource } from './key-source.ts'

export type KeepingOptions = {
  store: Store
  source: KeySource
  /** Folder of the databases. */
  data: string
  audit: AuditLog
  /** Backups that are taken by themselves. */
  plan?: BackupsOptions['plan']
  clock: Clock
  log: Log
}

/** What keeps the database worth nothing to a thief and whole for its owner. */
export type Keeping = {
  eraser: Eraser
  keys: KeyRotation
  backups: Backups
  damages: Damages
  /** Called with each entry that is erased: whoever holds anything of it in memory forgets it. */
  forgets: (forget: (entryId: string) => Promise<void>) => void
}

/** Before anything is served: what was erased is erased for good. */
export async function openKeeping(options: KeepingOptions, own: Own): Promise<Keeping> {
  const { store, source, data, audit, plan, clock, log } = options
  const forgetting: ((entryId: string) => Promise<void>)[] = []
  const eraser = own(
    new Eraser({
      ...{ store, audit, clock, log },
      tombstones: new Tombstones(join(data, TOMBSTONES)),
      forget: async (id) => {
        for (const forget of forgetting) await forget(id)
      },
    }),
  )
  await eraser.start()
  const keys = own(new KeyRotation({ store, source, clock, log }))
  keys.start()
  const damages = new Damages({ store, clock, log })
  const backups = own(new Backups({ store, data, plan, clock, log }))
  await noteRestored({ store, data, clock, log })
  return { eraser, keys, backups, damages, forgets: (forget) => void forgetting.push(forget) }
}

/** A restore is told of in the record that it brought back. */
async function noteRestored(
  options: Pick<KeepingOptions, 'store' | 'data' | 'clock' | 'log'>,
): Promise<void> {
  const { store, data, clock, log } = options
  const note = await restored(data)
  if (note === undefined) return
  const { backup, taken, at, by, why } = note
  const hand = { by, from: 'server', why }
  const details = { taken, restored: at }
  const act = { kind: 'database.restored', hand, at: clock.now(), about: { backup }, details }
  await store.audit.note({ ...act, kind: 'database.restored' })
  await forgetRestored(data)
  log.warn({ backup, by, ...details }, 'database.restored')
}
