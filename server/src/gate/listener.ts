import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Clock, Timer } from '@vedette/shared/clock'

/** How long nobody is accepted when the system has no descriptor or memory left, milliseconds. */
const PAUSE_MS = 1000

export type ListenerOptions = {
  host: string
  port: number
  clock: Clock
  onSocket: (socket: Socket) => void
  /** Accepting has paused, or could not be taken up again yet. */
  onTrouble: (error: Error) => void
}

/** The listening socket: hands on plain TCP connections, and pauses where the system can take none. */
export class Listener {
  readonly #options: ListenerOptions
  readonly #server: Server
  #port = 0
  #pause: Timer | undefined
  #stopped = false

  /** Resolves when peers can dial; rejects when the address cannot be had. */
  static async open(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options)
    listener.#server.listen(options.port, options.host)
    await once(listener.#server, 'listening')
    listener.#port = (listener.#server.address() as AddressInfo).port
    listener.#server.on('error', (error) => listener.#rest(error))
    return listener
  }

  private constructor(options: ListenerOptions) {
    this.#options = options
    this.#server = createServer({ noDelay: true }, (socket) => options.onSocket(socket))
  }

  get port(): number {
    return this.#port
  }

  /** False from `stop` on; a pause is not the end. */
  get open(): boolean {
    return !this.#stopped
  }

  /** Accepts nobody any more; resolves when everybody who was accepted is gone. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#pause?.cancel()
    const closed = once(this.#server, 'close')
    this.#server.close()
    await closed
  }

  #rest(error: Error): void {
    if (this.#stopped) return
    this.#options.onTrouble(error)
    this.#server.close()
    this.#pause?.cancel()
    this.#pause = this.#options.clock.after(PAUSE_MS, () => {
      this.#server.listen(this.#port, this.#options.host)
    })
  }
}
