import { basename, join } from 'node:path'
import { Renewal } from '@vedette/agent/identity/renewal'
import { Wallet } from '@vedette/agent/identity/wallet'
import { Outbox } from '@vedette/agent/outbox/outbox'
import { Uplink } from '@vedette/agent/uplink/uplink'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { systemClock } from '@vedette/shared/clock'
import { createLog } from '@vedette/shared/log'
import { createMetrics } from '@vedette/shared/metrics'

export type LightAgentOptions = {
  /** Its credentials; what it has not delivered lies below it, too. */
  folder: string
  port: number
  random?: () => number
}

/** An agent without cameras: the uplink, the renewal and the wallet of a real one. */
export class LightAgent {
  readonly name: string
  readonly wallet: Wallet
  readonly #uplink: Uplink
  readonly #outbox: Outbox
  readonly #stop = new AbortController()
  readonly #running: Promise<unknown>
  #welcomes = 0
  #trouble: string | undefined

  static async start(options: LightAgentOptions): Promise<LightAgent> {
    return new LightAgent(await Wallet.open(options.folder), options)
  }

  private constructor(wallet: Wallet, options: LightAgentOptions) {
    const { folder, port, random = Math.random } = options
    const log = createLog('agent', 'info', {
      write: (line) => {
        const { event, code } = JSON.parse(line) as { event: string; code?: string }
        if (event === 'uplink.open') this.#welcomes++
        if (event === 'uplink.closed') this.#trouble = code
      },
    })
    this.wallet = wallet
    this.name = basename(folder)
    const common = { clock: systemClock, random, log }
    const metrics = createMetrics('agent')
    const limits = { size: 2 ** 20, age: 60_000 }
    this.#outbox = Outbox.open({ folder: join(folder, 'state'), limits, metrics, ...common })
    const renewal = new Renewal({
      wallet,
      metrics,
      ...common,
      handOver: (credentials) => this.#uplink.handOver(credentials),
    })
    const { stream, first } = this.#outbox
    this.#uplink = new Uplink({
      ...common,
      server: { host: '127.0.0.1', port },
      get credentials() {
        return wallet.credentials
      },
      hello: {
        software: 'vedette/bench',
        model: DEFAULT_MODELS.embedder,
        cameras: ['north'],
        announce: false,
        outbox: { stream, first },
        get trust() {
          return wallet.trust
        },
      },
      outbox: this.#outbox,
      renewal,
    })
    const { signal } = this.#stop
    this.#running = Promise.all([this.#uplink.run(signal), renewal.run(signal)])
  }

  get welcome(): boolean {
    return this.#uplink.state === 'open'
  }

  /** The code of what ended its last connection. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** How often it was welcome. */
  get welcomes(): number {
    return this.#welcomes
  }

  /** Ends the connection and dials again. */
  redial(): void {
    this.#uplink.redial()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
    await this.#outbox[Symbol.asyncDispose]()
  }
}
