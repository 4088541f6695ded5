import { EventEmitter, once } from 'node:events'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { Channel } from '@vedette/shared/channel'
import { encodeEmbedding } from '@vedette/shared/embedding'
import {
  type FromAgent,
  type FromServer,
  type Hello,
  type Match,
  PROTOCOL,
  parseFromServer,
} from '@vedette/shared/message'
import { type Credentials, dialOptions } from '@vedette/shared/tls'
import { seeded } from './agent-random.ts'
import { jpegHeader } from './server-jpeg.ts'
import { scattered } from './server-vectors.ts'

export const SPACE = 'test-space'
export const CAMERA = 'north'

type Heard<T extends FromServer['type']> = Extract<FromServer, { type: T }>

/** An agent that says what it is told to, over a real TLS connection. */
export class ScriptedAgent {
  readonly socket: TLSSocket
  /** Everything the server said, oldest first. */
  readonly heard: FromServer[] = []
  /** What the server gave for resuming. */
  readonly tickets: Buffer[] = []
  readonly #channel: Channel<FromServer, FromAgent>
  readonly #news = new EventEmitter()
  #over = false

  /** Resolves when TLS is up, which is before the server has judged. */
  static async dial(
    port: number,
    credentials: Credentials,
    overrides: ConnectionOptions = {},
  ): Promise<ScriptedAgent> {
    const options = dialOptions(credentials, { role: 'server' })
    const socket = connect({ ...options, ...overrides, host: '127.0.0.1', port })
    socket.setNoDelay(true)
    const agent = new ScriptedAgent(socket)
    await Promise.race([new Promise((up) => socket.once('secureConnect', up)), agent.#gone()])
    return agent
  }

  /** Resolves when the server has welcomed it. */
  static async welcome(
    port: number,
    credentials: Credentials,
    more: Partial<Hello> = {},
  ): Promise<ScriptedAgent> {
    const agent = await ScriptedAgent.dial(port, credentials)
    agent.say(helloOf(more))
    await agent.hears('welcome')
    return agent
  }

  private constructor(socket: TLSSocket) {
    this.socket = socket
    this.#channel = new Channel(socket, parseFromServer)
    socket.on('session', (ticket: Buffer) => this.tickets.push(ticket))
    void this.#listen()
  }

  say(...messages: FromAgent[]): void {
    for (const message of messages) this.#channel.post(message)
  }

  write(...bytes: Uint8Array[]): void {
    for (const part of bytes) this.socket.write(part)
  }

  /** Message number `nth` (0 is the first) of that type, waiting for it; throws when none comes. */
  async hears<T extends FromServer['type']>(type: T, nth = 0): Promise<Heard<T>> {
    for (;;) {
      const all = this.heard.filter((message): message is Heard<T> => message.type === type)
      if (all[nth] !== undefined) return all[nth]
      if (this.#over)
        throw new Error(`closed without ${type} ${nth}: ${JSON.stringify(this.heard)}`)
      await once(this.#news, 'news')
    }
  }

  /** Everything the server said, once it has closed the connection. */
  async ended(): Promise<FromServer[]> {
    await this.#gone()
    return this.heard
  }

  /** Resolves when the server has dealt with all that was said so far. */
  async settled(): Promise<void> {
    const before = this.heard.filter(({ type }) => type === 'pong').length
    this.say({ type: 'ping', n: before })
    await this.hears('pong', before)
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }

  async #listen(): Promise<void> {
    this.#channel.welcome()
    try {
      for await (const message of this.#channel.messages()) {
        this.heard.push(message)
        this.#news.emit('news')
      }
    } catch {} // the connection broke: over is over
    this.#over = true
    this.#news.emit('news')
  }

  async #gone(): Promise<void> {
    while (!this.#over) await once(this.#news, 'news')
  }
}

export function helloOf(more: Partial<Hello> = {}): Hello {
  return {
    type: 'hello',
    protocol: PROTOCOL,
    software: 'test/1',
    model: SPACE,
    cameras: [CAMERA, 'south'],
    announce: false,
    sentAt: Date.now(),
    ...more,
  }
}

/** A question about nobody in particular, of 128 components. */
export function matchOf(seq: number, more: Partial<Match> = {}): Match {
  return {
    type: 'match',
    seq,
    camera: CAMERA,
    track: `track-${seq}`,
    shot: 0,
    capturedAt: Date.now(),
    probe: encodeEmbedding(scattered(1, 128, seeded(seq))[0]!),
    box: [10, 20, 80, 90],
    quality: 0.9,
    chip: jpegHeader(256, 256),
    ...more,
  }
}
