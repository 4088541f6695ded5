import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/**
 * A cable to the server that can be cut: what is sent then goes nowhere, and nobody is told. What was
 * connected when it was cut stays so, and hears nothing any more; what was dialled meanwhile, and has
 * not been given up, comes through when it is mended, as TCP says again what was not heard.
 */
export class BlackHole {
  readonly #server: Server
  readonly #port: number
  readonly #pairs = new Set<[agent: Socket, server: Socket]>()
  /** What was dialled while it was cut, and what was said there. */
  readonly #unheard = new Map<Socket, Buffer[]>()
  #cut = false

  /** Resolves when it can be dialled. */
  static async open(port: number): Promise<BlackHole> {
    const hole = new BlackHole(port)
    hole.#server.listen(0, '127.0.0.1')
    await once(hole.#server, 'listening')
    return hole
  }

  private constructor(port: number) {
    this.#port = port
    this.#server = createServer((agent) => {
      agent.on('error', () => {})
      if (this.#cut) this.#hold(agent)
      else this.#join(agent)
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  cut(): void {
    this.#cut = true
    for (const [agent, server] of this.#pairs) {
      agent.unpipe(server)
      server.unpipe(agent)
      agent.resume()
      server.resume()
    }
  }

  mend(): void {
    this.#cut = false
    for (const [agent, said] of this.#unheard) {
      agent.removeAllListeners('data')
      this.#join(agent, said)
    }
    this.#unheard.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of [...this.#pairs].flat()) socket.destroy()
    for (const agent of this.#unheard.keys()) agent.destroy()
    await closed
  }

  #hold(agent: Socket): void {
    const said: Buffer[] = []
    this.#unheard.set(agent, said)
    agent.on('data', (chunk) => said.push(chunk))
    agent.once('close', () => this.#unheard.delete(agent))
  }

  #join(agent: Socket, said: readonly Buffer[] = []): void {
    const server = connect(this.#port, '127.0.0.1')
    server.on('error', () => {})
    this.#pairs.add([agent, server])
    for (const chunk of said) server.write(chunk)
    agent.pipe(server)
    server.pipe(agent)
    server.once('close', () => agent.destroy())
    agent.once('close', () => server.destroy())
  }
}
