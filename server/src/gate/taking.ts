import type { Channel } from '@vedette/shared/channel'
import type { Clock, Timer } from '@vedette/shared/clock'
import type { FromAgent, FromServer } from '@vedette/shared/message'

/** Bytes that may wait for a peer to take them. */
const MOST_BYTES = 1024 * 1024
/** How long a peer may leave something untaken, milliseconds. */
const UNTAKEN_MS = 10_000

type Options = { channel: Channel<FromAgent, FromServer>; clock: Clock; onSlow: () => void }

/** Sends, and tells when the peer does not take what it is sent. */
export class Taking {
  readonly #options: Options
  #timer: Timer | undefined
  #slow = false

  constructor(options: Options) {
    this.#options = options
  }

  /** Sends without waiting. */
  post(message: FromServer): void {
    const { channel } = this.#options
    if (!channel.post(message)) this.#watch()
    if (channel.backlog > MOST_BYTES) this.#tell()
  }

  /** Sends, and resolves when there is room for more. */
  async send(message: FromServer): Promise<void> {
    const { channel } = this.#options
    if (channel.post(message)) return
    this.#watch()
    await channel.drained()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #watch(): void {
    if (this.#timer !== undefined) return
    const { channel, clock } = this.#options
    this.#timer = clock.after(UNTAKEN_MS, () => this.#tell())
    const stop = () => this.stop()
    channel.drained().then(stop, stop)
  }

  #tell(): void {
    if (this.#slow) return
    this.#slow = true
    this.#options.onSlow()
  }
}
