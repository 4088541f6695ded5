import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/**
 * A cable to the server that can be cut: what is sent then goes nowhere, and nobody is told. What was
 * connected when it was cut stays so, and hears nothing any more.
 */
export class BlackHole {
  readonly #server: Server
  readonly #pairs = new Set<[Socket, Socket | undefined]>()
  #cut = false

  /** Resolves when it can be dialled. */
  static async open(port: number): Promise<BlackHole> {
    const hole = new BlackHole(port)
    hole.#server.listen(0, '127.0.0.1')
    await once(hole.#server, 'listening')
    return hole
  }

  private constructor(port: number) {
    this.#server = createServer((agent) => {
      agent.on('error', () => {})
      if (this.#cut) {
        this.#pairs.add([agent, undefined])
        agent.resume()
        return
      }
      const server = connect(port, '127.0.0.1')
      server.on('error', () => {})
      this.#pairs.add([agent, server])
      agent.pipe(server)
      server.pipe(agent)
      server.once('close', () => agent.destroy())
      agent.once('close', () => server.destroy())
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  cut(): void {
    this.#cut = true
    for (const [agent, server] of this.#pairs) {
      if (server === undefined) continue
      agent.unpipe(server)
      server.unpipe(agent)
      agent.resume()
      server.resume()
    }
  }

  mend(): void {
    this.#cut = false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const [agent, server] of this.#pairs) {
      agent.destroy()
      server?.destroy()
    }
    await closed
  }
}
