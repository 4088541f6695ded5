import type { Clock, Timer } from '@vedette/shared/clock'
import type { FromAgent, More, Unviewed, View } from '@vedette/shared/message'
import type { LiveFigures } from './figures.ts'
import { Flow } from './flow.ts'
import { Pace } from './pace.ts'

/** While bytes wait to be sent it is looked again after so long, milliseconds. */
const AGAIN_MS = 5
/** A picture that has not begun to go out for so long is not worth it any more, milliseconds. */
const OLD_MS = 1000

/** The connection that pictures go out on. */
export type LiveLine = {
  post(message: Extract<FromAgent, View | More | Unviewed>): boolean
  /** Bytes that wait to be sent. */
  readonly backlog: number
}

export type SendingOptions = {
  line: LiveLine
  /** Whether questions want the link for themselves. */
  pressed: () => boolean
  clock: Clock
  /** A picture of `camera` was taken; slow is a link that others need. */
  onTaken: (camera: string, slow: boolean) => void
  figures: Pick<LiveFigures, 'sent' | 'dropped'>
}

type Outgoing = {
  id: number
  about: Omit<View, 'type' | 'n' | 'picture' | 'rest'>
  jpeg: Buffer
  /** Bytes of it that have gone. */
  gone: number
  madeAt: number
}

/**
 * Live pictures on their way over one connection: one after the other, in pieces so small that a
 * question waits for next to nothing, and none while anything else waits to be sent.
 */
export class Sending {
  readonly #options: SendingOptions
  readonly #flow = new Flow()
  readonly #pace = new Pace()
  readonly #queue: Outgoing[] = []
  /** Pictures of which the last piece is under way, by the number of that piece. */
  readonly #last = new Map<number, number>()
  #again: Timer | undefined

  constructor(options: SendingOptions) {
    this.#options = options
  }

  /** The link is one that others need: there is room for one picture at a time. */
  get slow(): boolean {
    return this.#flow.slow
  }

  /** Whether a picture of `camera` could be on its way now. */
  room(camera: string): boolean {
    const { line, pressed, clock } = this.#options
    return line.backlog === 0 && !pressed() && this.#flow.room(camera, clock.now())
  }

  send(about: Outgoing['about'], jpeg: Buffer): void {
    const now = this.#options.clock.now()
    const id = this.#flow.sent(about.camera, now)
    this.#queue.push({ id, about, jpeg, gone: 0, madeAt: now })
    this.#go()
  }

  /** The server has taken number `n`. */
  taken(n: number): void {
    const { clock, onTaken } = this.#options
    const now = clock.now()
    if (!this.#pace.taken(n, now)) return
    const id = this.#last.get(n)
    this.#last.delete(n)
    const one = id === undefined ? undefined : this.#flow.taken(id, now, this.#pace.way)
    if (one !== undefined) onTaken(one.camera, one.slow)
    this.#go()
  }

  /** The connection is gone. */
  stop(): void {
    this.#again?.cancel()
    this.#again = undefined
    this.#queue.length = 0
  }

  #go(): void {
    const { line, pressed, clock, figures } = this.#options
    this.#again?.cancel()
    this.#again = undefined
    for (;;) {
      const [one] = this.#queue
      if (one === undefined) return
      const now = clock.now()
      if (one.gone === 0 && Math.abs(now - one.madeAt) > OLD_MS) {
        this.#queue.shift()
        this.#flow.dropped(one.id)
        figures.dropped()
        continue
      }
      const piece = one.jpeg.subarray(one.gone, one.gone + this.#pace.piece)
      const wait = line.backlog > 0 || pressed() ? AGAIN_MS : this.#pace.wait(piece.length, now)
      // Where another must be taken before, it goes on then.
      if (wait === Number.POSITIVE_INFINITY) return
      if (wait > 0) {
        this.#again = clock.after(wait, () => this.#go())
        return
      }
      this.#post(one, piece, now)
    }
  }

  #post(one: Outgoing, picture: Buffer, now: number): void {
    const { line, figures } = this.#options
    const n = this.#pace.sent(picture.length, now)
    const first = one.gone === 0
    one.gone += picture.length
    const rest = one.jpeg.length - one.gone
    if (rest === 0) {
      this.#queue.shift()
      this.#last.set(n, one.id)
      figures.sent(one.jpeg.length)
    }
    if (!first) line.post({ type: 'more', n, picture })
    else line.post({ type: 'view', n, ...one.about, picture, ...(rest > 0 && { rest }) })
  }
}
