import { setImmediate } from 'node:timers/promises'
import type { CrlStatus } from '@vedette/certs/crl-shelf'
import type { Office } from '@vedette/certs/office'
import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Metrics } from '@vedette/shared/metrics'
import type { SecureOptions } from '@vedette/shared/tls'
import { AuthorityFigures } from './figures.ts'

/** How soon the server follows what another process changed in its office, milliseconds. */
const LOOK_MS = 1000

/** How often an alarm that is not heeded is raised again, milliseconds. */
const REMIND_MS = 3_600_000

/** Whoever shows a certificate and judges those of others. */
export type Door = { useCredentials(credentials: SecureOptions): void }

export type AuthorityWatchOptions = {
  office: Office
  clock: Clock
  log: Log
  metrics: Metrics
}

/**
 * Keeps the doors of a running server up to date: with the server's certificate, the roots and the
 * revocation lists, which are followed by new ones in time.
 */
export class AuthorityWatch {
  readonly #options: AuthorityWatchOptions
  readonly #figures: AuthorityFigures
  readonly #alarms = new Map<string, { state: string; at: number }>()
  readonly #unlisten: () => void
  #doors: readonly Door[] = []
  #timer: Timer | undefined
  #stale = false
  #stopped = false
  #turn: Promise<void> = Promise.resolve()

  /** Resolves when the lists are in order, as far as they can be. */
  static async start(options: AuthorityWatchOptions): Promise<AuthorityWatch> {
    const watch = new AuthorityWatch(options)
    await watch.look()
    watch.#later()
    return watch
  }

  private constructor(options: AuthorityWatchOptions) {
    const { office, metrics, clock } = options
    this.#options = options
    this.#figures = new AuthorityFigures(metrics, office, clock)
    this.#unlisten = office.onChange(() => {
      this.#stale = true
    })
  }

  /** These are told of every change from now on. */
  attend(...doors: Door[]): void {
    this.#doors = doors
    this.#stale = true
  }

  /** Looks at once. Resolves when the doors have what was found; never rejects. */
  look(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#look())
    return this.#turn
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    this.#unlisten()
    await this.#turn
  }

  #later(): void {
    if (this.#stopped) return
    this.#timer = this.#options.clock.after(LOOK_MS, () => {
      void this.look().then(() => this.#later())
    })
  }

  async #look(): Promise<void> {
    const { office, log } = this.#options
    try {
      const { made, refused, failed } = await office.tend()
      this.#alarms.delete('office')
      for (const { authority, number, nextUpdate, serials } of made) {
        this.#figures.made.inc()
        log.info({ authority, number, until: nextUpdate, revoked: serials.size }, 'crl.made')
      }
      for (const { authority, fault } of refused) {
        this.#figures.refused.inc({ code: codeOf(fault) })
        log.error({ authority, code: codeOf(fault), message: messageOf(fault) }, 'crl.refused')
      }
      for (const { authority, fault } of failed) {
        this.#figures.failed.inc()
        log.error({ authority, code: codeOf(fault), message: messageOf(fault) }, 'crl.failed')
      }
    } catch (error) {
      this.#raise('office', codeOf(error), { message: messageOf(error) })
    }
    for (const list of office.lists) this.#heed(list)
    if (this.#stale) await this.#use()
  }

  #heed({ authority, state, nextUpdate }: CrlStatus): void {
    if (state !== 'good') this.#raise(authority, state, { until: nextUpdate })
    else if (this.#alarms.delete(authority)) this.#options.log.info({ authority }, 'crl.good')
  }

  #raise(what: string, state: string, more: object): void {
    const now = this.#options.clock.now()
    const known = this.#alarms.get(what)
    if (known?.state === state && now - known.at < REMIND_MS) return
    this.#alarms.set(what, { state, at: now })
    this.#options.log.error({ authority: what, state, ...more }, 'crl.alarm')
  }

  /** Each door in a turn of its own: with long lists one takes a while. */
  async #use(): Promise<void> {
    const { office, log } = this.#options
    this.#stale = false
    for (const door of this.#doors) {
      await setImmediate()
      try {
        door.useCredentials(office.credentials)
      } catch (error) {
        // Node has left the old ones in force.
        log.error({ code: codeOf(error), message: messageOf(error) }, 'credentials.refused')
      }
    }
    const { phase } = office.state
    const lists = office.credentials.crl?.length ?? 0
    log.info({ phase, trust: office.trust.version, lists }, 'credentials.used')
  }
}
