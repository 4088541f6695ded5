import { type Clock, systemClock } from '@vedette/shared/clock'
import { examine } from '@vedette/shared/doctor/findings'
import { codeOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import { createMetrics, type Metrics } from '@vedette/shared/metrics'
import type { Readiness } from '@vedette/shared/metrics-pages'
import type { SelfTest } from '@vedette/shared/service/watchdog'
import { announcer } from './alerts/announcing.ts'
import { Escalation } from './alerts/escalation.ts'
import { Witness } from './audit/witness.ts'
import { Watchfulness } from './cameras/watchfulness.ts'
import { Channels } from './channels/channels.ts'
import { closeAll, type Parts } from './closing.ts'
import type { ServerConfig } from './config.ts'
import { readShown } from './desk/console-certificate.ts'
import { Desk } from './desk/desk.ts'
import { checksFromWithin } from './doctor/checks.ts'
import { countAll, Stopwatches } from './figures.ts'
import { pacing } from './gallery/pacing.ts'
import { Deliveries } from './gate/deliveries.ts'
import { Gate } from './gate/gate.ts'
import { Papers } from './gate/papers.ts'
import { openGround } from './ground.ts'
import { entryHealth } from './health/health.ts'
import { openJoining } from './join/joining.ts'
import { Lists } from './lists/lists.ts'
import { LiveFigures } from './live/figures.ts'
import { Live } from './live/live.ts'
import { type Own, opening } from './opening.ts'
import { countPast } from './past/figures.ts'
import { Geocoder } from './places/geocoder.ts'
import { Places } from './places/places.ts'
import { announce, receive } from './reception.ts'
import { Sweeper } from './retention/sweeper.ts'
import { adopt } from './service/reload.ts'
import { serverSelfTests } from './service/self-test.ts'
import { Settings } from './settings.ts'
import { adviceFor } from './spaces/advice.ts'
import { levelsOf } from './spaces/levels.ts'
import { openRecognition } from './spaces/recognition.ts'
import { countWatched } from './spaces/watched.ts'
import type { KeyMeans } from './vault/key-source.ts'

export type ServerOptions = {
  log: Log
  clock?: Clock
  metrics?: Metrics
  /** Uniform in [0, 1). */
  random?: () => number
  /** How the vault's key is had, where it lies in no plain file. */
  keyMeans?: KeyMeans
  /** Why the record is to be accepted although it is not what was signed of it. */
  acceptRollback?: string | undefined
}

/** The hub: gate, gallery, alerts, store and desk. Started is serving; disposed is gone. */
export class Server {
  readonly #parts: Parts
  readonly #log: Log
  /** What it must be able to do at any time. */
  readonly selfTests: readonly SelfTest[]

  /** Throws Faults for what a person must mend before the server can run; then nothing is left. */
  static start(config: ServerConfig, options: ServerOptions): Promise<Server> {
    return opening((own) => Server.#open(config, options, own))
  }

  static async #open(
    config: ServerConfig,
    {
      log,
      clock = systemClock,
      metrics = createMetrics('server'),
      random = Math.random,
      acceptRollback,
      keyMeans,
    }: ServerOptions,
    own: Own,
  ): Promise<Server> {
    const settings = new Settings(config)
    const { life } = config.certificates
    const ground = await openGround(config, {
      ...{ accept: acceptRollback, keyMeans, clock, random, log, metrics },
      own,
    })
    const { authority, certificates, kept, store, audit, staff, keeping } = ground
    const { office, takeIn } = authority
    let opened: Gate | undefined
    const lists = await Lists.open({ store: store.lists, clock, log })
    const recognition = await openRecognition(
      {
        settings,
        store,
        lists,
        stopwatches: new Stopwatches(metrics),
        away: (agent) => !opened?.sessions.connected.includes(agent),
        asker: (agent) => opened?.sessions.asker(agent),
        onOffer: () => opened?.sessions.offerModel(),
        clock,
        log,
      },
      own,
    )
    const { galleries, photos, alerts, judges, past } = recognition
    keeping.forgets(async (entry) => {
      await galleries.remove(entry)
      recognition.rejections.forget(entry)
    })
    lists.listen(() => past.policyChanged())
    const space = () => galleries.active.space
    const witness = own(await Witness.open({ store, office, space, clock, log }))
    const { presences } = witness
    const deliveries = own(await Deliveries.open({ store: store.deliveries, clock, log, metrics }))
    const geocoder = Geocoder.of(config.geocode, clock)
    const places = own(
      new Places({ store: store.places, plans: store.plans, geocoder, clock, log }),
    )
    places.findAll()
    const watchfulness = await Watchfulness.open({
      canary: config.canary,
      ...{ store, galleries, photos, alerts, clock, log, metrics },
      sessions: () => opened?.sessions,
    })
    const live: Live = new Live({
      viewing: (place) => opened?.sessions.viewing(place) ?? 'away',
      ask: (agent, message) => opened?.sessions.watch(agent, message),
      figures: new LiveFigures(metrics, {
        viewers: () => live.viewers,
        cameras: () => live.cameras.length,
      }),
      ...{ clock, log },
    })
    const gate = own(
      await Gate.open({
        ...config.gate,
        credentials: office.credentials,
        ledger: office,
        lengthOf: recognition.lengthOf,
        offer: recognition.offer,
        deliveries,
        papers: new Papers({ office, agents: store.agents, life, clock, log, metrics }),
        known: await store.agents.addresses(),
        ...receive({ recognition, watchfulness, places, live, store, presences, clock }),
        ...{ clock, random, log, metrics },
      }),
    )
    opened = gate
    alerts.listenToWalks((walk) => live.walked(walk))
    alerts.listen(announcer((alert) => announce(alert, store.entries, gate.sessions)))
    const escalation = own(new Escalation({ store: store.decisions, alerts, clock, log }))
    const joining = await openJoining({
      ...config.join,
      store: store.invitations,
      ...{ office, life, refresh: takeIn, gatePort: () => gate.port, clock, log },
    })
    own(joining.door)
    const channels = own(
      await Channels.open({
        ...{ store, alerts, lists, clock, random, log, metrics },
        cameras: watchfulness.cameras,
        operators: staff.operators,
        config: config.channels,
      }),
    )
    const levels = () => levelsOf(galleries, judges)
    const desk = await Desk.open({
      ...config.desk,
      console: config.console,
      secondFactor: config.console.secondFactor,
      tiles: config.console.map.tiles,
      shown: await readShown(config.console),
      credentials: office.credentials,
      ledger: office,
      ...recognition,
      ...authority,
      ...staff,
      periods: config.retention,
      ...pacing({ settings, store, operators: staff.operators, clock, metrics }),
      thresholds: () => judges.active.thresholds,
      health: () => entryHealth({ store, gallery: galleries.active, levels }),
      doctor: () => examine(checksFromWithin(config, galleries.active, clock.now())),
      connected: () => gate.sessions.connected,
      spoken: () => gate.sessions.spoken,
      lost: (agent) => deliveries.lostOf(agent),
      live,
      liveReason: () => settings.live.reason,
      ...{ store, keeping, lists, audit, places, watchfulness, joining, channels, clock, log },
    })
    const sweeper = own(
      new Sweeper({
        ...{ store, audit, periods: config.retention, clock, log },
        onAlertsDropped: () => recognition.rejections.refresh(),
      }),
    )
    sweeper.start()
    watchfulness.start()
    recognition.expiry.start()
    await past.start(watchfulness.cameras)
    countPast(metrics, past)
    certificates.start([gate, desk, joining.door], () => gate.sessions.tellPapers())
    const chain = () => office.credentials.chain
    countAll(metrics, { galleries, alerts, store: store.alerts, here: gate.sessions, chain })
    const watch = countWatched(judges, recognition.usage, gate.sessions, clock)
    const { entries, templates } = galleries.active
    const { budget, measured } = judges.active.thresholds
    const list = { space: space(), entries, templates, budget, measured }
    const ports = { gate: gate.port, desk: desk.port }
    log.info({ ...ports, console: desk.consoleAddress, ...list }, 'server.ready')
    const advice = adviceFor(list)
    if (advice !== undefined) log.warn({ ...advice, entries }, 'server.advice')
    const parts: Parts = {
      ...{ settings, certificates, kept, store, audit, staff, keeping },
      ...recognition,
      ...{ witness, sweeper, escalation, deliveries, places, watchfulness },
      ...{ gate, joining, channels, desk, watch },
    }
    await audit.started({ ...list, ...(await witness.started(config)) })
    return new Server(parts, log, clock)
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

  get consolePort(): number {
    return this.#parts.desk.consolePort
  }

  /** Well is: there is a gate, and the database answers. */
  async readiness(): Promise<Readiness> {
    const { gate, store } = this.#parts
    if (!gate.open) return { ready: false, why: 'stopping' }
    try {
      await store.answers()
      return { ready: true, why: `serving ${gate.sessions.connected.length} agents` }
    } catch (error) {
      return { ready: false, why: `the database does not answer: ${codeOf(error)}` }
    }
  }

  /** One line for whoever looks. */
  get status(): string {
    const { gate, galleries } = this.#parts
    return `serving ${gate.sessions.connected.length} agents, ${galleries.active.entries} entries`
  }

  /**
   * Takes over `next` and whatever certificates lie below home now, or throws ConfigFault and has
   * changed nothing.
   */
  async reload(next: ServerConfig): Promise<void> {
    const changed = await adopt(next, this.#parts)
    if (changed.length > 0) this.#parts.witness.configured(next, changed)
    this.#log.level = next.log
  }

  /** Lets nobody in any more, finishes what was accepted, and closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await closeAll(this.#parts)
    this.#log.info('server.stop')
  }
}
