import { type Models, type OpenEmbedder, openEmbedder } from '@vedette/models/models'
import { type Clock, systemClock } from '@vedette/shared/clock'
import { liveChanges } from '@vedette/shared/config-changes'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { AlertNotice } from '@vedette/shared/message'
import { createMetrics, type Metrics } from '@vedette/shared/metrics'
import type { Readiness } from '@vedette/shared/metrics-pages'
import type { SelfTest } from '@vedette/shared/service/watchdog'
import { SOFTWARE } from '@vedette/shared/software'
import { v7 as newId } from 'uuid'
import { Canaries } from './camera/canary.ts'
import { watch } from './camera/watch.ts'
import { Watches } from './camera/watches.ts'
import { type AgentConfig, type CameraConfig, MOST_CAMERAS } from './config.ts'
import { Figures } from './figures.ts'
import type { Frame, Source } from './frame.ts'
import { CameraHealth } from './health/health.ts'
import { Renewal } from './identity/renewal.ts'
import { Wallet } from './identity/wallet.ts'
import { Lookout, type LookoutCounts, matchOf } from './lookout/lookout.ts'
import { COARSE_INPUT } from './lookout/sweep.ts'
import { ModelFetch } from './model-fetch.ts'
import { Outbox } from './outbox/outbox.ts'
import { outboxTest, seeingTest } from './self-test.ts'
import { FfmpegProgram } from './sources/ffmpeg-program.ts'
import { openSource } from './sources/open.ts'
import { openSpoken, rememberSpoken } from './spoken.ts'
import type { UplinkState } from './uplink/state.ts'
import { Uplink } from './uplink/uplink.ts'

/** No frame is looked at for longer, milliseconds. */
const RETIRE_MS = 10_000
/** What a running agent takes over from agent.yaml. */
const LIVE = ['cameras', 'announce', 'log']

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
  readonly #clock: Clock
  readonly #random: () => number
  readonly #stop = new AbortController()
  readonly #outbox: Outbox
  readonly #models: Models
  readonly #canaries: Canaries
  readonly #uplink: Uplink
  readonly #ffmpeg: FfmpegProgram
  readonly #figures: Figures
  /** Cameras that give pictures. */
  readonly #seeing = new Set<string>()
  readonly #seen = new Map<string, { lookout: Lookout; log: Log }>()
  /** Embedders that another has replaced, and that may still be at work. */
  readonly #retired = new Set<OpenEmbedder>()
  readonly #running: Promise<unknown>
  readonly #watches: Watches
  /** No longer watched, though questions of theirs may still wait to be sent. */
  #gone: string[] = []
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
    this.#log = options.log
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? Math.random
    this.#models = models
    this.#canaries = new Canaries(models, () => this.#clock.now())
    this.#outbox = outbox
    this.#config = config
    this.selfTests = [seeingTest(models), outboxTest(outbox)]
    const announced = () => this.#announced
    const settings = () => this.#config
    const { metrics } = options
    this.#ffmpeg = new FfmpegProgram(config.ffmpeg, this.#log)
    this.#figures = new Figures(metrics, {
      clock: this.#clock,
      counts: () => this.status().cameras,
      uplink: () => this.#uplink.state,
      chain: () => wallet.credentials.chain,
      detector: config.models.detector,
    })
    const cameras = Object.keys(config.cameras)
    this.#log.info({ cameras, runtime: models.description }, 'agent.start')
    const fetch = new ModelFetch({
      folder: config.models.folder,
      clock: this.#clock,
      log: this.#log,
      onReady: ({ id }) => this.#speak(id, config.models),
    })
    const renewal = new Renewal({
      wallet,
      clock: this.#clock,
      random: this.#random,
      log: this.#log,
      metrics,
      handOver: (credentials) => this.#uplink.handOver(credentials),
    })
    this.#uplink = new Uplink({
      server: config.server,
      get credentials() {
        return wallet.credentials
      },
      renewal,
      hello: {
        software: SOFTWARE,
        get model() {
          return models.space
        },
        get cameras() {
          return announced()
        },
        get announce() {
          return settings().announce
        },
        canary: true,
        get outbox() {
          return { stream: outbox.stream, first: outbox.first }
        },
        get trust() {
          return wallet.trust
        },
      },
      places: () =>
        Object.entries(this.#config.cameras).flatMap(([camera, { place }]) =>
          place === undefined ? [] : [{ camera, ...place }],
        ),
      models: fetch,
      outbox,
      log: this.#log,
      metrics,
      clock: this.#clock,
      random: this.#random,
      ...(options.onAlert && { onAlert: options.onAlert }),
      onCanary: (canary) => this.#canaries.ask(canary),
    })
    const { signal } = this.#stop
    this.#watches = new Watches(
      (name, camera, until) => this.#watch(name, camera, until),
      config.cameras,
    )
    this.#running = Promise.all([this.#uplink.run(signal), renewal.run(signal)])
  }

  /** Resolves when every camera's source has been seen whole; most never are. */
  get watched(): Promise<unknown> {
    return this.#watches.ended
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
      cameras: Object.fromEntries(
        [...this.#seen].map(([name, { lookout }]) => [name, lookout.counts]),
      ),
    }
  }

  /** Well is: the server hears us, and there is something to see. */
  readiness(): Readiness {
    const { state } = this.#uplink
    const [open, all] = [this.#seeing.size, this.#seen.size]
    const why = `uplink ${state}, ${open} of ${all} cameras give pictures`
    return { ready: state === 'open' && open > 0, why }
  }

  /**
   * Takes over `next`: cameras that are as they were go on undisturbed. Throws ConfigFault
   * `config.fixed` where it asks for more than can change now, and has changed nothing then.
   */
  async reload(next: AgentConfig): Promise<void> {
    const changed = liveChanges(this.#config, next, LIVE)
    this.#config = next
    this.#log.level = next.log
    for (const { log } of this.#seen.values()) log.level = next.log
    const gone = await this.#watches.adopt(next.cameras)
    for (const name of gone) this.#seen.delete(name)
    this.#gone = [...this.#gone, ...gone].filter((name) => next.cameras[name] === undefined)
    if (changed.some((path) => path !== 'log')) this.#uplink.redial()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await Promise.all([this.#watches[Symbol.asyncDispose](), this.#running])
    const open = [this.#models, ...this.#retired]
    this.#retired.clear()
    await Promise.all(open.map((part) => part[Symbol.asyncDispose]()))
    await this.#outbox[Symbol.asyncDispose]()
    this.#log.info({ waiting: this.#outbox.size }, 'agent.stop')
  }

  /** What the server is told: a question about a camera that it was not told of is refused. */
  get #announced(): string[] {
    return [...this.#watches.names, ...(this.#outbox.size > 0 ? this.#gone : [])].slice(
      0,
      MOST_CAMERAS,
    )
  }

  /** Embeds with model `id` from now on, and tells the server so. */
  async #speak(id: string, config: AgentConfig['models']): Promise<void> {
    if (id === this.#models.space) return
    const embedder = await openEmbedder(id, config)
    await rememberSpoken(config.folder, id)
    const before = this.#models.adopt(embedder)
    this.#log.info({ from: before.space, to: id }, 'model.spoken')
    this.#retire(before)
    this.#uplink.redial()
  }

  /** Closes an embedder when no frame that it was begun with is under way any more. */
  #retire(embedder: OpenEmbedder): void {
    this.#retired.add(embedder)
    this.#clock.after(RETIRE_MS, () => {
      if (this.#retired.delete(embedder)) void embedder[Symbol.asyncDispose]()
    })
  }

  async #watch(name: string, config: CameraConfig, signal: AbortSignal): Promise<void> {
    const log = this.#log.child({ camera: name })
    const lookout = new Lookout(name, config, this.#models, newId, (seconds) =>
      this.#figures.detected(seconds),
    )
    this.#seen.set(name, { lookout, log })
    const source = openSource(config, { log, clock: this.#clock, ffmpeg: this.#ffmpeg })
    const health = this.#healthOf(name, config, source, log)
    const frames = watch(source, signal, {
      clock: this.#clock,
      random: this.#random,
      onOpen: ({ picture: { width, height } }) => {
        this.#seeing.add(name)
        this.#figures.opened(name)
        log.info({ width, height }, 'camera.open')
      },
      onFault: (error, wait) => {
        const code = error === undefined ? 'camera.ended' : codeOf(error)
        const message = messageOf(error ?? 'ended')
        this.#seeing.delete(name)
        this.#figures.lost(name, code)
        log.warn({ code, message, retryIn: Math.round(wait) }, 'camera.lost')
      },
      onSkip: () => lookout.counts.skipped++,
    })
    try {
      for await (const frame of frames) {
        health.see(frame)
        await this.#see(name, frame, { lookout, config, log })
      }
      log.info({ ...lookout.counts }, 'camera.end')
    } catch (error) {
      log.error({ code: codeOf(error), message: messageOf(error) }, 'camera.failed')
    } finally {
      this.#seeing.delete(name)
      this.#figures.ended(name)
      await health.stop()
    }
  }

  /** Asks about everybody on `frame`; then has it show the test face, where the server wants that. */
  async #see(
    name: string,
    frame: Frame,
    around: { lookout: Lookout; config: CameraConfig; log: Log },
  ): Promise<void> {
    try {
      for (const question of await around.lookout.look(frame)) this.#outbox.add(matchOf(question))
      const shown = await this.#canaries.show(name, frame, around)
      for (const question of shown) this.#outbox.add(matchOf(question))
    } catch (error) {
      around.log.error({ code: codeOf(error), message: messageOf(error) }, 'frame.failed')
    }
  }

  /** What has an end is a recording, and no camera that could be covered. */
  #healthOf(
    name: string,
    { health }: CameraConfig,
    { patient, finite }: Source,
    log: Log,
  ): CameraHealth {
    return new CameraHealth({
      ...health,
      enabled: health.enabled && !finite,
      clock: this.#clock,
      patient,
      report: (trouble) => {
        const { kind, since, over } = trouble
        log.info({ kind, since, over }, 'camera.trouble')
        this.#outbox.add({ type: 'trouble', camera: name, ...trouble })
      },
    })
  }
}
