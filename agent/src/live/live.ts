import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Viewed, ViewedFace, Watch } from '@vedette/shared/message'
import type { Frame } from '../frame.ts'
import type { LiveFigures } from './figures.ts'
import { type LiveLine, Sending } from './sending.ts'
import { Shrink } from './shrink.ts'

export type { LiveLine }

/** While so many messages are not acknowledged, none of them waits for a picture. */
const MOST_WAITING = 32
/** Cameras that may be looked at together. */
const MOST_WATCHED = 16
/** A picture that comes this much of a pause too early is shown all the same: cameras are not exact. */
const EARLY = 0.3
/** A camera of which nothing was seen for so long does not keep others waiting, milliseconds. */
const GIVING_MS = 1500

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
  /** When it gave a picture, and when one was sent. */
  seenAt: number
  shownAt: number
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
  #sending: Sending | undefined

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
    const { clock, figures, waiting } = this.#options
    this.#sending = new Sending({
      ...{ line, clock, figures },
      pressed: () => waiting() >= MOST_WAITING,
      onTaken: (camera, slow) => this.#watched.get(camera)?.shrink.taken(slow),
    })
  }

  /** `line`, or whichever there is, is gone, and with it everybody who looked. */
  closed(line = this.#line): void {
    if (line !== this.#line) return
    this.#line = undefined
    this.#sending?.stop()
    this.#sending = undefined
    for (const camera of this.cameras) this.#end(camera, 'link')
  }

  /** What the server says of it. */
  heard(message: Watch | Viewed): void {
    if (message.type === 'viewed') this.#sending?.taken(message.n)
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
    const { clock, figures } = this.#options
    const now = clock.now()
    watched.seenAt = now
    const pause = 1000 / watched.wish.fps
    if (now < watched.due - EARLY * pause) return
    const free = !watched.busy && this.#sending?.room(camera) && this.#isTurnOf(watched, now)
    if (!free) return figures.dropped()
    watched.due = (now - watched.due < pause ? watched.due : now) + pause
    await this.#show(camera, watched, { frame, faces: faces() })
  }

  /** On a slow link whoever was shown longest ago is next, as long as that camera gives pictures. */
  #isTurnOf(watched: Watched, now: number): boolean {
    if (!this.#sending?.slow) return true
    const waits = (other: Watched) =>
      other.due <= now && other.shownAt < watched.shownAt && now - other.seenAt < GIVING_MS
    return ![...this.#watched.values()].some(waits)
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
      const fresh = {
        shrink: new Shrink(),
        busy: false,
        frames: 0,
        due: now,
        since: now,
        seenAt: 0,
        shownAt: 0,
      }
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
    const sending = this.#sending
    watched.busy = true
    try {
      const jpeg = await watched.shrink.jpeg(picture, watched.wish.side)
      const current = sending !== undefined && sending === this.#sending
      if (!current || this.#watched.get(camera) !== watched) return
      // Something else may have come to be sent while the picture was made.
      if (jpeg === undefined || !sending.room(camera)) return void figures.dropped()
      sending.send({ camera, capturedAt, width, height, faces }, jpeg)
      watched.shownAt = clock.now()
      watched.frames++
    } catch (error) {
      log.error({ camera, code: codeOf(error), message: messageOf(error) }, 'live.failed')
    } finally {
      watched.busy = false
    }
  }
}
