import { X509Certificate } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { certsLayout } from '@vedette/certs/files'
import type { Office } from '@vedette/certs/office'
import type { ServerNames } from '@vedette/certs/profile'
import { keepRenewed } from '@vedette/certs/renewed'
import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, messageOf } from '@vedette/shared/errors'
import { parseIdentity } from '@vedette/shared/identity'
import type { Log } from '@vedette/shared/log'
import { renewalDue } from '@vedette/shared/renewal'
import type { SecureOptions } from '@vedette/shared/tls'
import type { RevocationLists } from './lists.ts'

/** How often it is looked what other processes have changed below certs, milliseconds. */
const LOOK_MS = 1000
/** After a failure the server's own certificate is tried again this much later, milliseconds. */
const RETRY_MS = 60_000

/** Whoever shows the server's certificate and judges those of others. */
export type Showing = {
  useCredentials(credentials: SecureOptions): void
  /** Cuts off whose certificate does not count any more. */
  recheck(): Promise<void>
}

export type CertificatesOptions = {
  home: string
  office: Office
  lists: Pick<RevocationLists, 'tend'>
  /** Of a certificate, milliseconds. */
  life: number
  clock: Clock
  random: () => number
  log: Log
}

/**
 * Keeps what the daemon shows, trusts and refuses in step with the office, whoever changes that,
 * and renews the server's own certificate.
 */
export class Certificates {
  readonly #options: CertificatesOptions
  #showing: readonly Showing[] = []
  #onTrust: () => Promise<void> = async () => {}
  #timer: Timer | undefined
  #look: Promise<void> = Promise.resolve()
  #stopped = false
  #failed: string | undefined
  #retryAt = 0
  /** Not everybody shows yet what the office says. */
  #stale = true
  /** What agents and the register were told of last. */
  #papers = ''
  #register = ''
  readonly #unlisten: () => void
  /** The chain that is shown, and when it is to be renewed. */
  #own: { chain: string; due: number }

  /** The server's certificate is renewed before anybody sees it if its time has come, or has gone. */
  static async open(options: CertificatesOptions): Promise<Certificates> {
    const certificates = new Certificates(options)
    await options.lists.tend()
    await certificates.#renewOwn()
    return certificates
  }

  private constructor(options: CertificatesOptions) {
    this.#options = options
    this.#unlisten = options.office.onChange(() => {
      this.#stale = true
    })
    this.#own = this.#drawn(options.office.credentials.chain)
  }

  /** From now on these show what the office says; `onTrust` tells the agents. */
  start(showing: readonly Showing[], onTrust: () => Promise<void>): void {
    this.#showing = showing
    this.#onTrust = onTrust
    this.#papers = this.#papersNow
    this.#register = this.#registerNow
    this.#rest()
  }

  /** Resolves when everything that the files say by now is in force. */
  async refresh(): Promise<void> {
    const look = this.#look.then(() => this.#takeIn())
    this.#look = look.catch(() => {})
    await look
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    this.#unlisten()
    await this.#look
  }

  #rest(): void {
    if (this.#stopped) return
    this.#timer = this.#options.clock.after(LOOK_MS, () => {
      void this.refresh()
        .then(
          () => this.#well(),
          (error) => this.#trouble(error),
        )
        .finally(() => this.#rest())
    })
  }

  async #takeIn(): Promise<void> {
    const { office, lists } = this.#options
    await lists.tend()
    await this.#renewOwn()
    if (this.#stale) {
      // Each in a turn of its own: with long lists one takes a while.
      for (const part of this.#showing) {
        await setImmediate()
        part.useCredentials(office.credentials)
      }
      this.#stale = false
      const { phase } = office.state
      const { trust, credentials } = office
      const checked = credentials.crl?.length ?? 0
      this.#options.log.info({ phase, trust: trust.version, lists: checked }, 'credentials.used')
    }
    const [papers, register] = [this.#papersNow, this.#registerNow]
    if (papers !== this.#papers) await this.#onTrust()
    this.#papers = papers
    if (register !== this.#register) for (const part of this.#showing) await part.recheck()
    this.#register = register
  }

  get #papersNow(): string {
    const { version, issuer } = this.#options.office.trust
    return `${version} ${issuer}`
  }

  get #registerNow(): string {
    const { ledger, standing } = this.#options.office
    return `${ledger.mark} ${standing.accepted}`
  }

  /** True when there is a new certificate of the server. */
  async #renewOwn(): Promise<boolean> {
    const { home, office, life, clock, log } = this.#options
    const { chain, trust } = office.credentials
    if (chain !== this.#own.chain) this.#own = this.#drawn(chain)
    const leaf = new X509Certificate(chain)
    const entry = await office.find(leaf.serialNumber.toLowerCase())
    const stale = entry !== undefined && entry.authority !== office.standing.server
    if ((clock.now() < this.#own.due && !stale) || clock.now() < this.#retryAt) return false
    try {
      const identity = parseIdentity(leaf.subjectAltName)
      const issued = await office.issue(identity, { life, names: namesOf(leaf) })
      const folder = certsLayout(home).credentials(identity)
      await keepRenewed(folder, { chain: issued.chain, key: issued.key, trust })
      await office.refresh()
      this.#own = this.#drawn(office.credentials.chain)
      log.info({ serial: issued.serial, until: new Date(issued.notAfter) }, 'server.renewed')
      return true
    } catch (error) {
      // While another authority signs for the server, somebody waits for it to follow.
      this.#retryAt = clock.now() + (stale ? LOOK_MS * 5 : RETRY_MS)
      const [code, message] = [codeOf(error), messageOf(error)]
      const hint = 'see: vedette certs status'
      log.error({ code, message, hint, until: leaf.validTo }, 'server.unrenewed')
      return false
    }
  }

  #drawn(chain: string): { chain: string; due: number } {
    const { validFrom, validTo } = new X509Certificate(chain)
    const period = { notBefore: Date.parse(validFrom), notAfter: Date.parse(validTo) }
    return { chain, due: renewalDue(period, this.#options.random) }
  }

  #well(): void {
    if (this.#failed !== undefined) this.#options.log.info('certificates.well')
    this.#failed = undefined
  }

  /** Said once, not every second: what was in force stays so. */
  #trouble(error: unknown): void {
    const code = codeOf(error)
    if (code === this.#failed) return
    this.#failed = code
    this.#options.log.error({ code, message: messageOf(error) }, 'certificates.stuck')
  }
}

/** The host names and addresses in the server's certificate. */
export function namesOf(leaf: X509Certificate): ServerNames {
  const entries = (leaf.subjectAltName ?? '').split(', ')
  const all = (prefix: string) =>
    entries.filter((entry) => entry.startsWith(prefix)).map((entry) => entry.slice(prefix.length))
  return { dns: all('DNS:'), ip: all('IP Address:') }
}
