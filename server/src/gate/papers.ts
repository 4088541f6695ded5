import type { Office } from '@vedette/certs/office'
import type { Clock } from '@vedette/shared/clock'
import { codeOf, Fault, IdentityFault, messageOf, Unavailable } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { FromServer, Hello } from '@vedette/shared/message'
import type { Metrics } from '@vedette/shared/metrics'
import type { Peer } from '@vedette/shared/tls'
import { Counter } from 'prom-client'
import type { AgentStore } from '../store/agents.ts'

/** An agent may ask for so many certificates at once, and for one more after each interval, ms. */
const RENEWALS = { burst: 4, every: 10_000 } as const
/** A fleet whose authority is on its way out renews within this time, milliseconds. */
const STALE_WITHIN_MS = 15_000

export type PapersOptions = {
  office: Pick<Office, 'find' | 'issueFor' | 'trust' | 'standing'>
  agents: Pick<AgentStore, 'trusted'>
  /** Of a certificate, milliseconds. */
  life: number
  clock: Clock
  log: Log
  metrics: Metrics
}

/** The server's side of what agents need to stay welcome: new certificates and the roots to trust. */
export class Papers {
  readonly #options: PapersOptions
  readonly #renewals: Counter<'result'>
  /** When the next certificate of each agent would be due, had it always waited its turn. */
  readonly #turns = new Map<string, number>()

  constructor(options: PapersOptions) {
    this.#options = options
    this.#renewals = new Counter({
      name: 'vedette_gate_renewals_total',
      help: 'Requests of agents for a new certificate, by what came of them.',
      labelNames: ['result'],
      registers: [options.metrics],
    })
  }

  /** What an agent that is welcome must be told, given what it trusts. */
  async notices(peer: Peer, trusts: Hello['trust']): Promise<FromServer[]> {
    const { find, trust, standing } = this.#own()
    const { version, roots } = trust
    const entry = await find(peer.serial)
    const notices: FromServer[] = []
    if (trusts !== version) notices.push({ type: 'trust', version, roots: Buffer.from(roots) })
    if (entry?.authority !== standing.signs) {
      notices.push({ type: 'stale', within: STALE_WITHIN_MS })
    }
    return notices
  }

  /** The answer to a request for a certificate in the place of the one that `peer` showed. */
  async renew(peer: Peer, request: string): Promise<FromServer> {
    const { log } = this.#options
    const { name } = peer.identity
    try {
      await this.#mayRenew(peer)
      const { office, life } = this.#options
      const { chain, serial, notAfter } = await office.issueFor(peer.identity, request, { life })
      this.#renewals.inc({ result: 'renewed' })
      const until = new Date(notAfter)
      log.info({ agent: name, former: peer.serial, serial, until }, 'certificate.renewed')
      return { type: 'renewed', chain: Buffer.from(chain) }
    } catch (error) {
      this.#renewals.inc({ result: 'refused' })
      const [code, message] = [codeOf(error), messageOf(error)]
      log.warn({ agent: name, serial: peer.serial, code, message }, 'certificate.unrenewed')
      // What is no Fault is of this house, and not explained to the outside.
      return { type: 'unrenewed', code: error instanceof Fault ? code : 'internal' }
    }
  }

  /** The agent has the bundle of that version on its disk. */
  trusted(peer: Peer, version: string): Promise<void> {
    return this.#options.agents.trusted(peer.identity.name, version)
  }

  #own() {
    const { office } = this.#options
    const { trust, standing } = office
    return { trust, standing, find: (serial: string) => office.find(serial) }
  }

  /** A live socket says that the certificate was good once; this says whether it is now. */
  async #mayRenew({ identity: { name }, serial, notAfter }: Peer): Promise<void> {
    const { clock, office } = this.#options
    const now = clock.now()
    const entry = await office.find(serial)
    if (entry === undefined || entry.revocation !== undefined) {
      throw new IdentityFault('identity.revoked', `serial ${serial} is revoked`)
    }
    if (notAfter <= now) throw new IdentityFault('identity.expired', `serial ${serial} is expired`)
    const turn = Math.max(this.#turns.get(name) ?? 0, now - RENEWALS.burst * RENEWALS.every)
    if (turn + RENEWALS.every > now) {
      throw new Unavailable('renewal.throttled', `${name} asks for too many certificates`)
    }
    this.#turns.set(name, turn + RENEWALS.every)
  }
}
