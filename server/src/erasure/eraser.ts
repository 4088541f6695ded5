import type { Clock } from '@vedette/shared/clock'
import { Unavailable } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { AuditLog } from '../audit/audit-log.ts'
import { type Hand, SERVER_HAND } from '../hand.ts'
import type { ErasedRows } from '../store/erasure.ts'
import type { Store } from '../store/store.ts'
import { certify, type ErasureCertificate } from './certificate.ts'
import type { Tombstones } from './tombstones.ts'

/** Whoever asked waits so long for the last byte to go, milliseconds. */
const WAIT_MS = 4000
/** What is left after that is tried again as often. */
const LATER_MS = 1000

export type EraserOptions = {
  store: Pick<Store, 'erasures' | 'audit'>
  tombstones: Tombstones
  /** Makes matching, and everything else in memory, forget an entry; its vectors are wiped. */
  forget: (entryId: string) => Promise<void>
  audit: Pick<AuditLog, 'signer'>
  clock: Clock
  log: Log
  /** How long it is waited for the last byte, milliseconds. */
  wait?: number
}

/** Erases entries so that no byte of them is left in any file of the deployment. */
export class Eraser {
  readonly #options: EraserOptions
  readonly #stop = new AbortController()
  #later: Promise<void> | undefined

  constructor(options: EraserOptions) {
    this.#options = options
  }

  /** Finishes what was begun before the start, and erases again what a backup brought back. */
  async start(): Promise<void> {
    const { store, tombstones, log } = this.#options
    const erased = await tombstones.all()
    for (const entry of await store.erasures.present([...erased.keys()])) {
      await this.#rows(entry, { ...SERVER_HAND, why: 'erased before a backup was restored' })
      log.warn({ entry }, 'entry.erased-again')
    }
    if ((await store.erasures.unfinished()).length > 0) this.#goOn()
  }

  /**
   * Resolves when no byte of the entry is left. Throws Refusal `entry.not-found`; Unavailable
   * `erasure.unfinished` while somebody who reads the database keeps some: that is gone on with.
   */
  async erase(entry: string, hand: Hand): Promise<ErasureCertificate> {
    const { store, audit, clock, log, wait = WAIT_MS } = this.#options
    const at = clock.now()
    const rows = await this.#rows(entry, hand)
    if (!(await store.erasures.wipe(wait))) {
      this.#goOn()
      throw new Unavailable('erasure.unfinished', `${entry} is off the list, and not yet gone`, {
        hint: 'a program reads the database and keeps the log: end it (fuser -v wanted.db-wal), and ask again',
      })
    }
    const erasedAt = clock.now()
    await store.erasures.finished([entry], erasedAt)
    log.info({ entry, by: hand.by }, 'entry.erased')
    const { seq, hash } = await store.audit.last()
    const record = { seq, hash: Buffer.from(hash).toString('hex') }
    return certify(audit.signer, { entry, at, erasedAt, hand, rows, record })
  }

  /** The tombstone first: whatever comes between, the entry is erased after the next start. */
  async #rows(entry: string, hand: Hand): Promise<ErasedRows> {
    const { store, tombstones, forget, clock } = this.#options
    await store.erasures.listOf(entry)
    await tombstones.add(entry, clock.now())
    const rows = await store.erasures.erase(entry, hand, clock.now())
    await forget(entry)
    return rows
  }

  #goOn(): void {
    this.#later ??= this.#finish().finally(() => {
      this.#later = undefined
    })
  }

  async #finish(): Promise<void> {
    const { store, clock, log } = this.#options
    const { signal } = this.#stop
    while (!signal.aborted) {
      if (await store.erasures.wipe(0)) {
        const left = (await store.erasures.unfinished()).map(({ entryId }) => entryId)
        await store.erasures.finished(left, clock.now())
        for (const entry of left) log.info({ entry }, 'entry.erasure-finished')
        return
      }
      await clock.sleep(LATER_MS, signal).catch(() => {})
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#later
  }
}
