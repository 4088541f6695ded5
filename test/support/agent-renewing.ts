import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Renewal } from '@vedette/agent/identity/renewal'
import { Wallet } from '@vedette/agent/identity/wallet'
import { Office } from '@vedette/certs/office'
import { CREDENTIAL_FILES } from '@vedette/shared/credentials'
import type { Identity } from '@vedette/shared/identity'
import { createMetrics } from '@vedette/shared/metrics'
import { renewalDue } from '@vedette/shared/renewal'
import { ManualClock } from './agent-clock.ts'
import type { Deployment } from './agent-deployment.ts'
import type { Call, Hub } from './agent-hub.ts'
import { recordedLog } from './agent-log.ts'
import { RunningUplink } from './agent-uplink.ts'

const AGENT: Identity = { role: 'agent', name: 'gate-agent' }
/** How long certificates live here: long enough for a test, and a few heartbeats. */
const LIFE_MS = 300_000

/**
 * An uplink that renews its certificate, on a credentials folder of its own. TLS judges certificates
 * by the real clock, so the test's begins two thirds of a life in the past.
 */
export class RenewingUplink {
  readonly clock: ManualClock
  readonly lines
  readonly wallet: Wallet
  readonly folder: string
  readonly uplink: RunningUplink
  readonly #office: Office
  readonly #stop = new AbortController()
  readonly #running: Promise<void>

  static async start(deployment: Deployment, hub: Hub): Promise<RenewingUplink> {
    const folder = await mkdtemp(join(tmpdir(), 'vedette-renewing-'))
    await cp(deployment.agentFolder, folder, { recursive: true })
    const clock = new ManualClock(Date.now() - (2 * LIFE_MS) / 3)
    const office = await Office.open(deployment.home, clock)
    const { chain, key } = await office.issue(AGENT, { life: LIFE_MS })
    await writeFile(join(folder, CREDENTIAL_FILES.chain), chain)
    await writeFile(join(folder, CREDENTIAL_FILES.key), key, { mode: 0o600 })
    return new RenewingUplink(folder, await Wallet.open(folder), { clock, office, hub })
  }

  private constructor(
    folder: string,
    wallet: Wallet,
    { clock, office, hub }: { clock: ManualClock; office: Office; hub: Hub },
  ) {
    this.clock = clock
    const { log, lines } = recordedLog()
    this.folder = folder
    this.wallet = wallet
    this.lines = lines
    this.#office = office
    const renewal = new Renewal({
      wallet,
      clock,
      random: () => 0,
      log,
      metrics: createMetrics('agent'),
      handOver: (credentials) => this.uplink.handOver(credentials),
    })
    this.uplink = new RunningUplink(hub, () => wallet.credentials, { clock, renewal })
    this.#running = renewal.run(this.#stop.signal)
  }

  /** When the certificate is due, epoch milliseconds. */
  get due(): number {
    return renewalDue(this.wallet.period, () => 0)
  }

  /** Lets time pass until the certificate is due, answering every heartbeat on `call`. */
  async pass(call: Call, until = this.due): Promise<void> {
    while (this.clock.now() < until) {
      this.clock.advance(Math.min(until - this.clock.now(), 14_000))
      if (this.clock.now() < until) await call.heard()
    }
  }

  /** What a good server answers to `request`. */
  async issue(request: string, to: Identity = AGENT): Promise<Buffer> {
    const { chain } = await this.#office.issueFor(to, request, { life: LIFE_MS })
    return Buffer.from(chain)
  }

  of(event: string) {
    return this.lines.filter((line) => line.event === event)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.uplink[Symbol.asyncDispose]()
    await this.#running
    await rm(this.folder, { recursive: true, force: true })
  }
}
