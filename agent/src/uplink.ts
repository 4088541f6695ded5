import { connect, type TLSSocket } from 'node:tls'
import { Backoff } from '@vedette/shared/backoff'
import { Channel } from '@vedette/shared/channel'
import type { Clock } from '@vedette/shared/clock'
import { codeOf, messageOf, ProtocolFault, Unavailable } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import {
  type AlertNotice,
  type FromAgent,
  type FromServer,
  type GoodbyeReason,
  PROTOCOL,
  parseFromServer,
  REDIAL_FORBIDDEN,
  REDIAL_SLOWLY,
  type Sequenced,
} from '@vedette/shared/message'
import type { Metrics } from '@vedette/shared/metrics'
import { type Credentials, dialOptions } from '@vedette/shared/tls'
import { Flight } from './flight.ts'
import type { ModelFetch } from './model-fetch.ts'
import type { Outbox } from './outbox.ts'
import { Pulse } from './pulse.ts'
import { next, type UplinkEvent, type UplinkState } from './uplink-state.ts'

const GREETING_TIMEOUT_MS = 10_000
const REDIAL_BASE_MS = 500
const REDIAL_CAP_MS = 30_000
/** A talk that lasted this long went well: the next trouble starts with a short wait. */
const WELL_AFTER_MS = 10_000
/** Wait before dialling again after a refusal that only a person can mend. */
const REFUSED_WAIT_MS = 600_000
/** Least wait after a refusal that may end by itself, but not in seconds. */
const SLOW_WAIT_MS = 30_000

export type UplinkOptions = {
  server: { host: string; port: number; name?: string | undefined }
  credentials: Credentials
  hello: { software: string; model: string; cameras: string[]; announce: boolean }
  outbox: Outbox
  log: Log
  metrics: Metrics
  clock: Clock
  random: () => number
  onAlert?: (notice: AlertNotice) => void
  /** Fetches the model that the server offers. */
  models?: Pick<ModelFetch, 'offered' | 'piece'>
}

type ServerChannel = Channel<FromServer, FromAgent>

/** The agent's end of the talk with the server: keeps it up, and empties the outbox over it. */
export class Uplink {
  readonly #options: UplinkOptions
  readonly #backoff: Backoff
  #state: UplinkState = 'waiting'
  #hangUp: (() => void) | undefined
  #connections = 0

  constructor(options: UplinkOptions) {
    this.#options = options
    const { random } = options
    this.#backoff = new Backoff({ base: REDIAL_BASE_MS, cap: REDIAL_CAP_MS, random })
  }

  get state(): UplinkState {
    return this.#state
  }

  /** Ends the connection, if there is one, and dials again with what is to be said in hello now. */
  redial(): void {
    this.#hangUp?.()
  }

  /** Talks with the server until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options
    while (!signal.aborted) {
      this.#on('due')
      const ended = await this.#connection(signal)
      if (signal.aborted) break
      this.#on(ended.refused ? 'refused' : 'lost')
      const wait = ended.refused ? REFUSED_WAIT_MS : this.#backoff.next()
      const { code, message } = ended
      log.warn({ code, message, retryIn: Math.round(wait) }, 'uplink.closed')
      await clock.sleep(wait, signal).catch(() => {})
    }
    this.#on('stop')
  }

  #on(event: UplinkEvent): void {
    const state = next(this.#state, event)
    if (state === undefined) return
    this.#options.log.debug({ from: this.#state, to: state, on: event }, 'uplink.state')
    this.#state = state
  }

  /** One connection from dialling to its end; tells how it ended, never throws. */
  async #connection(
    signal: AbortSignal,
  ): Promise<{ code: string; message: string; refused: boolean }> {
    const end = new AbortController()
    let socket: TLSSocket | undefined
    try {
      socket = await this.#dial(signal)
      this.#on('connected')
      const channel: ServerChannel = new Channel(socket, parseFromServer)
      const farewell = () => void channel.close({ type: 'goodbye', reason: 'shutdown' })
      signal.addEventListener('abort', farewell, { signal: end.signal })
      if (signal.aborted) farewell()
      this.#hangUp = farewell
      const reason = await this.#talk(channel, end, leave(socket, channel))
      const refused = reason !== undefined && REDIAL_FORBIDDEN.has(reason)
      return { code: `goodbye.${reason ?? 'none'}`, message: 'server closed', refused }
    } catch (error) {
      return { code: codeOf(error), message: messageOf(error), refused: false }
    } finally {
      end.abort()
      this.#hangUp = undefined
      socket?.destroy()
    }
  }

  async #dial(signal: AbortSignal): Promise<TLSSocket> {
    const { server, credentials, clock } = this.#options
    const socket = connect({
      ...dialOptions(credentials, { role: 'server', name: server.name }),
      host: server.host,
      port: server.port,
    })
    socket.setNoDelay(true)
    return new Promise((resolve, reject) => {
      const settle = () => {
        timer.cancel()
        signal.removeEventListener('abort', stop)
      }
      const fail = (error: Error) => {
        settle()
        socket.destroy()
        reject(error)
      }
      const timer = clock.after(GREETING_TIMEOUT_MS, () =>
        fail(new Unavailable('uplink.unreachable', `${server.host} did not answer in time`)),
      )
      const stop = () => fail(new Unavailable('uplink.closed', 'stopped'))
      signal.addEventListener('abort', stop)
      socket.on('error', fail)
      socket.once('secureConnect', () => {
        settle()
        resolve(socket)
      })
    })
  }

  /** Hello, welcome, then everything until the connection ends; gives the server's goodbye. */
  async #talk(
    channel: ServerChannel,
    end: AbortController,
    onSilence: () => void,
  ): Promise<GoodbyeReason | undefined> {
    const { hello, clock, log, outbox } = this.#options
    const { model } = hello
    const messages = channel.messages()
    const late = clock.after(GREETING_TIMEOUT_MS, onSilence)
    const { stream, first: number } = outbox
    const about = { ...hello, outbox: { stream, first: number }, sentAt: clock.now() }
    await channel.send({ type: 'hello', protocol: PROTOCOL, ...about })
    const first = (await messages.next()).value
    late.cancel()
    if (first === undefined) throw new Unavailable('uplink.refused', 'server closed without a word')
    if (first.type === 'goodbye') return first.reason
    if (first.type !== 'welcome') {
      throw new ProtocolFault('session.out-of-order', `${first.type} before welcome`)
    }
    channel.welcome()
    if (first.done !== undefined && outbox.outrun(first.done)) {
      throw new Unavailable('uplink.closed', 'the numbers of the outbox begin anew')
    }
    this.#on('welcomed')
    const welcomedAt = clock.now()
    log.info({ connection: ++this.#connections, waiting: outbox.size }, 'uplink.open')

    const flight = new Flight()
    const pulse = new Pulse({
      heartbeat: first.heartbeat,
      clock,
      ping: (n) => channel.post({ type: 'ping', n }),
      onSilence,
    })
    const sending = this.#empty(channel, flight, model, end.signal)
    try {
      for await (const message of messages) {
        pulse.feed()
        if (message.type === 'goodbye') return message.reason
        await this.#receive(channel, message, flight)
      }
      return undefined
    } finally {
      if (clock.now() - welcomedAt > WELL_AFTER_MS) this.#backoff.reset()
      pulse.stop()
      end.abort()
      flight.land()
      await sending.catch(() => {}) // the loop above throws what broke it
    }
  }

  async #receive(channel: ServerChannel, message: FromServer, flight: Flight): Promise<void> {
    switch (message.type) {
      case 'ack': {
        if (flight.settle(message.seq)) this.#options.outbox.settle(message.seq)
        return
      }
      case 'alert':
        this.#options.onAlert?.(message)
        return
      case 'model':
        return this.#options.models?.offered(message.row, (fetch) => void channel.post(fetch))
      case 'piece':
        return this.#options.models?.piece(message, (fetch) => void channel.post(fetch))
      case 'ping':
        channel.post({ type: 'pong', n: message.n })
        return
      case 'pong':
        return
      default:
        throw new ProtocolFault('session.out-of-order', `unexpected ${message.type}`)
    }
  }

  async #empty(
    channel: ServerChannel,
    flight: Flight,
    model: string,
    signal: AbortSignal,
  ): Promise<void> {
    for await (const message of this.#options.outbox.from(signal)) {
      await flight.room()
      if (signal.aborted) return
      flight.send(message.seq)
      await channel.send(withoutSpace(message, model))
    }
  }
}

/** Leaves out the space of a question where it is that of the hello. */
function withoutSpace(message: Sequenced, model: string): Sequenced {
  const { space, ...rest } = message
  return space === model ? rest : message
}

/** Hangs up on a server from which nothing comes. */
function leave(socket: TLSSocket, channel: ServerChannel): () => void {
  return () => {
    channel.post({ type: 'goodbye', reason: 'silent' })
    socket.destroy(new Unavailable('uplink.silent', 'nothing came from the server'))
  }
}
