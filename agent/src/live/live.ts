import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { FromAgent, Unviewed, View, Viewed, ViewedFace, Watch } from '@vedette/shared/message'
import type { Frame } from '../frame.ts'
import type { LiveFigures } from './figures.ts'
import { Flow } from './flow.ts'
import { Shrink } from './shrink.ts'

/** While so many messages are not acknowledged, none of them waits for a picture. */
const MOST_WAITING = 32
/** Cameras that may be looked at together. */
const MOST_WATCHED = 16
/** A picture that comes this much of a pause too early is shown all the same: cameras are not exact. */
const EARLY = 0.3

/** The connection that pictures go out on. */
export type LiveLine = {
  post(message: Extract<FromAgent, View | Unviewed>): boolean
  /** Bytes that wait to be sent. */
  readonly backlog: number
}

export type LiveOptions = {
  /** Off: the site forbids it. */
  mode: () => 'on' | 'off'
  /** Whether a camera gives pictures, or why not; undefined where there is no such camera. */
  standing: (camera: string) => 'open' | { code: string } | undefined
  /** Messages that the server has not acknowledged. */
  waiting: () => number
  figures: LiveFigures
  clock: Clock
  log: Log
}

type Watched = {
  wish: Watch
  /** When the next picture is due. */
  due: number
  shrink: Shrink
  busy: boolean
  frames: number
  since: number
  over: Timer
}

/**
 * Shows the server what cameras see, as long as somebody looks: pictures that were looked at anyway,
 * made small beside the looking, sent when nothing else waits. Nothing is kept: a picture that cannot
 * go at once does not go.
 */
export class Live {
  readonly #options: LiveOptions
  readonly #watched = new Map<string, Watched>()
  #line: LiveLine | undefined
  #flow = new Flow()

  constructor(options: LiveOptions) {
    this.#options = options
  }

  /** Cameras that somebody looks at. */
  get cameras(): string[] {
    return [...this.#watched.keys()]
  }

  /** There is a connection, on which nobody has asked for anything yet. */
  opened(line: LiveLine): void {
    this.closed()
    this.#line = line
    this.#flow = new Flow()
  }

  /** `line`, or whichever there is, is gone, and with it everybody who looked. */
  closed(line = this.#line): void {
    if (line !== this.#line) return
    this.#line = undefined
    for (const camera of this.cameras) this.#end(camera, 'link')
  }

  /** What the server says of it. */
  heard(message: Watch | Viewed): void {
    if (message.type === 'viewed') this.#taken(message.n)
    else if (message.lease === 0) this.#end(message.camera, 'over')
    else this.#watch(message)
  }

  /** `camera` gives no pictures any more. */
  lost(camera: string, code: string): void {
    if (this.#watched.has(camera)) this.#refuse(camera, code)
  }

  /**
   * `frame` was looked at; `faces` tells what was seen in it, where that is wanted. Resolves when it is
   * sent or dropped; never rejects.
   */
  async see(camera: string, frame: Frame, faces: () => ViewedFace[]): Promise<void> {
    const watched = this.#watched.get(camera)
    if (watched === undefined) return
    const { clock, figures, waiting } = this.#options
    const now = clock.now()
    const pause = 1000 / watched.wish.fps
    if (now < watched.due - EARLY * pause) return
    const free = !watched.busy && this.#line?.backlog === 0 && waiting() < MOST_WAITING
    if (!free || !this.#flow.room(camera, now)) return figures.dropped()
    watched.due = (now - watched.due < pause ? watched.due : now) + pause
    await this.#show(camera, watched, { frame, faces: faces() })
  }

  #taken(n: number): void {
    const one = this.#flow.taken(n, this.#options.clock.now())
    if (one !== undefined) this.#watched.get(one.camera)?.shrink.taken(one.slow)
  }

  #watch(wish: Watch): void {
    const { camera, fps, side, lease } = wish
    const { clock, log, mode, standing } = this.#options
    if (mode() === 'off') return void this.#refuse(camera, 'live.off')
    const known = standing(camera)
    if (known === undefined) return void this.#refuse(camera, 'camera.unknown')
    const before = this.#watched.get(camera)
    if (before === undefined && this.#watched.size >= MOST_WATCHED) {
      return void this.#refuse(camera, 'live.full')
    }
    before?.over.cancel()
    const over = clock.after(lease, () => this.#end(camera, 'lease'))
    if (before !== undefined) Object.assign(before, { wish, over })
    else {
      const now = clock.now()
      const fresh = { shrink: new Shrink(), busy: false, frames: 0, due: now, since: now }
      this.#watched.set(camera, { wish, over, ...fresh })
      log.info({ camera, fps, side }, 'live.begin')
    }
    if (known !== 'open') this.#refuse(camera, known.code)
  }

  #refuse(camera: string, code: string): void {
    this.#options.log.debug({ camera, code }, 'live.refused')
    this.#line?.post({ type: 'unviewed', camera, code })
  }

  #end(camera: string, why: 'over' | 'lease' | 'link'): void {
    const watched = this.#watched.get(camera)
    if (watched === undefined) return
    const { clock, log } = this.#options
    watched.over.cancel()
    this.#watched.delete(camera)
    const { frames, since } = watched
    log.info({ camera, why, frames, ms: clock.now() - since }, 'live.end')
  }

  async #show(
    camera: string,
    watched: Watched,
    { frame, faces }: { frame: Frame; faces: ViewedFace[] },
  ): Promise<void> {
    const { clock, figures, log } = this.#options
    const { picture, capturedAt } = frame
    const { width, height } = picture
    const line = this.#line
    watched.busy = true
    try {
      const jpeg = await watched.shrink.jpeg(picture, watched.wish.side)
      const current = line !== undefined && line === this.#line
      if (!current || this.#watched.get(camera) !== watched) return
      // Something else may have come to be sent while the picture was made.
      if (jpeg === undefined || line.backlog > 0) return void figures.dropped()
      const n = this.#flow.sent(camera, clock.now())
      const about = { n, camera, capturedAt, width, height, faces }
      line.post({ type: 'view', ...about, picture: jpeg })
      watched.frames++
      figures.sent(jpeg.length)
    } catch (error) {
      log.error({ camera, code: codeOf(error), message: messageOf(error) }, 'live.failed')
    } finally {
      watched.busy = false
    }
  }
}
