import type { Office } from '@vedette/certs/office'
import { type Revoked, revoke, type Target } from '@vedette/certs/revoking'
import type { Clock } from '@vedette/shared/clock'
import type { Log } from '@vedette/shared/log'

export type RegistrarOptions = {
  office: Office
  /** Resolves when everything that the office says is in force. */
  refresh: () => Promise<void>
  /** Of a certificate, milliseconds. */
  life: number
  clock: Clock
  log: Log
}

/** A renewed certificate, leaf first, and the roots to trust; PEM. */
export type Renewed = { serial: string; notAfter: number; chain: string; trust: string }

/** Gives certificates to operators who have one, and takes back anybody's. */
export class Registrar {
  readonly #options: RegistrarOptions

  constructor(options: RegistrarOptions) {
    this.#options = options
  }

  /**
   * Takes back what `target` names. When this resolves, who held it is cut off and the lists say so.
   * Throws Refusal as certs/revoking does.
   */
  async revoke(target: Target, reason: string, by: string): Promise<Revoked[]> {
    const { office, refresh, clock, log } = this.#options
    const revoked = await revoke(office, target, reason, clock)
    for (const { serial, role, name: holder } of revoked) {
      log.warn({ role, holder, serial, reason, by }, 'certificate.revoked')
    }
    await refresh()
    return revoked
  }

  /** The first certificate of an operator whose account `by` has made. */
  async welcome(operator: string, request: string, by: string): Promise<Renewed> {
    const { office, life, log } = this.#options
    const identity = { role: 'operator', name: operator } as const
    const { serial, notAfter, chain } = await office.issueFor(identity, request, { life })
    log.info({ operator, by, serial, until: new Date(notAfter) }, 'operator.certified')
    return { serial, notAfter, chain, trust: office.trust.roots }
  }

  /** A certificate for an operator whose own, `former`, was judged a moment ago. */
  async renew(operator: string, former: string, request: string): Promise<Renewed> {
    const { office, life, log } = this.#options
    const identity = { role: 'operator', name: operator } as const
    const { serial, notAfter, chain } = await office.issueFor(identity, request, { life })
    log.info({ operator, former, serial, until: new Date(notAfter) }, 'operator.renewed')
    return { serial, notAfter, chain, trust: office.trust.roots }
  }
}
