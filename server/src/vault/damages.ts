import type { Clock } from '@vedette/shared/clock'
import { codeOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import { SERVER_HAND } from '../hand.ts'
import type { Damage } from '../store/seal-check.ts'
import type { Store } from '../store/store.ts'

/** Makes known, in the log, the record and the status, what somebody did to the database. */
export class Damages {
  readonly #store: Pick<Store, 'audit' | 'seals' | 'condition'>
  readonly #clock: Clock
  readonly #log: Log

  constructor(options: {
    store: Pick<Store, 'audit' | 'seals' | 'condition'>
    clock: Clock
    log: Log
  }) {
    this.#store = options.store
    this.#clock = options.clock
    this.#log = options.log
    this.#store.seals.listen((damage) => this.#found(damage))
  }

  get all(): Damage[] {
    return this.#store.seals.damages
  }

  #found({ table, row, what }: Damage): void {
    const where = { table, row, what }
    const hint = 'see all: vedette db check; then restore a backup, or erase the entry'
    this.#log.error({ ...where, hint }, 'database.damaged')
    this.#store.condition.set('store.tampered', true)
    const about = table === 'entries' && row !== '*' ? { entry: row } : {}
    const act = { hand: SERVER_HAND, at: this.#clock.now(), about, details: where }
    this.#store.audit.note({ kind: 'database.damaged', ...act }).catch((error) => {
      this.#log.warn({ ...where, code: codeOf(error) }, 'database.damage-unrecorded')
    })
  }
}
