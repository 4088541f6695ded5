import { join } from 'node:path'
import { openIssuing } from '@vedette/certs/pki'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { type Clock, systemClock } from '@vedette/shared/clock'
import { readCredentials } from '@vedette/shared/credentials'
import type { Log } from '@vedette/shared/log'
import { Alerts } from './alerts/alerts.ts'
import type { ServerConfig } from './config.ts'
import { Desk } from './desk/desk.ts'
import { Enrolment } from './gallery/enrolment.ts'
import type { Galleries } from './gallery/galleries.ts'
import { Photos } from './gallery/photos.ts'
import { Gate } from './gate/gate.ts'
import { Matching } from './matching.ts'
import { adviceFor } from './spaces/advice.ts'
import { SpaceChange } from './spaces/change.ts'
import { Comparison } from './spaces/comparison.ts'
import { Offer } from './spaces/offer.ts'
import { SpaceOpener } from './spaces/space-opener.ts'
import { Store } from './store/store.ts'

export type ServerOptions = { log: Log; clock?: Clock }

type Parts = {
  gate: Gate
  desk: Desk
  galleries: Galleries
  photos: Photos
  change: SpaceChange
  comparison: Comparison
  alerts: Alerts
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
    const spaces = await store.spaces.open(DEFAULT_MODELS.embedder, clock.now())
    const opener = new SpaceOpener(config, store.entries)
    const galleries = own(await opener.openAll(spaces, log))
    const photos = own(new Photos(config.models))
    const { cooldown, falsePositiveRate } = config.match
    const alerts = new Alerts({ store: store.alerts, cooldown, clock, log })
    const matchings = new Map<string, Matching>()
    const matchingOf = (space: string) => {
      const known = matchings.get(space)
      const gallery = galleries.of(space)
      if (known !== undefined || gallery === undefined) return known
      const { points: calibration, floor } = galleries.calibrationOf(space)
      const parts = { gallery, entries: store.entries, alerts, calibration }
      const matching = new Matching({ ...parts, falsePositiveRate, floor })
      matchings.set(space, matching)
      return matching
    }
    const comparing = { spaces: store.spaces, galleries, photos, falsePositiveRate, clock, log }
    const comparison = new Comparison(comparing)
    await comparison.refresh()
    let offer = await Offer.of(await opener.find(galleries.active.space))
    const change = own(
      new SpaceChange({
        spaces: store.spaces,
        entries: store.entries,
        galleries,
        photos,
        opener,
        kept: spaces.filter(({ role }) => role === 'kept').map(({ id }) => id),
        clock,
        log,
        onChange: async () => {
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
    const gate = own(
      await Gate.open({
        ...config.gate,
        credentials,
        ledger,
        lengthOf: (space) => (change.speaks(space) ? galleries.of(space)?.length : undefined),
        offer: () => offer,
        clock,
        log,
        onProbe: async (probe) => {
          comparison.offer(probe)
          await matchingOf(probe.space)?.consider(probe)
        },
        onWelcome: ({ name, serial, hello: { software, cameras } }) =>
          store.agents.welcomed({ name, serial, software, cameras }, clock.now()),
      }),
    )
    alerts.listen(({ kind, alert }) => {
      if (kind !== 'raised') return
      void store.entries.get(alert.entryId).then(
        ({ name }) => gate.announce(alert, name),
        () => {},
      )
    })
    const connected = () => gate.connected
    const spoken = () => gate.spoken
    const desk = await Desk.open({
      ...config.desk,
      credentials,
      ledger,
      store,
      alerts,
      enrolment,
      change,
      galleries,
      connected,
      spoken,
      log,
    })
    const { space, entries, templates } = galleries.active
    log.info({ gate: gate.port, desk: desk.port, space, entries, templates }, 'server.ready')
    const advice = adviceFor({ space, entries, templates })
    if (advice !== undefined) log.warn(advice, 'server.advice')
    const parts = { gate, desk, galleries, photos, change, comparison, alerts, store }
    return new Server(parts, log)
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
    const { gate, desk, galleries, photos, change, comparison, alerts, store } = this.#parts
    alerts.stop()
    await gate[Symbol.asyncDispose]()
    await desk[Symbol.asyncDispose]()
    await change[Symbol.asyncDispose]()
    await comparison.settled()
    await Promise.all([galleries[Symbol.asyncDispose](), photos[Symbol.asyncDispose]()])
    await store[Symbol.asyncDispose]()
    this.#log.info('server.stop')
  }
}
