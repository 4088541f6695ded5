import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** Bytes that go through at a time. */
const SLICE = 2048

/** A cable to the server through which an agent's words go slowly, and the server's at once. */
export class SlowCable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  /** `rate` in bytes a second. */
  static async open(port: number, rate: number): Promise<SlowCable> {
    const cable = new SlowCable(port, rate)
    cable.#server.listen(0, '127.0.0.1')
    await once(cable.#server, 'listening')
    return cable
  }

  private constructor(port: number, rate: number) {
    // Else two small words of the server wait for each other, which no link between does.
    this.#server = createServer({ noDelay: true }, (agent) => {
      const server = connect({ host: '127.0.0.1', port, noDelay: true })
      for (const socket of [agent, server]) {
        this.#sockets.add(socket)
        socket.on('error', () => {})
        socket.on('close', () => [agent, server].map((one) => one.destroy()))
      }
      server.pipe(agent)
      // Whoever hangs up in the middle of a word is done.
      carry(agent, server, rate).catch(() => server.destroy())
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}

async function carry(from: Socket, to: Socket, rate: number): Promise<void> {
  let free = performance.now()
  for await (const chunk of from) {
    const bytes = chunk as Buffer
    for (let at = 0; at < bytes.length; at += SLICE) {
      const part = bytes.subarray(at, at + SLICE)
      free = Math.max(free, performance.now()) + (part.length * 1000) / rate
      const early = free - performance.now()
      if (early > 1) await wait(early)
      if (to.destroyed) return
      to.write(part)
    }
  }
  to.end()
}
