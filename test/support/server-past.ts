import { Alerts } from '@vedette/server/alerts/alerts'
import type { CameraChange } from '@vedette/server/cameras/cameras'
import type { CameraStatus } from '@vedette/server/cameras/known'
import { Galleries } from '@vedette/server/gallery/galleries'
import { Matching } from '@vedette/server/matching/matching'
import { Asking } from '@vedette/server/past/asking'
import { Keeper } from '@vedette/server/past/keeper'
import type { PastParts } from '@vedette/server/past/parts'
import { Past } from '@vedette/server/past/past'
import type { Probe } from '@vedette/server/probe'
import type { Judges } from '@vedette/server/spaces/judges'
import type { AlertChange } from '@vedette/server/store/alerts'
import { CALIBRATION } from './models-installed.ts'
import { LogBook } from './server-log.ts'
import { DECADE, MatchingBench } from './server-matching.ts'
import { type TemporaryStore, TRAIL } from './server-store.ts'

export const HOUR = 3_600_000

type Parts = Pick<
  PastParts,
  'alerts' | 'galleries' | 'rejections' | 'strictness' | 'clock' | 'log'
> & {
  stored: TemporaryStore
  matching: Matching
  most?: { walks: number; size: number }
}

/** The past over a store, as the server has it. */
export async function openPast({
  stored,
  matching,
  most = { walks: 100_000, size: 1e9 },
  ...parts
}: Parts): Promise<{ past: Past; keeper: Keeper; asking: Asking }> {
  const { store } = stored
  const { clock, log } = parts
  const asking = await Asking.open(store.lists)
  const policies = () => asking.policies
  const keeper = await Keeper.open({ store: store.past, policies, most, clock, log })
  const judges = { of: () => ({ matching }) } as unknown as Judges
  const past = new Past({
    store: store.past,
    entries: store.entries,
    alertStore: store.alerts,
    audit: store.audit,
    ...{ ...parts, judges, keeper, asking },
  })
  return { past, keeper, asking }
}

/** Says what a list asks to be kept, as its policy would. */
export function ask(
  stored: TemporaryStore,
  { list = 'wanted', keepFor = 24, pictures = false, cameras = null as string[] | null } = {},
): void {
  stored
    .elsewhere()
    .prepare('UPDATE lists SET keepFor = ?, keepPictures = ?, cameras = ? WHERE id = ?')
    .run(keepFor, pictures ? 1 : 0, cameras && JSON.stringify(cameras), list)
}

/** A status of a camera that is well, unless `more` says otherwise. */
export function cameraOf(more: Partial<CameraStatus> = {}): CameraStatus {
  return {
    ...{ agent: 'gate-7', camera: 'north', firstSeen: 0, passedAt: null, latencyMs: null },
    ...{ state: 'green', why: 'well', connected: true, stateSince: 0, missed: 0, troubles: [] },
    ...more,
  }
}

/** Matching with a past, and cameras that say what the test says. */
export class PastBench {
  readonly bench: MatchingBench
  readonly book = new LogBook()
  readonly cameras: CameraStatus[] = [cameraOf()]
  readonly #listeners = new Set<(change: CameraChange) => void>()
  #most: { walks: number; size: number } | undefined
  /** Alerts that were told of, by the server that runs now and those before. */
  readonly told: AlertChange[] = []
  past!: Past
  keeper!: Keeper
  matching!: Matching

  /** `prepare` says what lists ask for. */
  static async open(
    prepare: (stored: TemporaryStore) => void = (stored) => ask(stored),
    most?: { walks: number; size: number },
  ): Promise<PastBench> {
    const made = new PastBench(await MatchingBench.open(), most)
    prepare(made.bench.stored)
    await made.begin()
    return made
  }

  private constructor(bench: MatchingBench, most?: { walks: number; size: number }) {
    this.bench = bench
    this.#most = most
  }

  get stored(): TemporaryStore {
    return this.bench.stored
  }

  /** As a server begins. */
  async begin(): Promise<void> {
    const { bench, book } = this
    const { gallery, rejections, strictness, clock, stored } = bench
    const { log } = book
    const alerts = new Alerts({
      store: stored.store.alerts,
      cooldown: 60_000,
      trail: TRAIL,
      clock,
      log,
    })
    alerts.listen((change) => this.told.push(change))
    const galleries = new Galleries({ gallery, calibration: CALIBRATION })
    this.matching = new Matching({
      ...{ gallery, alerts, rejections, strictness, clock },
      decade: DECADE,
      thresholds: { for: () => bench.verdict, walk: () => {} },
      pictured: (place) => this.keeper.pictured(place),
      onOver: (walk) => this.keeper.take(walk, gallery.space),
      onNearMiss: () => {},
    })
    const parts = { galleries, alerts, rejections, strictness, clock, log }
    const opened = await openPast({
      ...{ ...parts, stored, matching: this.matching },
      ...(this.#most && { most: this.#most }),
    })
    Object.assign(this, opened)
    await this.past.start({
      all: () => this.cameras,
      listen: (listener) => {
        this.#listeners.add(listener)
        return () => this.#listeners.delete(listener)
      },
    })
  }

  /** As a server ends; walks under way end with it. */
  async end(): Promise<void> {
    this.matching.stop()
    await this.past[Symbol.asyncDispose]()
  }

  /** Ends, waits, and begins anew on the same files. */
  async restart(after = 0): Promise<void> {
    await this.end()
    await this.stored.close()
    this.bench.clock.jump(this.bench.clock.now() + after)
    await this.stored.open()
    await this.begin()
  }

  /** Somebody walks past; resolves when the walk is over and on the disk. */
  async walk(...probes: Probe[]): Promise<void> {
    for (const probe of probes) await this.matching.consider(this.now(probe))
    this.matching.stop()
    await this.past.beat()
  }

  /** The same, as it happens now. */
  now(probe: Probe): Probe {
    const at = this.bench.clock.now()
    return { ...probe, capturedAt: at, receivedAt: at + 20 }
  }

  /** Time passes, beat by beat. */
  async wait(ms: number): Promise<void> {
    const { clock } = this.bench
    const until = clock.now() + ms
    while (clock.now() < until) {
      clock.advance(Math.min(60_000, until - clock.now()))
      await this.past.beat()
    }
  }

  /** Something is said of a camera from now on. */
  async says(more: Partial<CameraStatus>): Promise<void> {
    this.cameras[0] = { ...this.cameras[0]!, ...more }
    for (const listener of this.#listeners) {
      listener({ kind: 'camera', camera: this.cameras[0] })
    }
    await this.past.beat()
  }

  /** Names of the files of the data folder in which `bytes` lie. */
  async filesWith(bytes: Uint8Array): Promise<string[]> {
    const files = await this.stored.files()
    return [...files].flatMap(([name, content]) =>
      content.includes(Buffer.from(bytes)) ? name : [],
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
    await this.bench[Symbol.asyncDispose]()
  }
}
