import { EventEmitter, once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls'
import { Channel } from '@vedette/shared/channel'
import {
  type FromAgent,
  type FromServer,
  type Match,
  parseFromAgent,
  type Welcome,
} from '@vedette/shared/message'
import { acceptOptions, type Credentials } from '@vedette/shared/tls'

/** The server's end of one connection, to be led by a test. */
export class Call {
  readonly socket: TLSSocket
  readonly channel: Channel<FromAgent, FromServer>
  /** Application bytes that came. */
  received = 0
  readonly #messages: AsyncGenerator<FromAgent, void, undefined>

  constructor(socket: TLSSocket) {
    this.socket = socket
    this.channel = new Channel(socket, parseFromAgent)
    this.#messages = this.channel.messages()
  }

  /** The next message of the agent, undefined once it has ended the stream. */
  async next(): Promise<FromAgent | undefined> {
    return (await this.#messages.next()).value ?? undefined
  }

  /** The next message, which must be of `type`. */
  async expect<T extends FromAgent['type']>(type: T): Promise<Extract<FromAgent, { type: T }>> {
    const message = await this.next()
    if (message?.type === type) return message as Extract<FromAgent, { type: T }>
    throw new TypeError(`${type} expected, ${message?.type ?? 'the end'} came`)
  }

  /** Hears the hello and answers it as a good server does. */
  async welcome(overrides: Partial<Welcome> = {}): Promise<void> {
    await this.expect('hello')
    this.greet(overrides)
  }

  greet(overrides: Partial<Welcome> = {}): void {
    const now = 1_763_650_000_000
    this.channel.welcome()
    this.channel.post({
      ...{ type: 'welcome', protocol: 1, session: 's-1', heartbeat: 15_000, now },
      ...overrides,
    })
  }

  /** The next `count` questions. */
  async matches(count: number): Promise<Match[]> {
    const matches: Match[] = []
    while (matches.length < count) matches.push(await this.expect('match'))
    return matches
  }

  ack(seq: number): void {
    this.channel.post({ type: 'ack', seq })
  }

  say(message: FromServer): void {
    this.channel.post(message)
  }

  /** Makes sure that the agent has heard all that was said, and has sent nothing unread. */
  async quiet(): Promise<void> {
    this.say({ type: 'ping', n: 99 })
    await this.expect('pong')
  }

  /** Waits until the agent has heard all that was said, or is gone, reading over what it sends. */
  async heard(): Promise<void> {
    this.say({ type: 'ping', n: 98 })
    for (;;) {
      const message = await this.next()
      if (message === undefined || message.type === 'pong') return
    }
  }

  /** Resolves when the connection is gone, whoever ended it. */
  async ended(): Promise<void> {
    while (await this.next().catch(() => undefined)) {}
    if (!this.socket.destroyed) await once(this.socket, 'close')
  }

  /** Dies without a word. */
  die(): void {
    this.socket.destroy()
  }
}

/** A server that accepts agents by TLS and leaves the talk to the test. */
export class Hub {
  readonly #server: Server
  readonly #calls: Call[] = []
  readonly #taken: Call[] = []
  readonly #news = new EventEmitter()
  /** Connections whose TLS handshake failed. */
  failed = 0

  private constructor(options: TlsOptions) {
    this.#server = createServer(options)
    this.#server.on('secureConnection', (socket) => {
      this.#calls.push(new Call(socket))
      this.#news.emit('call')
    })
    this.#server.on('tlsClientError', (_error, socket) => {
      this.failed++
      socket.destroy()
      this.#news.emit('failure')
    })
  }

  static async start(credentials: Credentials, port = 0): Promise<Hub> {
    const hub = new Hub(acceptOptions(credentials))
    hub.#server.listen(port, '127.0.0.1')
    await once(hub.#server, 'listening')
    return hub
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Connections that nobody has taken yet. */
  get waiting(): number {
    return this.#calls.length
  }

  /** The connection that came first and was not taken yet. */
  async call(): Promise<Call> {
    if (this.#calls.length === 0) await once(this.#news, 'call')
    const call = this.#calls.shift()!
    this.#taken.push(call)
    return call
  }

  /** Ends every connection without a word. */
  hangUp(): void {
    for (const call of [...this.#calls, ...this.#taken]) call.die()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.hangUp()
    if (!this.#server.listening) return
    this.#server.close()
    await once(this.#server, 'close')
  }
}
