import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Renewal } from '@vedette/agent/identity/renewal'
import { Wallet } from '@vedette/agent/identity/wallet'
import { matchOf } from '@vedette/agent/lookout/lookout'
import { Outbox } from '@vedette/agent/outbox/outbox'
import { Uplink } from '@vedette/agent/uplink/uplink'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { systemClock } from '@vedette/shared/clock'
import { normalise } from '@vedette/shared/embedding'
import { createLog } from '@vedette/shared/log'
import { createMetrics } from '@vedette/shared/metrics'
import { SOFTWARE } from '@vedette/shared/software'

const CAMERA = 'bench'
const OUTBOX = { size: 16_000_000, age: 3_600_000 }

export type RenewingOptions = {
  /** A credentials folder; the outbox lies in it, too. */
  folder: string
  port: number
  random: () => number
  /** JPEG that goes with every question. */
  chip: Uint8Array
}

/** What became of one agent. Instants are epoch milliseconds, times milliseconds. */
export type AgentReport = {
  asked: number
  answered: number
  /** From a question to its acknowledgement. */
  taken: number[]
  /** When its certificate was renewed. */
  renewed: number[]
  /** Codes of everything that did not go as it should. */
  trouble: string[]
}

/** All of an agent but its eyes: wallet, renewal, outbox and uplink, and questions of no meaning. */
export class RenewingAgent {
  readonly #stop = new AbortController()
  readonly #outbox: Outbox
  readonly #running: Promise<unknown>
  readonly #random: () => number
  readonly #chip: Uint8Array
  /** When those that are not answered were asked. */
  readonly #waiting: number[] = []
  readonly report: AgentReport = { asked: 0, answered: 0, taken: [], renewed: [], trouble: [] }

  static async start(options: RenewingOptions): Promise<RenewingAgent> {
    const state = join(options.folder, 'state')
    await mkdir(state, { recursive: true })
    return new RenewingAgent(await Wallet.open(options.folder), state, options)
  }

  private constructor(wallet: Wallet, state: string, options: RenewingOptions) {
    const { port, random, chip } = options
    this.#random = random
    this.#chip = chip
    const metrics = createMetrics('agent')
    const clock = systemClock
    const log = createLog('agent', 'info', { write: (line) => this.#heed(line) })
    const outbox = Outbox.open({ folder: state, limits: OUTBOX, clock, log, metrics })
    this.#outbox = outbox
    const settle = outbox.settle.bind(outbox)
    outbox.settle = (seq) => {
      const askedAt = this.#waiting.shift()
      if (askedAt !== undefined) this.report.taken.push(clock.now() - askedAt)
      this.report.answered++
      settle(seq)
    }
    const renewal = new Renewal({
      wallet,
      clock,
      random,
      log,
      metrics,
      handOver: (credentials) => uplink.handOver(credentials),
    })
    const uplink = new Uplink({
      server: { host: '127.0.0.1', port },
      get credentials() {
        return wallet.credentials
      },
      renewal,
      hello: {
        software: SOFTWARE,
        model: DEFAULT_MODELS.embedder,
        cameras: [CAMERA],
        announce: false,
        get outbox() {
          return { stream: outbox.stream, first: outbox.first }
        },
        get trust() {
          return wallet.trust
        },
      },
      outbox,
      log,
      clock,
      random,
    })
    const { signal } = this.#stop
    this.#running = Promise.all([uplink.run(signal), renewal.run(signal)])
  }

  /** Asks about a face that nobody has. */
  ask(): void {
    this.#waiting.push(systemClock.now())
    const probe = normalise(Float32Array.from({ length: 128 }, () => this.#random() - 0.5))
    this.#outbox.add(
      matchOf({
        camera: CAMERA,
        track: `walk-${this.report.asked++}`,
        shot: 0,
        capturedAt: systemClock.now(),
        space: DEFAULT_MODELS.embedder,
        probe,
        box: [10, 10, 80, 80],
        quality: 0.9,
        picture: this.#chip,
      }),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
    await this.#outbox[Symbol.asyncDispose]()
  }

  #heed(line: string): void {
    const { event, level, code } = JSON.parse(line) as Record<'event' | 'level' | 'code', string>
    if (event === 'certificate.renewed') this.report.renewed.push(systemClock.now())
    else if (level !== 'info') this.report.trouble.push(`${event} ${code}`)
  }
}
