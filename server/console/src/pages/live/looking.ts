import { type Signal, signal } from '@preact/signals'
import type { LiveHead, LivePicture, LiveState } from '@vedette/server/live/wire'
import { desk } from '../../desk.ts'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { PartReader } from './parts.ts'

/** The desk says something every second; after this long without a word the link is gone, ms. */
const DEAD_MS = 6000
const LONGEST_PAUSE_MS = 5000
/** Walks of wanted people that are remembered of a camera. */
const MOST_MATCHES = 64
/** Pictures a second are counted over this long, milliseconds. */
const COUNTED_MS = 4000

/** What is to be seen of one camera. */
export type Seen = {
  /** What was said with the picture that is drawn. */
  head: LivePicture | undefined
  /** Why there is no other, where that is known. */
  why: { state: LiveState; code: string | null } | undefined
  /** Pictures a second, as they come. */
  rate: number
  /** Ids of alerts that faces there are about, by track. */
  matches: ReadonlyMap<string, string>
}

/** A picture as it came, and what was said with it. */
export type Shown = { head: LivePicture; picture: Blob }

export type Wish = { cameras: readonly string[]; fps: number; side: number; reason?: string }

const NOTHING: Seen = {
  head: undefined,
  why: undefined,
  rate: 0,
  matches: new Map(),
}

/** What comes of looking through some cameras at once, over one connection. */
export class Looking {
  readonly problem = signal<DeskProblem | undefined>(undefined)
  readonly link = signal<'off' | 'connecting' | 'up' | 'lost'>('off')
  readonly #seen = new Map<string, Signal<Seen>>()
  readonly #came = new Map<string, number[]>()
  /** The very picture that is drawn of a camera. */
  readonly #shown = new Map<string, Shown>()
  readonly #canvases = new Map<string, HTMLCanvasElement>()
  #running: AbortController | undefined
  /** By how much this clock is before the server's, at most; the smallest that was seen. */
  #ahead: number | undefined

  of(camera: string): Signal<Seen> {
    const seen = this.#seen.get(camera) ?? signal(NOTHING)
    this.#seen.set(camera, seen)
    return seen
  }

  /** Where pictures of `camera` are drawn from here on; null: nowhere. */
  drawOn(camera: string, canvas: HTMLCanvasElement | null): void {
    if (canvas) this.#canvases.set(camera, canvas)
    else this.#canvases.delete(camera)
  }

  /** The picture of `camera` that is to be seen; nothing where there is none. */
  shown(camera: string): Shown | undefined {
    return this.#shown.get(camera)
  }

  /** How long ago a picture was taken, milliseconds, by the server's clock. */
  age({ capturedAt }: LivePicture, now = Date.now()): number {
    return Math.max(0, now - (this.#ahead ?? 0) - capturedAt)
  }

  /** Looks through these from here on, and through no others. */
  look(wish: Wish): void {
    this.stop()
    for (const camera of this.#seen.keys()) if (!wish.cameras.includes(camera)) this.#drop(camera)
    if (wish.cameras.length === 0) return
    this.#running = new AbortController()
    void this.#keepLooking(wish, this.#running.signal)
  }

  /** Nobody looks: the last pictures stay, and grow old. */
  stop(): void {
    this.#running?.abort()
    this.#running = undefined
    this.#came.clear()
    this.link.value = 'off'
    this.problem.value = undefined
  }

  #drop(camera: string): void {
    this.#seen.delete(camera)
    this.#shown.delete(camera)
  }

  async #keepLooking(wish: Wish, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      this.link.value = failures === 0 ? 'connecting' : 'lost'
      try {
        await this.#lookOnce(wish, signal, () => {
          failures = 0
          this.problem.value = undefined
          this.link.value = 'up'
        })
      } catch (error) {
        if (signal.aborted) return
        const problem = asProblem(error)
        // That the desk is not reached is said above every page.
        this.problem.value = problem.status > 0 ? problem : undefined
        // What was refused is refused again: somebody must do something about it.
        if (problem.status >= 400 && problem.status < 500) {
          this.link.value = 'off'
          return
        }
      }
      if (signal.aborted) return
      this.link.value = 'lost'
      const most = Math.min(LONGEST_PAUSE_MS, 500 * 2 ** failures)
      await pause(most / 2 + (Math.random() * most) / 2, signal)
    }
  }

  async #lookOnce(wish: Wish, signal: AbortSignal, onUp: () => void): Promise<void> {
    const { cameras, fps, side, reason } = wish
    const dead = new AbortController()
    let timer = setTimeout(() => dead.abort(), DEAD_MS)
    try {
      const answer = await desk.ask('GET', pathOf({ cameras, fps, side }), undefined, {
        signal: AbortSignal.any([signal, dead.signal]),
        reason,
      })
      const reader = answer.body?.getReader()
      if (!reader) return
      onUp()
      const parts = new PartReader()
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return
        clearTimeout(timer)
        timer = setTimeout(() => dead.abort(), DEAD_MS)
        for (const part of parts.push(value)) await this.#take(part, signal)
      }
    } finally {
      clearTimeout(timer)
    }
  }

  async #take(
    { head, picture }: { head: LiveHead; picture: BlobPart },
    signal: AbortSignal,
  ): Promise<void> {
    const now = Date.now()
    if (head.kind === 'still') {
      this.#ahead = Math.min(this.#ahead ?? Number.POSITIVE_INFINITY, now - head.now)
      return
    }
    const seen = this.#seen.get(head.camera)
    if (head.kind === 'state') {
      const { state, code } = head
      if (seen) seen.value = { ...seen.peek(), why: { state, code }, rate: 0 }
      return
    }
    if (head.kind === 'match') {
      const matches = [...(seen?.peek().matches ?? []), [head.track, head.alert] as const]
      if (seen) seen.value = { ...seen.peek(), matches: new Map(matches.slice(-MOST_MATCHES)) }
      return
    }
    const blob = new Blob([picture], { type: 'image/jpeg' })
    // One that cannot be decoded is left out: what is drawn grows old, and says so.
    const bitmap = await createImageBitmap(blob).catch(() => undefined)
    if (!bitmap) return
    // Somebody may have stopped looking while it was decoded.
    const wanted = !signal.aborted && seen && this.#seen.get(head.camera) === seen
    if (wanted) {
      draw(bitmap, this.#canvases.get(head.camera))
      this.#shown.set(head.camera, { head, picture: blob })
      const rate = this.#rate(head.camera, now)
      seen.value = { ...seen.peek(), head, why: undefined, rate }
    }
    bitmap.close()
  }

  #rate(camera: string, now: number): number {
    const came = [...(this.#came.get(camera) ?? []), now].filter((at) => now - at < COUNTED_MS)
    this.#came.set(camera, came)
    const [first = now] = came
    return came.length < 2 ? 0 : ((came.length - 1) * 1000) / (now - first)
  }
}

/** At once: by the next time that the page is drawn there may be another. */
function draw(picture: ImageBitmap, canvas: HTMLCanvasElement | undefined): void {
  if (!canvas) return
  if (canvas.width !== picture.width) canvas.width = picture.width
  if (canvas.height !== picture.height) canvas.height = picture.height
  canvas.getContext('2d')?.drawImage(picture, 0, 0)
}

function pathOf({ cameras, fps, side }: Wish): string {
  return `/live?cameras=${cameras.join(',')}&fps=${fps}&side=${side}`
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
