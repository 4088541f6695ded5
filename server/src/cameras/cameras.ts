import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, messageOf, Refusal } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Fares, Trouble } from '@vedette/shared/message'
import type { Hand } from '../hand.ts'
import type { CameraRecord, CameraStore } from '../store/cameras.ts'
import type { TroubleRecord, TroubleStore } from '../store/troubles.ts'
import type { Place } from './canary-tokens.ts'
import { Course } from './course.ts'
import { type CameraStatus, type Known, keyOf, newlyKnown, statusOf } from './known.ts'
import { Passes } from './passes.ts'
import { type Patience, type Verdict, verdictOf } from './state.ts'

const TICK_MS = 1000
const PRUNE_EVERY_MS = 6 * 3_600_000
/** Troubles are kept for so long. */
const KEEP_MS = 31 * 86_400_000

export type CameraChange =
  | { kind: 'camera'; camera: CameraStatus }
  | { kind: 'trouble'; trouble: TroubleRecord }
  | { kind: 'forgotten'; camera: Place }

/** Who is here, as the gate says. */
export type Present = {
  connected: readonly string[]
  cameras: readonly Place[]
  /** Cameras of agents that know canaries. */
  checkable: readonly Place[]
}

export type CamerasOptions = {
  store: { cameras: CameraStore; troubles: TroubleStore }
  patience: Patience
  /** False: no canaries are sent, and no camera is called green. */
  checking: boolean
  present: () => Present
  newId: () => string
  clock: Clock
  log: Log
}

/** What is known of every camera, and whether it can be relied upon. Told to whoever listens. */
export class Cameras {
  readonly #options: CamerasOptions
  readonly #known = new Map<string, Known>()
  readonly #listeners = new Set<(change: CameraChange) => void>()
  #timer: Timer | undefined
  #prunedAt = Number.NEGATIVE_INFINITY
  readonly #passes: Passes
  /** How they fared lately. */
  readonly course: Course

  static async open(options: CamerasOptions): Promise<Cameras> {
    const cameras = new Cameras(options)
    const { store } = options
    for (const record of await store.cameras.all()) cameras.#learn(record)
    for (const trouble of await store.troubles.list({ standing: true })) {
      cameras.#find(trouble)?.troubles.set(trouble.kind, trouble.since)
    }
    return cameras
  }

  private constructor(options: CamerasOptions) {
    this.#options = options
    this.course = new Course(options.clock)
    this.#passes = new Passes(options.store.cameras, options.log)
  }

  /** Looks at all of them every second from here on. */
  start(): void {
    this.review()
    this.#timer = this.#options.clock.after(TICK_MS, () => this.start())
  }

  stop(): void {
    this.#timer?.cancel()
  }

  /** Calls `listener` with every change from here on; the function returned ends that. */
  listen(listener: (change: CameraChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** By agent and name. */
  all(): CameraStatus[] {
    const here = new Set(this.#options.present().connected)
    return [...this.#known.values()]
      .map((known) => statusOf(known, here.has(known.agent)))
      .toSorted((p, q) => keyOf(p).localeCompare(keyOf(q)))
  }

  /** Agent `agent` is here, with these cameras. */
  async announced(agent: string, cameras: readonly string[]): Promise<void> {
    const { store, clock } = this.#options
    const firstSeen = clock.now()
    await store.cameras.announced(agent, cameras, firstSeen)
    for (const camera of cameras) {
      if (this.#find({ agent, camera }) !== undefined) continue
      this.#learn({ agent, camera, firstSeen, passedAt: null, latencyMs: null })
    }
  }

  /** A canary was sent there; `lost`: the one before has not come back. */
  sent(place: Place, lost: boolean): void {
    const known = this.#find(place)
    if (known === undefined || !lost) return
    known.missed++
    this.course.missed(place)
  }

  /** A canary came through; false where that cannot be written down: an alert could not either. */
  async passed({ agent, camera }: Place, latencyMs: number): Promise<boolean> {
    const known = this.#find({ agent, camera })
    if (known === undefined) return false
    const passedAt = this.#options.clock.now()
    if (!(await this.#passes.write({ agent, camera, passedAt, latencyMs }))) return false
    Object.assign(known, { passedAt, latencyMs, missed: 0 })
    this.course.passed({ agent, camera }, latencyMs)
    this.review()
    return true
  }

  /** An agent says how it and its cameras fare. */
  fares(agent: string, fares: Omit<Fares, 'type'>): void {
    this.course.told(agent, fares, (place) => this.#find(place) !== undefined)
  }

  /** Something is wrong with a camera, or is not any more; resolves when that is on disk. */
  async troubled(agent: string, report: Trouble): Promise<void> {
    const { store, clock, newId, log } = this.#options
    const { camera, kind, since, at, over, picture } = report
    const place = { agent, camera, kind }
    const told = []
    if (over) told.push(...(await store.troubles.end(place, at, picture)))
    else {
      const receivedAt = clock.now()
      const begun = { id: newId(), ...place, since, receivedAt, picture }
      const trouble = await store.troubles.begin(begun)
      if (trouble !== undefined) told.push(trouble)
    }
    const known = this.#find(place)
    if (over) known?.troubles.delete(kind)
    else if (told.length > 0) known?.troubles.set(kind, since)
    for (const trouble of told) {
      log.info({ agent, camera, kind, since, over }, 'camera.trouble')
      this.#tell({ kind: 'trouble', trouble })
    }
    this.review()
  }

  /** The camera is gone for good. Throws Refusal `camera.not-found`, `camera.connected`. */
  async forget({ agent, camera }: Place, hand: Hand): Promise<void> {
    const { store, present, clock, log } = this.#options
    if (present().cameras.some((one) => one.agent === agent && one.camera === camera)) {
      throw new Refusal('camera.connected', `${agent}/${camera} is connected`, {
        hint: `take it out of the configuration of agent ${agent} first`,
        params: { agent, camera: `${agent}/${camera}` },
      })
    }
    await store.troubles.forget(agent, camera)
    if (!(await store.cameras.forget(agent, camera, hand, clock.now()))) {
      throw new Refusal('camera.not-found', `no camera ${agent}/${camera}`, {
        hint: 'see: vedette cameras list',
        params: { camera: `${agent}/${camera}` },
      })
    }
    this.#known.delete(keyOf({ agent, camera }))
    this.course.forget({ agent, camera })
    log.info({ agent, camera, by: hand.by }, 'camera.forgotten')
    this.#tell({ kind: 'forgotten', camera: { agent, camera } })
  }

  /** Judges every camera anew, and tells of those that have changed. */
  review(): void {
    const { clock, patience, checking, present } = this.#options
    const now = clock.now()
    const { connected, cameras, checkable } = present()
    const [here, announced] = [new Set(connected), new Set(cameras.map(keyOf))]
    const knowing = new Set(checkable.map(keyOf))
    for (const [key, known] of this.#known) {
      const verdict = verdictOf(
        {
          now,
          connected: here.has(known.agent),
          announced: announced.has(key),
          checked: checking && knowing.has(key),
          wellAt: Math.max(known.since, known.passedAt ?? 0),
          passed: (known.passedAt ?? 0) >= known.since,
          latencyMs: known.latencyMs,
          missed: known.missed,
          troubles: new Set(known.troubles.keys()),
        },
        // Said at the tick before: in time, not a tick late.
        { ...patience, limit: patience.limit - TICK_MS },
      )
      this.#change(known, verdict, here.has(known.agent), now)
    }
    this.#prune(now)
  }

  #change(known: Known, { state, why }: Verdict, connected: boolean, now: number): void {
    if (known.state === state && known.why === why) return
    const { log } = this.#options
    const { agent, camera, passedAt } = known
    const stateSince = known.state === state ? known.stateSince : now
    Object.assign(known, { state, why, stateSince })
    if (state === 'red' && why !== 'blind') {
      log.error({ agent, camera, why, passedAt }, 'canary.missed')
    } else log.info({ agent, camera, state, why }, 'camera.state')
    this.#tell({ kind: 'camera', camera: statusOf(known, connected) })
  }

  #tell(change: CameraChange): void {
    for (const listener of this.#listeners) listener(change)
  }

  #learn(record: CameraRecord): void {
    this.#known.set(keyOf(record), newlyKnown(record, this.#options.clock.now()))
  }

  #find(place: Place): Known | undefined {
    return this.#known.get(keyOf(place))
  }

  #prune(now: number): void {
    if (now - this.#prunedAt < PRUNE_EVERY_MS) return
    this.#prunedAt = now
    const { store, log } = this.#options
    store.troubles.prune(now - KEEP_MS).catch((error) => {
      log.error({ code: codeOf(error), message: messageOf(error) }, 'troubles.unpruned')
    })
  }
}
