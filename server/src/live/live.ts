import type { Clock, Timer } from '@vedette/shared/clock'
import type { Log } from '@vedette/shared/log'
import { MOST_LIVE_FPS, type Unviewed, type View, type Watch } from '@vedette/shared/message'
import type { AlertWalk } from '../alerts/alerts.ts'
import type { Place } from '../cameras/canary-tokens.ts'
import { keyOf } from '../cameras/known.ts'
import type { Viewing } from '../gate/sessions.ts'
import type { LiveFigures } from './figures.ts'
import { Looks } from './looks.ts'
import { Seats } from './seats.ts'
import type { Part, Viewer } from './viewer.ts'
import { type LivePicture, type LiveState, partOf } from './wire.ts'

/** An agent that hears nothing more for so long shows nothing more, milliseconds. */
const LEASE_MS = 10_000
/** How often it is told that somebody still looks, milliseconds. */
const RENEW_MS = 3000
const TICK_MS = 1000
/** Walks that an alert is about and that may still go on: the last so many. */
const MOST_WALKS = 256

/** What is asked of a camera: pictures a second, and their longer side, pixels. */
export type Wish = { fps: number; side: number }

export type LiveOptions = {
  /** Whether an agent could show a camera. */
  viewing: (place: Place) => Viewing
  /** Tells the agent. */
  ask: (agent: string, watch: Watch) => void
  figures: LiveFigures
  clock: Clock
  log: Log
}

type Told = { state: LiveState; code: string | null }
type Shown = {
  place: Place
  viewers: Map<Viewer, Wish>
  told: Told
  /** What was asked of the agent last, and when; nothing while it is not there. */
  asked: (Wish & { at: number }) | undefined
}

/**
 * Live pictures on their way from agents to those who look: one stream a camera however many look,
 * handed on as it came, and kept nowhere. An agent is asked while somebody looks, and again every few
 * seconds: when this server, or the link, is gone it stops by itself.
 */
export class Live {
  readonly seats = new Seats()
  readonly looks: Looks
  readonly #options: LiveOptions
  readonly #shown = new Map<string, Shown>()
  /** By track. */
  readonly #walks = new Map<string, AlertWalk>()
  #timer: Timer | undefined

  constructor(options: LiveOptions) {
    this.#options = options
    this.looks = new Looks(options.clock)
  }

  /** Cameras that somebody looks at. */
  get cameras(): string[] {
    return [...this.#shown.keys()]
  }

  /** How many look, each camera counted. */
  get viewers(): number {
    return [...this.#shown.values()].reduce((sum, { viewers }) => sum + viewers.size, 0)
  }

  /** `viewer` looks at a camera from here on; the function returned ends that. */
  look(place: Place, wish: Wish, viewer: Viewer): () => void {
    const key = keyOf(place)
    const shown = this.#shown.get(key) ?? this.#begin(key, place)
    shown.viewers.set(viewer, wish)
    this.#attend(key, shown)
    viewer.tell(key, stateOf(key, shown.told))
    for (const walk of this.#walks.values()) {
      if (keyOf(walk) === key) viewer.match(walk.track, walk.list, matchOf(walk))
    }
    this.#timer ??= this.#options.clock.after(TICK_MS, () => this.#tick())
    return () => this.#leave(key, shown, viewer)
  }

  /** An agent shows what a camera sees, by our clock. */
  view(agent: string, view: View): void {
    const { clock, figures } = this.#options
    const { camera: name, capturedAt, width, height, faces, picture } = view
    const camera = keyOf({ agent, camera: name })
    const shown = this.#shown.get(camera)
    if (shown === undefined) return void figures.unasked.inc()
    const now = clock.now()
    figures.took(picture.length, (now - capturedAt) / 1000)
    const about = { capturedAt, receivedAt: now, width, height, faces }
    const head: LivePicture = { kind: 'picture', camera, ...about }
    const part: Part = { head: partOf(head, picture.length), picture }
    shown.told = { state: 'waiting', code: null }
    for (const viewer of shown.viewers.keys()) viewer.show(camera, part, now)
  }

  /** An alert is about a walk. */
  walked(walk: AlertWalk): void {
    this.#walks.delete(walk.track)
    this.#walks.set(walk.track, walk)
    const [oldest] = this.#walks.keys()
    if (this.#walks.size > MOST_WALKS && oldest !== undefined) this.#walks.delete(oldest)
    const part = matchOf(walk)
    for (const viewer of this.#shown.get(keyOf(walk))?.viewers.keys() ?? []) {
      viewer.match(walk.track, walk.list, part)
    }
  }

  /** An agent says why it shows nothing. */
  unviewed(agent: string, { camera, code }: Unviewed): void {
    const key = keyOf({ agent, camera })
    const shown = this.#shown.get(key)
    if (shown !== undefined) this.#tell(key, shown, { state: 'refused', code })
  }

  /** The last connection of an agent has ended. */
  gone(agent: string): void {
    for (const [key, shown] of this.#shown) {
      if (shown.place.agent === agent) this.#attend(key, shown)
    }
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #begin(key: string, place: Place): Shown {
    const told = { state: 'waiting', code: null } as const
    const shown: Shown = { place, viewers: new Map(), told, asked: undefined }
    this.#shown.set(key, shown)
    this.#options.log.debug({ camera: key }, 'live.begin')
    return shown
  }

  #leave(key: string, shown: Shown, viewer: Viewer): void {
    shown.viewers.delete(viewer)
    if (shown.viewers.size > 0) return void this.#attend(key, shown)
    if (this.#shown.get(key) !== shown) return
    this.#shown.delete(key)
    if (this.#shown.size === 0) this.stop()
    if (shown.asked !== undefined) this.#ask(shown, { ...shown.asked, lease: 0 })
    this.#options.log.debug({ camera: key }, 'live.end')
  }

  #tick(): void {
    for (const [key, shown] of this.#shown) this.#attend(key, shown)
    this.#timer = this.#options.clock.after(TICK_MS, () => this.#tick())
  }

  /** Asks the agent for what is wanted of the camera now, unless it knows. */
  #attend(key: string, shown: Shown): void {
    const viewing = this.#options.viewing(shown.place)
    if (viewing !== 'on') {
      shown.asked = undefined
      return void this.#tell(key, shown, { state: viewing, code: null })
    }
    const now = this.#options.clock.now()
    const { asked } = shown
    const wish = wishOf(shown.viewers.values())
    const same = asked?.fps === wish.fps && asked.side === wish.side
    if (asked !== undefined && same && Math.abs(now - asked.at) < RENEW_MS) return
    shown.asked = { ...wish, at: now }
    this.#ask(shown, { ...wish, lease: LEASE_MS })
    const { state } = shown.told
    if (state !== 'refused') this.#tell(key, shown, { state: 'waiting', code: null })
  }

  #ask({ place }: Shown, { fps, side, lease }: Wish & { lease: number }): void {
    const { agent, camera } = place
    this.#options.ask(agent, { type: 'watch', camera, fps, side, lease })
  }

  #tell(key: string, shown: Shown, told: Told): void {
    const { state, code } = shown.told
    if (state === told.state && code === told.code) return
    shown.told = told
    const part = stateOf(key, told)
    for (const viewer of shown.viewers.keys()) viewer.tell(key, part)
  }
}

function stateOf(camera: string, told: Told): Part {
  return { head: partOf({ kind: 'state', camera, ...told }), picture: undefined }
}

function matchOf({ agent, camera, track, alert }: AlertWalk): Part {
  const head = { kind: 'match', camera: keyOf({ agent, camera }), track, alert } as const
  return { head: partOf(head), picture: undefined }
}

/** The most that anybody wants. */
function wishOf(wishes: Iterable<Wish>): Wish {
  let most: Wish = { fps: 1, side: 0 }
  for (const { fps, side } of wishes) {
    most = { fps: Math.max(most.fps, fps), side: Math.max(most.side, side) }
  }
  return { ...most, fps: Math.min(most.fps, MOST_LIVE_FPS) }
}
