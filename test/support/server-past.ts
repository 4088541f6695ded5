import { join } from 'node:path'
import { Alerts } from '@vedette/server/alerts/alerts'
import type { CameraChange } from '@vedette/server/cameras/cameras'
import type { CameraStatus } from '@vedette/server/cameras/known'
import { Galleries } from '@vedette/server/gallery/galleries'
import type { Hand } from '@vedette/server/hand'
import { Lists } from '@vedette/server/lists/lists'
import type { PolicyChange } from '@vedette/server/lists/policy'
import { Matching } from '@vedette/server/matching/matching'
import { Keeper } from '@vedette/server/past/keeper'
import type { PastParts } from '@vedette/server/past/parts'
import { Past } from '@vedette/server/past/past'
import { policiesOf } from '@vedette/server/past/policy'
import type { Probe } from '@vedette/server/probe'
import type { Judges } from '@vedette/server/spaces/judges'
import type { AlertChange } from '@vedette/server/store/alerts'
import BetterSqlite3 from 'better-sqlite3'
import { CALIBRATION } from './models-installed.ts'
import { LogBook } from './server-log.ts'
import { DECADE, MatchingBench } from './server-matching.ts'
import { type TemporaryStore, TRAIL } from './server-store.ts'

export const HOUR = 3_600_000
export const HAND: Hand = { by: 'anna', from: '127.0.0.1', why: 'case 4711' }
/** Bytes that nobody else has by chance. */
const PART = 16

type Parts = Pick<
  PastParts,
  'alerts' | 'galleries' | 'rejections' | 'strictness' | 'clock' | 'log'
> & {
  stored: TemporaryStore
  matching: Matching
  lists: Lists
  most?: { walks: number; size: number }
}

/** The past over a store, as the server has it. */
export async function openPast({
  stored,
  matching,
  lists,
  most = { walks: 100_000, size: 1e9 },
  ...parts
}: Parts): Promise<{ past: Past; keeper: Keeper }> {
  const { store } = stored
  const { clock, log } = parts
  const policies = () => policiesOf(lists)
  const keeper = await Keeper.open({ store: store.past, policies, most, clock, log })
  const judges = { of: () => ({ matching }) } as unknown as Judges
  const past = new Past({
    store: store.past,
    entries: store.entries,
    alertStore: store.alerts,
    audit: store.audit,
    ...{ ...parts, judges, keeper, policies },
  })
  return { past, keeper }
}

/** Says what a list, which is made where there is none, asks to be kept. */
export async function ask(
  stored: TemporaryStore,
  { list = 'wanted', ...policy }: PolicyChange & { list?: string } = {},
): Promise<void> {
  const [{ lists: store }, { log }] = [stored.store, new LogBook()]
  const lists = await Lists.open({ store, clock: { now: () => 1_763_650_000_000 }, log })
  const asked = { keepFor: 24, ...policy }
  if (lists.find(list) === undefined) await lists.add(list, asked, HAND)
  else await lists.change(list, asked, HAND)
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
  #db: BetterSqlite3.Database | undefined
  readonly #most: { walks: number; size: number } | undefined
  /** Alerts that were told of, by the server that runs now and those before. */
  readonly told: AlertChange[] = []
  lists!: Lists
  past!: Past
  keeper!: Keeper
  matching!: Matching

  /** `prepare` says what lists ask for. */
  static async open(
    prepare: (stored: TemporaryStore) => Promise<void> = (stored) => ask(stored),
    most?: { walks: number; size: number },
  ): Promise<PastBench> {
    const made = new PastBench(await MatchingBench.open(), most)
    await prepare(made.bench.stored)
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
    this.lists = await Lists.open({ store: stored.store.lists, clock, log })
    const galleries = new Galleries({ gallery, calibration: CALIBRATION })
    this.matching = new Matching({
      ...{ gallery, alerts, rejections, strictness, clock, lists: this.lists },
      decade: DECADE,
      thresholds: { for: () => bench.verdict, walk: () => {} },
      pictured: (place) => this.keeper.pictured(place),
      onOver: (walk) => this.keeper.take(walk, gallery.space),
      onNearMiss: () => {},
    })
    const parts = { galleries, alerts, rejections, strictness, clock, log }
    const opened = await openPast({
      ...{ ...parts, stored, matching: this.matching, lists: this.lists },
      ...(this.#most && { most: this.#most }),
    })
    Object.assign(this, opened)
    this.lists.listen(() => this.past.policyChanged())
    await this.past.start({
      all: () => this.cameras,
      listen: (listener) => {
        this.#listeners.add(listener)
        return () => this.#listeners.delete(listener)
      },
    })
  }

  /** A list asks for something else; resolves when that is in force. */
  async asks(policy: Parameters<typeof ask>[1]): Promise<void> {
    await ask(this.stored, policy)
    await this.lists.refresh()
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

  /** Time passes: a short one beat by beat, of a long one the last beat counts. */
  async wait(ms: number): Promise<void> {
    const { clock } = this.bench
    if (ms <= 120_000) clock.advance(ms)
    else clock.jump(clock.now() + ms)
    await this.past.beat()
  }

  /** Something is said of a camera from now on. */
  async says(more: Partial<CameraStatus>): Promise<void> {
    this.cameras[0] = { ...this.cameras[0]!, ...more }
    for (const listener of this.#listeners) {
      listener({ kind: 'camera', camera: this.cameras[0] })
    }
    await this.past.beat()
  }

  /** Entries that were looked for, as recorded. */
  acts(): string[] {
    return this.stored
      .elsewhere()
      .prepare("SELECT body FROM acts JOIN actBodies USING (seq) WHERE kind = 'past.searched'")
      .pluck()
      .all()
      .map((body) => JSON.parse(String(body)).about.entry)
  }

  /** past.db, as another process would have it. */
  kept(): BetterSqlite3.Database {
    this.#db ??= new BetterSqlite3(join(this.stored.folder, 'past.db'))
    return this.#db
  }

  /** Names of the files of the data folder in which any sixteen bytes of `bytes` lie. */
  async filesWith(bytes: Uint8Array): Promise<string[]> {
    const whole = Buffer.from(bytes)
    const parts = Array.from({ length: Math.floor(whole.length / PART) }, (_, i) =>
      whole.subarray(i * PART, (i + 1) * PART),
    )
    const files = await this.stored.files()
    return [...files].flatMap(([name, content]) =>
      parts.some((part) => content.includes(part)) ? name : [],
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#db?.close()
    await this.end()
    await this.bench[Symbol.asyncDispose]()
  }
}
