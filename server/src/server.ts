import { join } from 'node:path'
import { openIssuing } from '@vedette/certs/pki'
import { findModel, readManifest } from '@vedette/models/manifest'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { type Clock, systemClock, type Timer } from '@vedette/shared/clock'
import { readCredentials } from '@vedette/shared/credentials'
import type { Log } from '@vedette/shared/log'
import { Alerts } from './alerts/alerts.ts'
import { announcer } from './alerts/announcing.ts'
import type { ServerConfig } from './config.ts'
import { Desk } from './desk/desk.ts'
import { Enrolment } from './gallery/enrolment.ts'
import { Gallery } from './gallery/gallery.ts'
import { Photos } from './gallery/photos.ts'
import { decade, thresholdFor } from './gallery/threshold.ts'
import { Gate } from './gate/gate.ts'
import { entryHealth } from './health/health.ts'
import { Matching } from './matching/matching.ts'
import { NearMissLog } from './matching/near-miss-log.ts'
import { Rejections } from './matching/rejections.ts'
import { Strictness } from './matching/strictness.ts'
import { Store } from './store/store.ts'
import { Thresholds } from './thresholds/thresholds.ts'

/** Of two strangers' pictures one in so many is as alike as what is called a stranger's. */
const STRANGER_RATE = 0.01

export type ServerOptions = { log: Log; clock?: Clock }

/** How often the cameras that are here are counted as watched. */
const WATCH_MS = 60_000

type Parts = {
  gate: Gate
  watch: { stop(): void }
  desk: Desk
  gallery: Gallery
  photos: Photos
  alerts: Alerts
  matching: Matching
  nearMisses: NearMissLog
  thresholds: Thresholds
  store: Store
}

/** The hub: gate, gallery, alerts, store and desk. Started is serving; disposed is gone. */
export class Server {
  readonly #parts: Parts
  readonly #log: Log

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
    { log, clock = systemClock }: ServerOptions,
    own: <T extends AsyncDisposable>(part: T) => T,
  ): Promise<Server> {
    const { ledger } = await openIssuing(config.home, clock)
    const credentials = await readCredentials(join(config.home, 'certs', 'server'))
    const place = { file: join(config.data, 'wanted.db'), keyFile: config.vaultKey }
    const store = own(await Store.open(place))
    const model = findModel(await readManifest(), 'embed', DEFAULT_MODELS.embedder)
    const templates = await store.entries.templates(model.id)
    const searching = { length: model.length, threads: config.search.threads }
    const gallery = own(await Gallery.open(model.id, searching, templates))
    const photos = own(new Photos(config.models))
    const { cooldown, trail, ...match } = config.match
    const alerts = new Alerts({ store: store.alerts, cooldown, trail, clock, log })
    const enrolment = new Enrolment({ entries: store.entries, photos, gallery, clock, log })
    const calibration = model.calibration.points
    const thresholds = own(
      await Thresholds.open({
        store: store.thresholds,
        agents: store.agents,
        space: model.id,
        calibration,
        ...match,
        entries: () => gallery.entries,
        clock,
        log,
      }),
    )
    const rejections = await Rejections.open(model.id, {
      store: store.rejections,
      alerts,
      clock,
      onRejected: (alert) => thresholds.rejected(alert, alert.score),
    })
    const strictness = await Strictness.open(store.entries)
    const nearMisses = own(new NearMissLog(store.nearMisses, clock, log))
    const matching = new Matching({
      gallery,
      alerts,
      rejections,
      strictness,
      thresholds,
      decade: decade(calibration),
      clock,
      onNearMiss: (walk, nearest) => nearMisses.add(walk, nearest),
    })
    const gate = own(
      await Gate.open({
        ...config.gate,
        credentials,
        ledger,
        space: model.id,
        length: model.length,
        clock,
        log,
        onProbe: (probe) => matching.consider(probe),
        onWelcome: ({ name, serial, hello: { software, cameras } }) =>
          store.agents.welcomed({ name, serial, software, cameras }, clock.now()),
      }),
    )
    const announce = announcer((alert) => {
      void store.entries.get(alert.entryId).then(
        ({ name }) => gate.announce(alert, name),
        () => {},
      )
    })
    alerts.listen(announce)
    alerts.listen(({ kind, alert }) => {
      if (kind === 'raised') thresholds.alerted(alert)
      if (kind === 'restored') thresholds.restored(alert, alert.score)
    })
    const connected = () => gate.connected
    const levels = () => ({
      stranger: thresholdFor(calibration, 1, STRANGER_RATE),
      threshold: thresholds.usual,
    })
    const health = () => entryHealth({ store, gallery, levels })
    const desk = await Desk.open({
      ...config.desk,
      credentials,
      ledger,
      store,
      alerts,
      enrolment,
      rejections,
      strictness,
      health,
      thresholds,
      connected,
      log,
    })
    const watch = every(WATCH_MS, clock, () => thresholds.watching(gate.cameras, WATCH_MS))
    log.info(
      {
        gate: gate.port,
        desk: desk.port,
        entries: gallery.entries,
        templates: gallery.templates,
        budget: thresholds.budget,
        measured: thresholds.measured,
      },
      'server.ready',
    )
    return new Server(
      { gate, watch, desk, gallery, photos, alerts, matching, nearMisses, thresholds, store },
      log,
    )
  }

  private constructor(parts: Parts, log: Log) {
    this.#parts = parts
    this.#log = log
  }

  get gatePort(): number {
    return this.#parts.gate.port
  }

  get deskPort(): number {
    return this.#parts.desk.port
  }

  /** Lets nobody in any more, finishes what was accepted, and closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { gate, watch, desk, gallery, photos, alerts, matching } = this.#parts
    const { nearMisses, thresholds, store } = this.#parts
    watch.stop()
    alerts.stop()
    await gate[Symbol.asyncDispose]()
    matching.stop()
    await nearMisses[Symbol.asyncDispose]()
    await desk[Symbol.asyncDispose]()
    await Promise.all([gallery[Symbol.asyncDispose](), photos[Symbol.asyncDispose]()])
    await thresholds[Symbol.asyncDispose]()
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
