import { cropJpeg, type Picture } from '@vedette/models/picture'
import type { Clock, Timer } from '@vedette/shared/clock'
import { TROUBLES, type Trouble, type TroubleKind } from '@vedette/shared/message'
import type { Frame } from '../frame.ts'
import { measure } from './measure.ts'
import { type Sign, signOf } from './signs.ts'
import { Standing, type Turn } from './standing.ts'
import { Usual } from './usual.ts'

/** Pictures are judged this often, scene milliseconds. */
const JUDGE_EVERY_MS = 500
const TICK_MS = 1000
/** Frames have stopped when none came for so many times as long as between the last two. */
const GAPS = 3
/** A trouble is over when it was gone for this share of the time that it must stand. */
const OVER_SHARE = 0.5
/** A view that is not the usual one becomes so in this time, milliseconds. */
const ADOPT_MS = 600_000
/** Longer side of the picture that is sent along, pixels. */
const PICTURE_SIDE = 320

/** Each hides those that follow it: of what is hidden nobody can tell whether it is over. */
const SIGNS: readonly Sign[] = ['dark', 'covered', 'blurred', 'moved']
/** Signs of pictures in which there is nothing to see. */
const FLAT: ReadonlySet<Sign | undefined> = new Set(['dark', 'covered'])

export type HealthOptions = {
  enabled: boolean
  /** A trouble is told when it has stood for this long, milliseconds. */
  after: number
  /** The same for pictures that are alike to the last bit, and for no pictures at all. */
  frozen: number
  silent: number
}

export type TroubleReport = Omit<Trouble, 'type' | 'seq' | 'camera'>

export type CameraHealthOptions = HealthOptions & {
  clock: Clock
  /** The source waits for whoever looks: that no frame comes says nothing of it. */
  patient: boolean
  /** Told of every trouble when it begins and when it is over, in turn. */
  report: (trouble: TroubleReport) => void
}

/**
 * Tells from its frames what is wrong with a camera. When its usual view is known for the first time
 * it reports, too, what is not wrong: whoever listens may remember troubles of an earlier life.
 */
export class CameraHealth {
  readonly #options: CameraHealthOptions
  readonly #standing = new Map(TROUBLES.map((kind) => [kind, new Standing()]))
  readonly #usual = new Usual()
  #picture: Picture | undefined
  #sign: Sign | undefined
  #judgedAt = Number.NEGATIVE_INFINITY
  #frameAt: number
  #gap = 0
  #settled = false
  #timer: Timer | undefined
  #told: Promise<unknown> = Promise.resolve()

  constructor(options: CameraHealthOptions) {
    this.#options = options
    this.#frameAt = options.clock.now()
    if (options.enabled && !options.patient) this.#tick()
  }

  /** Troubles that stand now. */
  get troubles(): TroubleKind[] {
    return TROUBLES.filter((kind) => this.#standing.get(kind)!.since !== undefined)
  }

  /** Takes notice of one frame. */
  see(frame: Frame): void {
    const { enabled, clock, frozen, silent } = this.#options
    if (!enabled) return
    const now = clock.now()
    this.#gap = now - this.#frameAt
    this.#frameAt = now
    const at = frame.sceneTime
    this.#note('silent', false, now, silent, frame)
    if (at - this.#judgedAt < JUDGE_EVERY_MS) return
    this.#judgedAt = at
    const same = this.#picture !== undefined && alike(this.#picture, frame.picture)
    this.#picture = frame.picture
    if (!same) this.#judge(frame)
    // Nothing but one colour comes out of an encoder alike each time, and is not frozen for that.
    if (!FLAT.has(this.#sign)) this.#note('frozen', same, at, frozen, frame)
    this.#noteSign(frame)
    if (this.#usual.known && !this.#settled) this.#settle(frame)
  }

  /** Resolves when all was reported that was noticed. */
  async stop(): Promise<void> {
    this.#timer?.cancel()
    await this.#told
  }

  #judge({ picture, sceneTime }: Frame): void {
    const measures = measure(picture)
    this.#sign = signOf(measures, this.#usual)
    if (this.#sign === undefined) this.#usual.learn(measures, sceneTime)
    const { since } = this.#standing.get('moved')!
    if (since !== undefined && sceneTime - since > ADOPT_MS) this.#usual.forget()
  }

  #noteSign(frame: Frame): void {
    const at = frame.sceneTime
    for (const kind of SIGNS) {
      this.#note(kind, kind === this.#sign, at, this.#options.after, frame)
      if (kind === this.#sign) return
    }
  }

  #note(kind: TroubleKind, seen: boolean, at: number, begins: number, frame?: Frame): void {
    const standing = this.#standing.get(kind)!
    const before = standing.since
    const turn = standing.note(seen, at, { begins, ends: begins * OVER_SHARE })
    if (turn === undefined) return
    const since = standing.since ?? before ?? at
    const now = frame?.capturedAt ?? at
    this.#tell(kind, turn, { since: now - (at - since), at: now }, frame?.picture ?? this.#picture)
  }

  #settle({ capturedAt: at }: Frame): void {
    this.#settled = true
    for (const kind of TROUBLES) {
      if (this.#standing.get(kind)!.since === undefined) {
        this.#tell(kind, 'over', { since: at, at }, undefined)
      }
    }
  }

  #tell(
    kind: TroubleKind,
    turn: NonNullable<Turn>,
    times: { since: number; at: number },
    picture: Picture | undefined,
  ): void {
    const small = picture && smaller(picture).catch(() => undefined)
    this.#told = this.#told.then(async () => {
      const jpeg = await small
      const report = { kind, over: turn === 'over', ...times }
      this.#options.report({ ...report, ...(jpeg && { picture: jpeg }) })
    })
  }

  #tick(): void {
    const { clock, silent } = this.#options
    const now = clock.now()
    const quiet = now - this.#frameAt
    if (quiet >= Math.max(TICK_MS, GAPS * this.#gap)) {
      const begins = Math.max(silent, GAPS * this.#gap)
      this.#note('silent', true, this.#frameAt, begins)
      this.#note('silent', true, now, begins)
    }
    this.#timer = clock.after(TICK_MS, () => this.#tick())
  }
}

function smaller(picture: Picture): Promise<Buffer> {
  const { width, height } = picture
  return cropJpeg(picture, { x: 0, y: 0, width, height }, PICTURE_SIDE)
}

/** True when two pictures are the same to the last bit. */
function alike(one: Picture, other: Picture): boolean {
  if (one.width !== other.width || one.height !== other.height) return false
  return Buffer.compare(one.data, other.data) === 0
}
