import { randomBytes } from 'node:crypto'
import type { Clock } from '@vedette/shared/clock'
import type { Log } from '@vedette/shared/log'
import type { Metrics } from '@vedette/shared/metrics'
import { v7 as newId } from 'uuid'
import type { Alerts } from '../alerts/alerts.ts'
import type { ServerConfig } from '../config.ts'
import type { Galleries } from '../gallery/galleries.ts'
import type { Photos } from '../gallery/photos.ts'
import type { Sessions } from '../gate/sessions.ts'
import type { Store } from '../store/store.ts'
import { Cameras } from './cameras.ts'
import { Canaries } from './canaries.ts'
import { CanaryTokens } from './canary-tokens.ts'
import { CanaryFigures, countCameras } from './figures.ts'
import { TestPerson } from './test-person.ts'

/** Bytes of the key that canaries are signed with: the server's own, and gone when it stops. */
const KEY_BYTES = 32
/** How often a log says that nobody checks. */
const REMIND_MS = 3_600_000

export type WatchfulnessOptions = {
  canary: ServerConfig['canary']
  store: Pick<Store, 'cameras' | 'troubles'>
  galleries: Galleries
  photos: Pick<Photos, 'probe'>
  alerts: Pick<Alerts, 'settled'>
  /** Who is here, once the gate is open. */
  sessions: () => Pick<Sessions, 'connected' | 'cameras' | 'checkable' | 'ask'> | undefined
  clock: Clock
  log: Log
  metrics: Metrics
}

/** What checks that every camera can still raise an alert, and says so where one cannot. */
export class Watchfulness {
  readonly cameras: Cameras
  readonly canaries: Canaries
  readonly #options: WatchfulnessOptions
  #stopped = false

  static async open(options: WatchfulnessOptions): Promise<Watchfulness> {
    const { canary, store, sessions, clock, log } = options
    const { every, limit } = canary
    const cameras = await Cameras.open({
      store,
      patience: { every: every === 'off' ? limit : every, limit },
      checking: every !== 'off',
      present: () => sessions() ?? { connected: [], cameras: [], checkable: [] },
      newId,
      clock,
      log,
    })
    return new Watchfulness(options, cameras)
  }

  private constructor(options: WatchfulnessOptions, cameras: Cameras) {
    this.#options = options
    this.cameras = cameras
    const { canary, galleries, photos, alerts, sessions, clock, log, metrics } = options
    this.canaries = new Canaries({
      tokens: new CanaryTokens({ key: randomBytes(KEY_BYTES), life: canary.limit, newId, clock }),
      cameras,
      person: new TestPerson(galleries, photos),
      checkable: () => sessions()?.checkable ?? [],
      ask: (agent, message) => sessions()?.ask(agent, message),
      settled: () => alerts.settled(),
      every: canary.every === 'off' ? canary.limit : canary.every,
      figures: new CanaryFigures(metrics),
      clock,
      log,
    })
    countCameras(metrics, cameras, clock)
  }

  /** Whether silence is believed or checked, milliseconds. */
  get canary(): ServerConfig['canary'] {
    return this.#options.canary
  }

  start(): void {
    this.cameras.start()
    if (this.canary.every === 'off') this.#remind()
    else this.canaries.start()
  }

  stop(): void {
    this.#stopped = true
    this.cameras.stop()
    this.canaries.stop()
  }

  #remind(): void {
    if (this.#stopped) return
    const { clock, log } = this.#options
    const hint =
      'set canary.every in server.yaml: without it a dead camera looks like an empty street'
    log.warn({ hint }, 'canary.off')
    clock.after(REMIND_MS, () => this.#remind())
  }
}
