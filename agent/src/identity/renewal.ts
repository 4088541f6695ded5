import type { X509Certificate } from 'node:crypto'
import { Backoff } from '@vedette/shared/backoff'
import { Bell } from '@vedette/shared/bell'
import { newRequest } from '@vedette/shared/certificate-request'
import type { Clock } from '@vedette/shared/clock'
import { codeOf, IdentityFault, messageOf, Unavailable } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { FromAgent, FromServer } from '@vedette/shared/message'
import type { Metrics } from '@vedette/shared/metrics'
import { renewalDue } from '@vedette/shared/renewal'
import type { Credentials } from '@vedette/shared/tls'
import { trustVersion } from '@vedette/shared/trust'
import { Counter } from 'prom-client'
import { chainOf, type Wallet } from './wallet.ts'

/** The clock is looked at this often: it may be put right, and timers cannot sleep for a month, ms. */
const CHECK_MS = 60_000
/** For the server to answer a request, ms. */
const ANSWER_MS = 30_000
/** Waits after a failure: as shares of the certificate's life, and in no case beyond, ms. */
const RETRY = { base: 1 / 120, cap: 1 / 12, least: 500, most: 3_600_000 } as const

export type Paper = Extract<FromServer, { type: 'renewed' | 'unrenewed' | 'stale' | 'trust' }>

export type RenewalOptions = {
  wallet: Wallet
  clock: Clock
  random: () => number
  log: Log
  metrics: Metrics
  /** Talks to the server with these from now on; throws when the server does not have them. */
  handOver: (credentials: Credentials) => Promise<void>
}

type Answer = { take: (chain: string) => void; fail: (error: Error) => void }

/** Keeps the agent's certificate and roots current, over the connection that there is. */
export class Renewal {
  readonly #options: RenewalOptions
  readonly #news = new Bell()
  readonly #renewals: Counter<'result'>
  #backoff: Backoff
  #due: number
  #post: ((message: FromAgent) => void) | undefined
  #peer: X509Certificate | undefined
  #answer: Answer | undefined
  #saidExpired = false

  constructor(options: RenewalOptions) {
    this.#options = options
    const { metrics, wallet } = options
    this.#renewals = new Counter({
      name: 'vedette_certificate_renewals_total',
      help: 'Attempts to renew the certificate.',
      labelNames: ['result'],
      registers: [metrics],
    })
    this.#due = renewalDue(wallet.period, options.random)
    this.#backoff = this.#newBackoff()
  }

  /** The server has welcomed us: `post` reaches it, and `peer` is what it showed. */
  opened(post: (message: FromAgent) => void, peer: X509Certificate): void {
    this.#post = post
    this.#peer = peer
    this.#news.ring()
  }

  closed(): void {
    this.#post = undefined
    this.#answer?.fail(new Unavailable('uplink.closed', 'connection lost before the answer'))
  }

  /** What the server says of certificates. */
  async heard(paper: Paper): Promise<void> {
    const { clock, random } = this.#options
    switch (paper.type) {
      case 'renewed':
        this.#answer?.take(Buffer.from(paper.chain).toString('utf8'))
        return
      case 'unrenewed':
        this.#answer?.fail(
          new IdentityFault('identity.refused', `server does not renew it: ${paper.code}`),
        )
        return
      case 'stale':
        this.#due = Math.min(this.#due, clock.now() + random() * paper.within)
        this.#news.ring()
        return
      case 'trust':
        return this.#trust(Buffer.from(paper.roots).toString('utf8'), paper.version)
      default:
        paper satisfies never
    }
  }

  /** Renews whenever it is time, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    const ring = () => this.#news.ring()
    signal.addEventListener('abort', ring)
    while (!signal.aborted) {
      const wait = this.#due - clock.now()
      if (wait <= 0 && this.#isAlive() && this.#post !== undefined) await this.#attempt()
      else await this.#sleep(wait > 0 ? wait : CHECK_MS)
    }
    signal.removeEventListener('abort', ring)
  }

  async #sleep(ms: number): Promise<void> {
    const timer = this.#options.clock.after(Math.min(ms, CHECK_MS), () => this.#news.ring())
    await this.#news.wait()
    timer.cancel()
  }

  /** An expired certificate is not renewed: whoever kept it beyond its time may be anybody. */
  #isAlive(): boolean {
    const { clock, log, wallet } = this.#options
    const { notAfter } = wallet.period
    const alive = clock.now() < notAfter
    if (!alive && !this.#saidExpired) {
      const hint =
        'is the clock right? else: vedette agents invite NAME, then vedette-agent join CODE --replace'
      log.error({ code: 'identity.expired', at: new Date(notAfter), hint }, 'certificate.expired')
    }
    this.#saidExpired = !alive
    return alive
  }

  async #attempt(): Promise<void> {
    const { clock, log, random, wallet } = this.#options
    try {
      await this.#renew()
      this.#renewals.inc({ result: 'renewed' })
      this.#backoff = this.#newBackoff()
      this.#due = renewalDue(wallet.period, random)
      log.info({ until: new Date(wallet.period.notAfter) }, 'certificate.renewed')
    } catch (error) {
      this.#renewals.inc({ result: 'failed' })
      const retryIn = Math.round(this.#backoff.next())
      this.#due = clock.now() + retryIn
      const [code, message] = [codeOf(error), messageOf(error)]
      log.warn({ code, message, retryIn }, 'certificate.unrenewed')
    }
  }

  async #renew(): Promise<void> {
    const { clock, handOver, wallet } = this.#options
    const { request, key } = await newRequest()
    const chain = await this.#ask(request)
    const next = wallet.renewed(chain, key, clock.now())
    await handOver(next)
    await this.#keep(next)
  }

  /** A full disk or a folder without rights must not end a connection that is good. */
  async #keep(next: Credentials): Promise<void> {
    try {
      await this.#options.wallet.keep(next)
    } catch (error) {
      const [code, message] = [codeOf(error), messageOf(error)]
      const hint =
        'make the credentials folder writable: after a restart the old certificate counts'
      this.#options.log.error({ code, message, hint }, 'certificate.unkept')
    }
  }

  async #ask(request: string): Promise<string> {
    const { clock } = this.#options
    const answered = new Promise<string>((take, fail) => {
      this.#answer = { take, fail }
    })
    const late = clock.after(ANSWER_MS, () =>
      this.#answer?.fail(new Unavailable('uplink.silent', 'no answer to the request')),
    )
    try {
      if (this.#post === undefined) throw new Unavailable('uplink.closed', 'no connection')
      this.#post({ type: 'renew', request })
      return await answered
    } finally {
      late.cancel()
      this.#answer = undefined
    }
  }

  async #trust(roots: string, version: string): Promise<void> {
    const { log, wallet } = this.#options
    try {
      if (this.#peer === undefined) throw new Unavailable('uplink.closed', 'no connection')
      if (trustVersion(roots) !== version) {
        throw new IdentityFault('identity.bad-trust', `roots are not version ${version}`)
      }
      await wallet.trustRoots(roots, chainOf(this.#peer))
      this.#post?.({ type: 'trusted', version })
      log.info({ version }, 'trust.taken')
    } catch (error) {
      log.error({ code: codeOf(error), message: messageOf(error), version }, 'trust.refused')
    }
  }

  #newBackoff(): Backoff {
    const { random, wallet } = this.#options
    const { notBefore, notAfter } = wallet.period
    const share = (part: number) =>
      Math.min(Math.max((notAfter - notBefore) * part, RETRY.least), RETRY.most)
    return new Backoff({ base: share(RETRY.base), cap: share(RETRY.cap), random })
  }
}
