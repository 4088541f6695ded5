import { Bell } from '@vedette/shared/bell'
import type { Clock } from '@vedette/shared/clock'
import { ProtocolFault } from '@vedette/shared/errors'
import {
  type Hello,
  MOST_LIVE_FPS,
  MOST_LIVE_SIDE,
  type More,
  type Unviewed,
  type View,
} from '@vedette/shared/message'
import { TokenBucket } from './bucket.ts'
import { checkChip } from './chip.ts'
import { Pieces } from './pieces.ts'
import type { Taking } from './taking.ts'
import { takenAt } from './timing.ts'

/** Pictures a second that are read of an agent, however many cameras it has. */
const MOST_RATE = 6 * MOST_LIVE_FPS

export type ViewsOptions = {
  agent: string
  hello: Hello
  taking: Pick<Taking, 'post'>
  /** By how much the agent's clock is behind, milliseconds. */
  skew: number
  clock: Clock
  /** What a camera sees, `capturedAt` by our clock. */
  onView: (agent: string, view: View) => void
  /** Why it shows nothing. */
  onUnviewed: (agent: string, unviewed: Unviewed) => void
}

/** Live pictures of one agent, checked and handed on. Who sends more than can be asked for is read slowly. */
export class Views {
  readonly #options: ViewsOptions
  readonly #bucket: TokenBucket
  readonly #pieces = new Pieces()
  readonly #change = new Bell()
  #stopped = false

  constructor(options: ViewsOptions) {
    this.#options = options
    const rate = Math.min(MOST_RATE, MOST_LIVE_FPS * options.hello.cameras.length)
    this.#bucket = new TokenBucket({ rate, burst: 2 * rate }, options.clock)
  }

  /** Throws ProtocolFault. */
  async take(message: View | More | Unviewed): Promise<void> {
    const { agent, hello, onUnviewed } = this.#options
    if (message.type === 'more') return this.#show(message.n, this.#pieces.add(message))
    const { camera } = message
    if (!hello.cameras.includes(camera)) {
      throw new ProtocolFault('session.unknown-camera', `camera ${camera} was not announced`)
    }
    await this.#turn()
    if (message.type === 'view') return this.#show(message.n, this.#pieces.begin(message))
    if (!this.#stopped) onUnviewed(agent, message)
  }

  /** Nobody is to be seen any more. */
  stop(): void {
    this.#stopped = true
    this.#change.ring()
  }

  /** Number `n` has come, and with it `view` is whole, where there is one. */
  #show(n: number, view: View | undefined): void {
    const { agent, taking, skew, clock, onView } = this.#options
    if (this.#stopped) return
    if (view !== undefined) checkChip(view.picture, MOST_LIVE_SIDE)
    taking.post({ type: 'viewed', n })
    if (view === undefined) return
    onView(agent, { ...view, capturedAt: takenAt(view.capturedAt, skew, clock.now()) })
  }

  async #turn(): Promise<void> {
    while (!this.#stopped && !this.#bucket.take()) {
      const wait = Math.max(1, this.#bucket.waitFor(1))
      const timer = this.#options.clock.after(wait, () => this.#change.ring())
      await this.#change.wait()
      timer.cancel()
    }
  }
}
