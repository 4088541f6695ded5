import { join } from 'node:path'
import { Office } from '@vedette/certs/office'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { type Clock, systemClock, type Timer } from '@vedette/shared/clock'
import { codeOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import { createMetrics, type Metrics } from '@vedette/shared/metrics'
import type { Readiness } from '@vedette/shared/metrics-pages'
import type { SelfTest } from '@vedette/shared/service/watchdog'
import { Alerts } from './alerts/alerts.ts'
import { announcer } from './alerts/announcing.ts'
import { RevocationLists } from './authority/lists.ts'
import { Registrar } from './authority/registrar.ts'
import { Watchfulness } from './cameras/watchfulness.ts'
import { Certificates } from './certificates.ts'
import type { ServerConfig } from './config.ts'
import { Desk } from './desk/desk.ts'
import { countAll, Stopwatches } from './figures.ts'
import { Enrolment } from './gallery/enrolment.ts'
import type { Galleries } from './gallery/galleries.ts'
import { Photos } from './gallery/photos.ts'
import { Deliveries } from './gate/deliveries.ts'
import { Gate } from './gate/gate.ts'
import { Papers } from './gate/papers.ts'
import { entryHealth } from './health/health.ts'
import { type Joining, openJoining } from './join/joining.ts'
import { NearMissLog } from './matching/near-miss-log.ts'
import { Rejections } from './matching/rejections.ts'
import { Strictness } from './matching/strictness.ts'
import { Geocoder } from './places/geocoder.ts'
import { Places } from './places/places.ts'
import { adopt } from './reload.ts'
import { serverSelfTests } from './self-test.ts'
import { Settings } from './settings.ts'
import { adviceFor } from './spaces/advice.ts'
import { SpaceChange } from './spaces/change.ts'
import { Comparison } from './spaces/comparison.ts'
import { openJudges } from './spaces/judge.ts'
import type { Judges } from './spaces/judges.ts'
import { Offer } from './spaces/offer.ts'
import { SpaceOpener } from './spaces/space-opener.ts'
import { Store } from './store/store.ts'
import { thresholdFor } from './thresholds/published.ts'

/** Of two strangers' pictures one in so many is as alike as what is called a stranger's. */
const STRANGER_RATE = 0.01

export type ServerOptions = {
  log: Log
  clock?: Clock
  metrics?: Metrics
  /** Uniform in [0, 1). */
  random?: () => number
}

/** How often the cameras that are here are counted as watched. */
const WATCH_MS = 60_000

type Parts = {
  certificates: Certificates
  joining: Joining
  gate: Gate
  deliveries: Deliveries
  watch: { stop(): void }
  watchfulness: Watchfulness
  desk: Desk
  galleries: Galleries
  photos: Photos
  change: SpaceChange
  comparison: Comparison
  alerts: Alerts
  judges: Judges
  nearMisses: NearMissLog
  places: Places
  store: Store
  settings: Settings
  opener: SpaceOpener
}

/** The hub: gate, gallery, alerts, store and desk. Started is serving; disposed is gone. */
export class Server {
  readonly #parts: Parts
  readonly #log: Log
  /** What it must be able to do at any time. */
  readonly selfTests: readonly SelfTest[]

  /** Throws Faults for what a person must mend before the server can run; then nothing is left. */
  static async start(config: ServerConfig, options: ServerOptions): Promise<Server> {
    const opened: AsyncDisposable[] = []
    try {
      return await Server.#open(config, options, (part) => {
        opened.unshift(part)
        return part
      })
    } catch (error) {
      for (const part of opened) await part[Symbol.asyncDispose]()
      throw error
    }
  }

  static async #open(
    config: ServerConfig,
    {
      log,
      clock = systemClock,
      metrics = createMetrics('server'),
      random = Math.random,
    }: ServerOptions,
    own: <T extends AsyncDisposable>(part: T) => T,
  ): Promise<Server> {
    const settings = new Settings(config)
    const office = await Office.open(config.home, clock)
    const lists = new RevocationLists({ office, clock, log, metrics })
    const { life } = config.certificates
    const { home } = config
    const certificates = own(
      await Certificates.open({ home, office, lists, life, clock, random, log }),
    )
    const { credentials } = office
    const place = { file: join(config.data, 'wanted.db'), keyFile: config.vaultKey }
    const store = own(await Store.open(place))
    const spaces = await store.spaces.open(DEFAULT_MODELS.embedder, clock.now())
    const stopwatches = new Stopwatches(metrics)
    const opener = new SpaceOpener(settings, store.entries, (s) => stopwatches.searched(s))
    const galleries = own(await opener.openAll(spaces, log))
    const photos = own(new Photos(config.models))
    const alerts = new Alerts({
      store: store.alerts,
      get cooldown() {
        return settings.match.cooldown
      },
      get trail() {
        return settings.match.trail
      },
      clock,
      log,
    })
    const rejections = await Rejections.open({
      store: store.rejections,
      alerts,
      clock,
      onRejected: (alert) => {
        if (!alert.late) judges.of(alert.space)?.thresholds.rejected(alert, alert.score)
        change.wake()
      },
    })
    const strictness = await Strictness.open(store.entries)
    const nearMisses = own(new NearMissLog(store.nearMisses, clock, log))
    const away = (agent: string) => !gate.connected.includes(agent)
    const kept = { store, nearMisses, clock, log }
    const judging = { ...kept, settings, alerts, away, rejections, strictness }
    const judges = own(await openJudges(galleries, judging))
    const comparison = new Comparison({
      spaces: store.spaces,
      galleries,
      bar: (space, place) => judges.of(space)?.thresholds.for(place).threshold,
      photos,
      clock,
      log,
    })
    await comparison.refresh()
    let offer = await Offer.of(await opener.find(galleries.active.space))
    const change = own(
      new SpaceChange({
        spaces: store.spaces,
        entries: store.entries,
        galleries,
        photos,
        opener,
        rejections,
        kept: spaces.filter(({ role }) => role === 'kept').map(({ id }) => id),
        clock,
        log,
        onChange: async () => {
          await judges.refresh()
          await comparison.refresh()
          offer = await Offer.of(await opener.find(galleries.active.space))
          gate.offerModel()
        },
      }),
    )
    const enrolment = new Enrolment({
      entries: store.entries,
      photos,
      galleries,
      onEnrolled: () => change.wake(),
      clock,
      log,
    })
    const deliveries = own(await Deliveries.open({ store: store.deliveries, clock, log, metrics }))
    const geocoder = Geocoder.of(config.geocode, clock)
    const places = own(new Places({ store: store.places, geocoder, clock, log }))
    places.findAll()
    let opened: Gate | undefined
    const watchfulness = await Watchfulness.open({
      canary: config.canary,
      ...{ store, galleries, photos, alerts, clock, log, metrics },
      gate: () => opened,
    })
    const gate = own(
      await Gate.open({
        ...config.gate,
        credentials,
        ledger: office,
        lengthOf: (space) => (change.speaks(space) ? galleries.of(space)?.length : undefined),
        offer: () => offer,
        deliveries,
        papers: new Papers({ office, agents: store.agents, life, clock, log, metrics }),
        clock,
        random,
        log,
        metrics,
        onProbe: async (probe) => {
          if (await watchfulness.canaries.take(probe)) return
          comparison.offer(probe)
          const began = performance.now()
          await judges.consider(probe)
          stopwatches.judged((performance.now() - began) / 1000)
        },
        onTrouble: (agent, trouble) => watchfulness.cameras.troubled(agent, trouble),
        known: await store.agents.addresses(),
        onGone: (name) => void store.agents.seen(name, clock.now()).catch(() => {}),
        onWelcome: async ({ name, serial, address, hello: { software, cameras, trust } }) => {
          const now = clock.now()
          const agent = { name, serial, software, cameras, trust: trust ?? null }
          await store.agents.welcomed(agent, now)
          await store.agents.cameFrom(name, address, now)
          await watchfulness.cameras.announced(name, cameras)
          await places.report(name, [])
        },
        onPlaces: (agent, cameras) => places.report(agent, cameras),
      }),
    )
    opened = gate
    const announce = announcer((alert) => {
      void store.entries.get(alert.entryId).then(
        ({ name }) => gate.announce(alert, name),
        () => {},
      )
    })
    alerts.listen(announce)
    alerts.listen(({ kind, alert }) => {
      const thresholds = judges.of(alert.space)?.thresholds
      if (kind === 'raised' && !alert.late) thresholds?.alerted(alert)
      if (kind === 'restored' && !alert.late) thresholds?.restored(alert, alert.score)
    })
    const takeIn = () => certificates.refresh()
    const registrar = new Registrar({ office, refresh: takeIn, life, clock, log })
    const joining = await openJoining({
      ...config.join,
      store: store.invitations,
      office,
      life,
      refresh: takeIn,
      gatePort: () => gate.port,
      clock,
      log,
    })
    own(joining.door)
    const connected = () => gate.connected
    const spoken = () => gate.spoken
    const levels = () => ({
      stranger: thresholdFor(
        galleries.calibrationOf(galleries.active.space).points,
        1,
        STRANGER_RATE,
      ),
      threshold: judges.active.thresholds.usual,
    })
    const health = () => entryHealth({ store, gallery: galleries.active, levels })
    const desk = await Desk.open({
      ...config.desk,
      credentials,
      ledger: office,
      store,
      alerts,
      enrolment,
      change,
      galleries,
      rejections,
      strictness,
      places,
      health,
      thresholds: () => judges.active.thresholds,
      connected,
      spoken,
      watchfulness,
      lost: (agent) => deliveries.lostOf(agent),
      registrar,
      joining,
      office,
      takeIn,
      clock,
      log,
    })
    watchfulness.start()
    certificates.start([gate, desk, joining.door], () => gate.tellPapers())
    const chain = () => office.credentials.chain
    countAll(metrics, { galleries, alerts, store: store.alerts, here: gate, chain })
    const watch = every(WATCH_MS, clock, () => judges.watching(gate.cameras, gate.spoken, WATCH_MS))
    const { space, entries, templates } = galleries.active
    const { budget: usual, measured } = judges.active.thresholds
    const list = { space, entries, templates, budget: usual, measured }
    log.info({ gate: gate.port, desk: desk.port, ...list }, 'server.ready')
    const advice = adviceFor(list)
    if (advice !== undefined) log.warn({ ...advice, entries }, 'server.advice')
    const seeing = { galleries, photos, change, comparison, watchfulness, places }
    const serving = { certificates, joining, gate, deliveries, watch, desk }
    const parts = { ...serving, ...seeing, alerts, judges, nearMisses, store }
    return new Server({ ...parts, settings, opener }, log, clock)
  }

  private constructor(parts: Parts, log: Log, clock: Clock) {
    this.#parts = parts
    this.#log = log
    this.selfTests = serverSelfTests({ ...parts, clock })
  }

  get gatePort(): number {
    return this.#parts.gate.port
  }

  get deskPort(): number {
    return this.#parts.desk.port
  }

  /** Well is: there is a gate, and the database answers. */
  async readiness(): Promise<Readiness> {
    const { gate, store } = this.#parts
    if (!gate.open) return { ready: false, why: 'stopping' }
    try {
      await store.answers()
      return { ready: true, why: `serving ${gate.connected.length} agents` }
    } catch (error) {
      return { ready: false, why: `the database does not answer: ${codeOf(error)}` }
    }
  }

  /** One line for whoever looks. */
  get status(): string {
    const { gate, galleries } = this.#parts
    return `serving ${gate.connected.length} agents, ${galleries.active.entries} entries`
  }

  /**
   * Takes over `next` and whatever certificates lie below home now, or throws ConfigFault and has
   * changed nothing.
   */
  async reload(next: ServerConfig): Promise<void> {
    await adopt(next, this.#parts)
    this.#log.level = next.log
  }

  /** Lets nobody in any more, finishes what was accepted, and closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { certificates, joining, gate, deliveries, watch, desk } = this.#parts
    const { galleries, photos, change, comparison, watchfulness } = this.#parts
    const { alerts, judges, nearMisses, places, store } = this.#parts
    watch.stop()
    watchfulness.stop()
    alerts.stop()
    await certificates[Symbol.asyncDispose]()
    await joining.door[Symbol.asyncDispose]()
    await gate[Symbol.asyncDispose]()
    await deliveries[Symbol.asyncDispose]()
    await places[Symbol.asyncDispose]()
    judges.stop()
    await nearMisses[Symbol.asyncDispose]()
    await desk[Symbol.asyncDispose]()
    await change[Symbol.asyncDispose]()
    await comparison.settled()
    await Promise.all([galleries[Symbol.asyncDispose](), photos[Symbol.asyncDispose]()])
    await judges[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
    this.#log.info('server.stop')
  }
}

/** Calls `fn` every `ms` until stopped. */
function every(ms: number, clock: Clock, fn: () => void): { stop(): void } {
  const ring = (): Timer =>
    clock.after(ms, () => {
      timer = ring()
      fn()
    })
  let timer = ring()
  return { stop: () => timer.cancel() }
}
