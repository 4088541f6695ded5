import { type CameraChange, Cameras, type Present } from '@vedette/server/cameras/cameras'
import { Canaries } from '@vedette/server/cameras/canaries'
import { CanaryTokens, type Place } from '@vedette/server/cameras/canary-tokens'
import { CanaryFigures } from '@vedette/server/cameras/figures'
import type { Probe } from '@vedette/server/probe'
import type { Canary, Trouble } from '@vedette/shared/message'
import { createMetrics } from '@vedette/shared/metrics'
import { ManualClock } from './agent-clock.ts'
import { LogBook } from './server-log.ts'
import { sightingOf } from './server-sightings.ts'
import { TemporaryStore } from './server-store.ts'

export const NORTH: Place = { agent: 'gate-7', camera: 'north' }
export const EVERY = 30_000
export const LIMIT = 90_000

/** Cameras on a real store, and the canaries that they are judged by, in time that stands still. */
export class CameraBench {
  readonly stored: TemporaryStore
  readonly clock: ManualClock
  readonly book: LogBook
  readonly cameras: Cameras
  readonly canaries: Canaries
  readonly tokens: CanaryTokens
  readonly told: CameraChange[] = []
  /** Canaries that were sent, oldest first. */
  readonly asked: { agent: string; canary: Canary }[] = []
  readonly metrics = createMetrics('server')
  here: { -readonly [K in keyof Present]: Present[K] }
  /** What the gallery says of whoever is shown. */
  shown: () => Promise<boolean> = async () => true
  settled: () => Promise<unknown> = async () => {}

  static async open(checking = true): Promise<CameraBench> {
    const stored = await TemporaryStore.make()
    return CameraBench.again(stored, new ManualClock(), checking)
  }

  /** The same with what is on disk already, as after a new start. */
  static async again(
    stored: TemporaryStore,
    clock: ManualClock,
    checking = true,
  ): Promise<CameraBench> {
    const book = new LogBook()
    const here = { connected: [], cameras: [], checkable: [] }
    let bench: CameraBench | undefined
    let count = 0
    const cameras = await Cameras.open({
      store: stored.store,
      patience: { every: EVERY, limit: LIMIT },
      checking,
      present: () => bench?.here ?? here,
      newId: () => `trouble-${stored.rows('troubles')}-${++count}`,
      clock,
      log: book.log,
    })
    bench = new CameraBench({ stored, clock, book, cameras, here })
    return bench
  }

  private constructor(parts: Pick<CameraBench, 'stored' | 'clock' | 'book' | 'cameras' | 'here'>) {
    this.stored = parts.stored
    this.clock = parts.clock
    this.book = parts.book
    this.cameras = parts.cameras
    this.here = parts.here
    const { clock } = this
    let count = 0
    const newId = () => `canary-${++count}`
    this.tokens = new CanaryTokens({ key: new Uint8Array(32), life: LIMIT, newId, clock })
    this.canaries = new Canaries({
      tokens: this.tokens,
      cameras: this.cameras,
      person: { shown: () => this.shown() },
      checkable: () => this.here.checkable,
      ask: (agent, canary) => this.asked.push({ agent, canary }),
      settled: () => this.settled(),
      every: EVERY,
      figures: new CanaryFigures(this.metrics),
      clock,
      log: this.book.log,
    })
    this.cameras.listen((change) => this.told.push(change))
  }

  /** These cameras are there, and no others. */
  async present(...places: Place[]): Promise<void> {
    const connected = [...new Set(places.map(({ agent }) => agent))]
    this.here = { connected, cameras: places, checkable: places }
    for (const agent of connected) {
      const own = places.filter((place) => place.agent === agent)
      await this.cameras.announced(
        agent,
        own.map(({ camera }) => camera),
      )
    }
    this.cameras.review()
  }

  start(): void {
    this.cameras.start()
    this.canaries.start()
  }

  /** The question that comes of canary number `n` (0 is the first). */
  answer(n: number, more: Partial<Probe> = {}): Probe {
    const { agent, canary } = this.asked[n]!
    const { probe } = sightingOf('', { probe: { agent, camera: canary.camera, ...more } })
    return { ...probe, canary: canary.mark, ...more }
  }

  /** The state of the first camera. */
  get state(): string {
    const [first] = this.cameras.all()
    return `${first?.state} ${first?.why}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cameras.stop()
    this.canaries.stop()
    await this.stored[Symbol.asyncDispose]()
  }
}

/** Something wrong with camera north, as an agent reports it. */
export function troubleOf(more: Partial<Trouble> = {}): Trouble {
  const at = 1_763_650_000_000
  return {
    ...{ type: 'trouble', seq: 1, camera: NORTH.camera, kind: 'covered' },
    ...{
      since: at - 6000,
      at,
      over: false,
      picture: Buffer.from('\xff\xd8\xff picture', 'latin1'),
    },
    ...more,
  }
}
