import { join } from 'node:path'
import type { Clock } from '@vedette/shared/clock'
import { Unavailable } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Metrics } from '@vedette/shared/metrics'
import type { KeySource } from '../vault/key-source.ts'
import { DataLock } from './lock.ts'
import { Reserve } from './reserve.ts'
import { Store } from './store.ts'
import { Upkeep } from './upkeep.ts'

export type KeptOptions = {
  /** Folder of wanted.db. */
  data: string
  vaultKey: KeySource
  /** Room kept for what must be written on a full disk, bytes. */
  reserve: number
  clock: Clock
  log: Log
  metrics: Metrics
}

/** The store of a daemon: nobody else's, and looked after. */
export class KeptStore {
  readonly store: Store
  readonly #upkeep: Upkeep
  readonly #lock: DataLock

  /** Throws Unavailable `store.in-use` and what opening a Store throws. */
  static async open(options: KeptOptions): Promise<KeptStore> {
    const { data, vaultKey: keyFile, clock } = options
    const lock = DataLock.take(data)
    let store: Store | undefined
    try {
      const file = join(data, 'wanted.db')
      const reserve = await Reserve.of(data, options.reserve)
      store = await Store.open({ file, keyFile, clock, eager: true }).catch(async (error) => {
        // There is none to read the list from on a disk that is full to the last byte.
        if (!(error instanceof Unavailable) || !reserve.held) throw error
        await reserve.release()
        return Store.open({ file, keyFile, clock, eager: true })
      })
      const { log, metrics } = options
      const watching = { store, folder: data, logFile: `${file}-wal`, reserve }
      return new KeptStore(store, new Upkeep({ ...watching, clock, log, metrics }), lock)
    } catch (error) {
      await store?.[Symbol.asyncDispose]()
      await lock[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor(store: Store, upkeep: Upkeep, lock: DataLock) {
    this.store = store
    this.#upkeep = upkeep
    this.#lock = lock
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#upkeep[Symbol.asyncDispose]()
    await this.store[Symbol.asyncDispose]()
    await this.#lock[Symbol.asyncDispose]()
  }
}
