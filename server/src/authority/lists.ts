import type { CrlStatus } from '@vedette/certs/crl-shelf'
import type { Office } from '@vedette/certs/office'
import type { Clock } from '@vedette/shared/clock'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Metrics } from '@vedette/shared/metrics'
import { AuthorityFigures } from './figures.ts'
import { type AuthorityStatus, authoritiesOf } from './status.ts'

/** How often an alarm that is not heeded is raised again, milliseconds. */
const REMIND_MS = 3_600_000

export type RevocationListsOptions = {
  office: Office
  clock: Clock
  log: Log
  metrics: Metrics
}

/** Has the lists made in time, and says aloud when one is refused, late or missing. */
export class RevocationLists {
  readonly #options: RevocationListsOptions
  readonly #figures: AuthorityFigures
  readonly #alarms = new Map<string, { state: string; at: number }>()
  readonly #ending = new Map<string, number>()

  constructor(options: RevocationListsOptions) {
    const { office, metrics, clock } = options
    this.#options = options
    this.#figures = new AuthorityFigures(metrics, office, clock)
  }

  /** Takes in what other processes changed, and makes what is due. Throws as `Office.tend` does. */
  async tend(): Promise<void> {
    const { office, log } = this.#options
    const { made, refused, failed } = await office.tend()
    for (const { authority, number, nextUpdate, revoked } of made) {
      this.#figures.made.inc()
      const until = new Date(nextUpdate)
      log.info({ authority, number, until, revoked: revoked.size }, 'crl.made')
    }
    for (const { authority, fault } of refused) {
      this.#figures.refused.inc({ code: codeOf(fault) })
      log.error({ authority, code: codeOf(fault), message: messageOf(fault) }, 'crl.refused')
    }
    for (const { authority, fault } of failed) {
      this.#figures.failed.inc()
      log.error({ authority, code: codeOf(fault), message: messageOf(fault) }, 'crl.failed')
    }
    for (const list of office.lists) this.#heed(list)
    for (const authority of authoritiesOf(office, this.#options.clock.now()))
      this.#outlive(authority)
  }

  /** Nobody here can renew an authority: that needs the root's key and a person. */
  #outlive({ id, kind, state, notAfter }: AuthorityStatus): void {
    const { clock, log } = this.#options
    const known = this.#ending.get(id) ?? Number.NEGATIVE_INFINITY
    if (state === 'good' || clock.now() - known < REMIND_MS) return
    this.#ending.set(id, clock.now())
    const hint = `replace it: vedette certs rotate${kind === 'root' ? ' prepare --root' : ''}`
    log.error({ authority: id, kind, state, until: new Date(notAfter), hint }, 'authority.alarm')
  }

  #heed({ authority, kind, state, nextUpdate }: CrlStatus): void {
    const { clock, log } = this.#options
    const known = this.#alarms.get(authority)
    if (state === 'good') {
      if (this.#alarms.delete(authority)) log.info({ authority }, 'crl.well')
      return
    }
    if (known?.state === state && clock.now() - known.at < REMIND_MS) return
    this.#alarms.set(authority, { state, at: clock.now() })
    const until = nextUpdate === null ? null : new Date(nextUpdate)
    const hint = 'see: vedette certs status'
    log.error({ authority, kind, state, until, hint }, 'crl.alarm')
  }
}
