import type { Models } from '@vedette/models/models'
import { type Clock, systemClock } from '@vedette/shared/clock'
import { liveChanges } from '@vedette/shared/config-changes'
import type { Log } from '@vedette/shared/log'
import type { AlertNotice } from '@vedette/shared/message'
import { createMetrics, type Metrics } from '@vedette/shared/metrics'
import type { Readiness } from '@vedette/shared/metrics-pages'
import type { SelfTest } from '@vedette/shared/service/watchdog'
import { aboutAgent, placesOf } from './about.ts'
import { Cameras } from './camera/cameras.ts'
import type { AgentConfig } from './config.ts'
import { FaresBook } from './fares.ts'
import { Figures } from './figures.ts'
import { Renewal } from './identity/renewal.ts'
import { Wallet } from './identity/wallet.ts'
import { LiveFigures } from './live/figures.ts'
import { Live } from './live/live.ts'
import type { LookoutCounts } from './lookout/lookout.ts'
import { COARSE_INPUT } from './lookout/sweep.ts'
import { Embedders } from './model/embedders.ts'
import { ModelFetch } from './model/fetch.ts'
import { openSpoken } from './model/spoken.ts'
import { Outbox } from './outbox/outbox.ts'
import { outboxTest, seeingTest } from './self-test.ts'
import { FfmpegProgram } from './sources/ffmpeg-program.ts'
import type { UplinkState } from './uplink/state.ts'
import { Uplink } from './uplink/uplink.ts'

/** What a running agent takes over from agent.yaml. */
const RELOADED = ['cameras', 'announce', 'live', 'log']

export type AgentOptions = {
  log: Log
  clock?: Clock
  metrics?: Metrics
  random?: () => number
  onAlert?: (notice: AlertNotice) => void
}

/** One process, several cameras, one uplink. Constructed is running; disposed is gone. */
export class Agent {
  readonly #log: Log
  readonly #stop = new AbortController()
  readonly #outbox: Outbox
  readonly #models: Models
  readonly #embedders: Embedders
  readonly #cameras: Cameras
  readonly #uplink: Uplink
  readonly #running: Promise<unknown>
  #config: AgentConfig
  /** What it must be able to do at any time. */
  readonly selfTests: readonly SelfTest[]

  /** Throws Faults for what a person must mend: credentials, model files, missing ffmpeg. */
  static async start(config: AgentConfig, options: AgentOptions): Promise<Agent> {
    const wallet = await Wallet.open(config.credentials)
    const models = await openSpoken(config.models, options.log)
    await models.warm(640, 360, [COARSE_INPUT, 416, 1280])
    const { log, clock = systemClock, metrics = createMetrics('agent') } = options
    const { state: folder, outbox: limits, outboxKey: keyFile } = config
    const outbox = Outbox.open({ folder, limits, keyFile, clock, log, metrics })
    return new Agent(config, { models, wallet, outbox }, { ...options, metrics })
  }

  private constructor(
    config: AgentConfig,
    { models, wallet, outbox }: { models: Models; wallet: Wallet; outbox: Outbox },
    options: AgentOptions & { metrics: Metrics },
  ) {
    const { log, metrics, clock = systemClock, random = Math.random, onAlert } = options
    this.#log = log
    this.#config = config
    this.#models = models
    this.#outbox = outbox
    this.selfTests = [seeingTest(models), outboxTest(outbox)]
    this.#embedders = new Embedders(models, { config: config.models, clock, log })
    const ffmpeg = new FfmpegProgram(config.ffmpeg, log)
    const figures = new Figures(metrics, {
      clock,
      counts: () => this.#cameras.counts,
      uplink: () => this.#uplink.state,
      chain: () => wallet.credentials.chain,
      detector: config.models.detector,
    })
    const named = Object.keys(config.cameras)
    log.info({ cameras: named, runtime: models.description }, 'agent.start')
    const common = { clock, random, log }
    const renewal = new Renewal({
      ...common,
      wallet,
      metrics,
      handOver: (credentials) => this.#uplink.handOver(credentials),
    })
    const live: Live = new Live({
      mode: () => this.#config.live,
      standing: (camera) => this.#cameras.standing(camera),
      waiting: () => outbox.size,
      figures: new LiveFigures(metrics, () => live.cameras.length),
      clock,
      log,
    })
    this.#uplink = new Uplink({
      ...common,
      server: config.server,
      get credentials() {
        return wallet.credentials
      },
      renewal,
      outbox,
      hello: aboutAgent({
        models,
        outbox,
        wallet,
        cameras: () => this.#cameras.announced,
        announce: () => this.#config.announce,
        live: () => this.#config.live,
      }),
      places: () => placesOf(this.#config.cameras),
      fares: new FaresBook({ clock, counts: () => this.#cameras.counts, outbox }),
      models: new ModelFetch({
        ...common,
        folder: config.models.folder,
        onReady: async ({ id }) => {
          if (await this.#embedders.speak(id)) this.#uplink.redial()
        },
      }),
      ...(onAlert && { onAlert }),
      live,
      onCanary: (canary) => this.#cameras.ask(canary),
    })
    const around = { ...common, models, ffmpeg, outbox, figures, live }
    this.#cameras = new Cameras(config.cameras, around)
    const { signal } = this.#stop
    this.#running = Promise.all([this.#uplink.run(signal), renewal.run(signal)])
  }

  /** Resolves when every camera's source has been seen whole; most never are. */
  get watched(): Promise<unknown> {
    return this.#cameras.ended
  }

  /** How the agent does, for reports. */
  status(): {
    uplink: UplinkState
    /** The embedding space that questions are asked in. */
    space: string
    waiting: number
    dropped: number
    cameras: Record<string, LookoutCounts>
  } {
    return {
      uplink: this.#uplink.state,
      space: this.#models.space,
      waiting: this.#outbox.size,
      dropped: this.#outbox.dropped,
      cameras: this.#cameras.counts,
    }
  }

  /** Well is: the server hears us, and there is something to see. */
  readiness(): Readiness {
    const { state } = this.#uplink
    const { open, size } = this.#cameras
    const why = `uplink ${state}, ${open} of ${size} cameras give pictures`
    return { ready: state === 'open' && open > 0, why }
  }

  /**
   * Takes over `next`: cameras that are as they were go on undisturbed. Throws ConfigFault
   * `config.fixed` where it asks for more than can change now, and has changed nothing then.
   */
  async reload(next: AgentConfig): Promise<void> {
    const changed = liveChanges(this.#config, next, RELOADED)
    this.#config = next
    this.#log.level = next.log
    await this.#cameras.adopt(next)
    if (changed.some((path) => path !== 'log')) this.#uplink.redial()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await Promise.all([this.#cameras[Symbol.asyncDispose](), this.#running])
    await this.#embedders[Symbol.asyncDispose]()
    await this.#outbox[Symbol.asyncDispose]()
    this.#log.info({ waiting: this.#outbox.size }, 'agent.stop')
  }
}
