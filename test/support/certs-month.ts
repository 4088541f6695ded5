import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Office } from '@vedette/certs/office'
import { splitChain } from '@vedette/certs/pem'
import { Rotation } from '@vedette/certs/rotation'
import { Certificates } from '@vedette/server/authority/certificates'
import { RevocationLists } from '@vedette/server/authority/lists'
import { newRequest } from '@vedette/shared/certificate-request'
import { silentLog } from '@vedette/shared/log'
import { createMetrics } from '@vedette/shared/metrics'
import { renewalDue } from '@vedette/shared/renewal'
import type { Credentials } from '@vedette/shared/tls'
import type { ManualClock } from './agent-clock.ts'
import { PASSPHRASE } from './certs-deployment.ts'

const run = promisify(execFile)

const MINUTE = 60_000
const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** What stands still in a broken month: then there must be outages, or the month proves nothing. */
export type Fault = 'lists' | 'renewal' | undefined

export type Month = {
  /** Everything that would have kept an honest agent or the server out, and when. */
  outages: string[]
  /** Times at which TLS had to do without lists. */
  withoutLists: number
  restarts: number
  renewals: number
  lists: number
  checkedByOpenssl: number
}

type Camera = { name: string; credentials: Credentials; due: number; serial: string }

/**
 * A month of a daemon's parts on a clock that is set: its office, its lists, its own certificate;
 * restarted at random, down for minutes and twice for more than a day; agents that renew whenever
 * it is up, and a rotation of the issuing authority in the middle. What is real: every file, key,
 * signature and certificate. What is not: time, sockets, and the agents' own program.
 */
export class SimulatedMonth {
  readonly clock: ManualClock
  readonly cameras: Camera[] = []
  readonly #home: string
  readonly #random: () => number
  readonly #fault: Fault
  readonly #month: Month = {
    outages: [],
    withoutLists: 0,
    restarts: 0,
    renewals: 0,
    lists: 0,
    checkedByOpenssl: 0,
  }
  #office: Office | undefined
  #certificates: Certificates | undefined

  constructor(home: string, clock: ManualClock, random: () => number, fault?: Fault) {
    this.#home = home
    this.clock = clock
    this.#random = random
    this.#fault = fault
  }

  get office(): Office {
    return this.#office!
  }

  /** In steps of two hours; `life` is that of a leaf, milliseconds. */
  async run({
    life,
    cameras,
    days = 30,
  }: {
    life: number
    cameras: number
    days?: number
  }): Promise<Month> {
    await this.#start(life)
    for (let i = 0; i < cameras; i++) this.cameras.push(await this.#join(`gate-${i}`, life))
    const began = this.clock.now()
    const rotation = this.#rotation()
    const due: [number, () => Promise<unknown>][] = [
      [10 * DAY, () => rotation.prepare('issuing')],
      [12 * DAY, () => rotation.activate()],
      [20 * DAY, () => rotation.retire()],
    ]
    const long = [6 * DAY, 24 * DAY]
    while (this.clock.now() - began < days * DAY) {
      this.clock.advance(2 * HOUR)
      const passed = this.clock.now() - began
      const isLong = passed > (long[0] ?? Number.POSITIVE_INFINITY)
      if (isLong) long.shift()
      if (isLong || this.#random() < 0.08) {
        await this.#stop()
        this.clock.advance(isLong ? 30 * HOUR : Math.floor(this.#random() * 3 * HOUR))
        await this.#start(life)
      }
      await this.#tend()
      await this.#renew(life)
      if (passed > (due[0]?.[0] ?? Number.POSITIVE_INFINITY)) {
        await due.shift()![1]()
        await this.#tend()
        await this.#renew(life)
      }
      await this.#check()
      if (this.#random() < 1 / 16) await this.#askOpenssl()
    }
    await this.#askOpenssl()
    const month = { ...this.#month, lists: this.#number() }
    await this.#certificates![Symbol.asyncDispose]()
    return month
  }

  async #start(life: number): Promise<void> {
    const { clock } = this
    const home = this.#home
    const office = await Office.open(home, clock)
    const metrics = createMetrics('server')
    const real = new RevocationLists({ office, clock, log: silentLog, metrics })
    const lists =
      this.#fault === 'lists' ? { tend: async () => void (await office.refresh()) } : real
    const random = this.#random
    this.#office = office
    this.#certificates = await Certificates.open({
      home,
      office,
      lists,
      life,
      clock,
      random,
      log: silentLog,
    })
    this.#month.restarts++
  }

  async #stop(): Promise<void> {
    await this.#certificates![Symbol.asyncDispose]()
  }

  async #tend(): Promise<void> {
    await this.#certificates!.refresh()
  }

  async #join(name: string, life: number): Promise<Camera> {
    const { chain, key, serial, ...period } = await this.office.issue(
      { role: 'agent', name },
      { life },
    )
    const trust = this.office.trust.roots
    return {
      name,
      serial,
      due: renewalDue(period, this.#random),
      credentials: { chain, key, trust },
    }
  }

  /** As an agent does: when it is due, or when another authority has begun to sign. */
  async #renew(life: number): Promise<void> {
    if (this.#fault === 'renewal') return
    for (const camera of this.cameras) {
      const entry = await this.office.find(camera.serial)
      const stale = entry?.authority !== this.office.standing.signs
      camera.credentials = { ...camera.credentials, trust: this.office.trust.roots }
      if (this.clock.now() < camera.due && !stale) continue
      if (entry === undefined || entry.revocation || entry.notAfter <= this.clock.now()) continue
      const { request, key } = await newRequest()
      const identity = { role: 'agent', name: camera.name } as const
      const issued = await this.office.issueFor(identity, request, { life })
      const { chain, serial, ...period } = issued
      camera.credentials = { chain, key, trust: this.office.trust.roots }
      camera.serial = serial
      camera.due = renewalDue(period, this.#random)
      this.#month.renewals++
    }
  }

  /** What TLS and the register would find wrong at this moment. */
  async #check(): Promise<void> {
    const now = this.clock.now()
    const { office } = this
    const { chain, crl } = office.credentials
    const out = (what: string) => this.#month.outages.push(`${new Date(now).toISOString()} ${what}`)
    if (crl === undefined) this.#month.withoutLists++
    for (const { authority, thisUpdate, nextUpdate, state } of crl ? office.lists : []) {
      const inForce = (thisUpdate ?? now + 1) <= now && now < (nextUpdate ?? 0)
      if (!inForce || state !== 'good') out(`list of ${authority}: ${state}`)
      for (const { name, serial } of this.cameras) {
        if (office.crl(authority)?.revoked.has(serial)) out(`${name} on the list`)
      }
    }
    const own = await office.find(serialOf(chain))
    if (own === undefined || own.revocation || own.notAfter <= now) out('server')
    for (const { name, serial } of this.cameras) {
      const entry = await office.find(serial)
      if (entry === undefined || entry.revocation || entry.notAfter <= now) out(name)
    }
  }

  /** OpenSSL's own judgement at this moment, of the server by an agent and of each agent by it. */
  async #askOpenssl(): Promise<void> {
    const { chain, crl = [], trust } = this.office.credentials
    const all = this.cameras.map(({ name, credentials }) => {
      return { name, purpose: 'sslclient', chain: credentials.chain, trust, crl }
    })
    const trusts = this.cameras[0]!.credentials.trust
    all.push({ name: 'server', purpose: 'sslserver', chain, trust: trusts, crl: [] })
    for (const each of all) {
      const said = await this.#verify(each)
      if (said !== 'OK') this.#month.outages.push(`openssl: ${each.name}: ${said}`)
      this.#month.checkedByOpenssl++
    }
  }

  async #verify(what: { purpose: string; chain: string; trust: string; crl: string[] }) {
    const file = async (name: string, text: string) => {
      await writeFile(join(this.#home, name), text)
      return join(this.#home, name)
    }
    const [leaf = '', ...above] = splitChain(what.chain)
    const lists = await file('openssl-crl.pem', what.crl.join(''))
    const checks = what.crl.length > 0 ? ['-crl_check_all', '-CRLfile', lists] : []
    const options = [
      'verify',
      ...['-attime', String(Math.floor(this.clock.now() / 1000))],
      ...['-purpose', what.purpose],
      ...['-CAfile', await file('openssl-roots.pem', what.trust)],
      ...['-untrusted', await file('openssl-above.pem', above.join(''))],
      ...checks,
      await file('openssl-leaf.pem', leaf),
    ]
    return run('openssl', options).then(
      () => 'OK',
      ({ stderr }: { stderr: string }) => stderr.split('\n')[1] ?? 'failed',
    )
  }

  #rotation(): Rotation {
    return new Rotation({
      home: this.#home,
      clock: this.clock,
      passphrase: async () => PASSPHRASE,
      server: () => this.#tend(),
    })
  }

  #number(): number {
    const { signs } = this.office.standing
    return this.office.crl(signs)?.number ?? 0
  }
}

function serialOf(chain: string): string {
  return new X509Certificate(chain).serialNumber.toLowerCase()
}
