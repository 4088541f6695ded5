import { once } from 'node:events'
import { connect } from 'node:tls'
import { Channel } from '@vedette/shared/channel'
import { encodeEmbedding } from '@vedette/shared/embedding'
import { codeOf, Unavailable } from '@vedette/shared/errors'
import { type FromAgent, type FromServer, PROTOCOL, parseFromServer } from '@vedette/shared/message'
import { SOFTWARE } from '@vedette/shared/software'
import { type Credentials, dialOptions } from '@vedette/shared/tls'

export type Question = { probe: Float32Array; track: string; chip: Uint8Array }

/** An agent that asks one question at a time, whenever it is told to. */
export class Asker {
  readonly #channel: Channel<FromServer, FromAgent>
  readonly #waiting = new Map<number, { answered: () => void; failed: (error: Error) => void }>()
  readonly #hearing: Promise<void>
  #seq = 0

  /** Resolves when it is welcome. */
  static async dial(port: number, credentials: Credentials, model: string): Promise<Asker> {
    const options = dialOptions(credentials, { role: 'server' })
    const socket = connect({ ...options, host: '127.0.0.1', port })
    socket.setNoDelay(true)
    await once(socket, 'secureConnect')
    const channel = new Channel<FromServer, FromAgent>(socket, parseFromServer)
    const about = { software: SOFTWARE, model, cameras: ['bench'], announce: false }
    await channel.send({ type: 'hello', protocol: PROTOCOL, ...about, sentAt: Date.now() })
    const messages = channel.messages()
    const { value } = await messages.next()
    if (value?.type !== 'welcome') {
      throw new Unavailable('uplink.refused', `not welcome: ${JSON.stringify(value)}`)
    }
    channel.welcome()
    return new Asker(channel, messages)
  }

  private constructor(
    channel: Channel<FromServer, FromAgent>,
    messages: AsyncGenerator<FromServer>,
  ) {
    this.#channel = channel
    this.#hearing = this.#hear(messages).catch((error) => this.#end(codeOf(error)))
  }

  /** Questions without an answer. */
  get open(): number {
    return this.#waiting.size
  }

  /** Resolves to how long the answer took, milliseconds. Rejects when the connection ends before. */
  ask({ probe, track, chip }: Question): Promise<number> {
    const seq = this.#seq++
    const began = performance.now()
    this.#channel.post({
      ...{ type: 'match', seq, camera: 'bench', track, shot: 0, capturedAt: Date.now() },
      ...{ probe: encodeEmbedding(probe), box: [10, 10, 80, 80], quality: 0.9, chip },
    })
    return new Promise((resolve, reject) => {
      const answered = () => resolve(performance.now() - began)
      this.#waiting.set(seq, { answered, failed: reject })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#channel.close({ type: 'goodbye', reason: 'shutdown' })
    await this.#hearing
  }

  async #hear(messages: AsyncGenerator<FromServer>): Promise<void> {
    for await (const message of messages) {
      if (message.type === 'goodbye') return this.#end(message.reason)
      if (message.type !== 'ack') continue
      this.#waiting.get(message.seq)?.answered()
      this.#waiting.delete(message.seq)
    }
    this.#end('closed')
  }

  #end(why: string): void {
    const error = new Unavailable('uplink.closed', `the server is gone: ${why}`)
    for (const { failed } of this.#waiting.values()) failed(error)
    this.#waiting.clear()
  }
}
