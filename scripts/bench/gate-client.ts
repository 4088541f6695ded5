import { once } from 'node:events'
import { connect } from 'node:tls'
import { Channel } from '@vedette/shared/channel'
import { encodeEmbedding } from '@vedette/shared/embedding'
import { type FromAgent, type FromServer, PROTOCOL, parseFromServer } from '@vedette/shared/message'
import { SOFTWARE } from '@vedette/shared/software'
import { type Credentials, dialOptions } from '@vedette/shared/tls'

export type Load = {
  /** Requests in flight on this connection at a time. */
  window: number
  /** Requests to make. */
  requests: number
  probes: readonly Float32Array[]
  /** JPEG that goes with every request. */
  chip: Uint8Array
  /** Waited after each answer before the next is asked, milliseconds. */
  apart?: number
}

/** An agent that only talks. */
export class GateClient {
  readonly #channel: Channel<FromServer, FromAgent>
  readonly #messages: AsyncGenerator<FromServer, void>
  #seq = 0
  /** Told of all that is no answer to a request. */
  onOther: (message: FromServer) => void = () => {}

  private constructor(
    channel: Channel<FromServer, FromAgent>,
    messages: AsyncGenerator<FromServer>,
  ) {
    this.#channel = channel
    this.#messages = messages
  }

  /** Resolves when it is welcome. */
  static async dial(
    port: number,
    credentials: Credentials,
    model: string,
    cameras = ['bench'],
  ): Promise<GateClient> {
    const options = dialOptions(credentials, { role: 'server' })
    const socket = connect({ ...options, host: '127.0.0.1', port })
    socket.setNoDelay(true)
    await once(socket, 'secureConnect')
    const channel = new Channel<FromServer, FromAgent>(socket, parseFromServer)
    const about = { software: SOFTWARE, model, cameras, announce: false }
    await channel.send({ type: 'hello', protocol: PROTOCOL, ...about, sentAt: Date.now() })
    const messages = channel.messages()
    const { value } = await messages.next()
    if (value?.type !== 'welcome') throw new Error(`not welcome: ${JSON.stringify(value)}`)
    channel.welcome()
    return new GateClient(channel, messages)
  }

  /** Makes requests as fast as the window allows; gives how long each took, milliseconds. */
  async run({ window, requests, probes, chip, apart = 0 }: Load): Promise<number[]> {
    const sentAt = new Map<number, number>()
    const taken: number[] = []
    const last = this.#seq + requests
    const encoded = probes.map((probe) => encodeEmbedding(probe))
    const send = () => {
      const seq = this.#seq++
      sentAt.set(seq, performance.now())
      this.#channel.post({
        type: 'match',
        seq,
        camera: 'bench',
        track: `track-${seq}`,
        shot: 0,
        capturedAt: Date.now(),
        probe: encoded[seq % encoded.length]!,
        box: [10, 10, 80, 80],
        quality: 0.9,
        chip,
      })
    }
    for (let i = 0; i < Math.min(window, requests); i++) send()
    // Not for await: leaving that loop would end the connection.
    while (taken.length < requests) {
      const { value: message, done } = await this.#messages.next()
      if (done) throw new Error(`the server closed after ${taken.length} of ${requests} requests`)
      if (message.type !== 'ack') {
        this.onOther(message)
        continue
      }
      taken.push(performance.now() - sentAt.get(message.seq)!)
      if (this.#seq >= last) continue
      if (apart > 0) setTimeout(send, apart)
      else send()
    }
    return taken
  }

  post(message: FromAgent): boolean {
    return this.#channel.post(message)
  }

  /** Bytes that wait to be sent. */
  get backlog(): number {
    return this.#channel.backlog
  }

  /** Shows that it is there. */
  ping(): void {
    this.#channel.post({ type: 'ping', n: 0 })
  }

  close(): Promise<void> {
    return this.#channel.close({ type: 'goodbye', reason: 'shutdown' })
  }
}
