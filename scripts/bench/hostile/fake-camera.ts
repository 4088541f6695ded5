import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/** What a camera does with whoever connects. */
export type Play = (socket: Socket) => void

/** A camera at one address, whose behaviour can be changed while it is connected to. */
export class FakeCamera {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** What it does with who connects. */
  play: Play
  /** Connections that were made. */
  calls = 0

  private constructor(play: Play) {
    this.play = play
    this.#server = createServer((socket) => {
      this.calls++
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => this.#sockets.delete(socket))
      this.play(socket)
    })
  }

  static async start(play: Play): Promise<FakeCamera> {
    const camera = new FakeCamera(play)
    camera.#server.listen(0, '127.0.0.1')
    await once(camera.#server, 'listening')
    return camera
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** From here on it does `play`; those that are connected stay so, unless it is restarted. */
  becomes(play: Play, { restarted = false } = {}): void {
    this.play = play
    if (restarted) for (const socket of this.#sockets) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** Calls `fn` every `ms` while the socket is open and takes what it is given. */
export function whileOpen(socket: Socket, ms: number, fn: () => void): void {
  const timer = setInterval(() => {
    if (socket.writableLength < 2 ** 22) fn()
  }, ms)
  socket.on('close', () => clearInterval(timer))
}
