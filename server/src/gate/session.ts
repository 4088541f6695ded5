import { Bell } from '@vedette/shared/bell'
import type { Channel } from '@vedette/shared/channel'
import type { Clock, Timer } from '@vedette/shared/clock'
import { decodeEmbedding } from '@vedette/shared/embedding'
import { ProtocolFault } from '@vedette/shared/errors'
import {
  type Fetch,
  type FromAgent,
  type FromServer,
  type GoodbyeReason,
  type Hello,
  type Match,
  PROTOCOL,
} from '@vedette/shared/message'
import type { Peer } from '@vedette/shared/tls'
import type { Probe } from '../probe.ts'
import type { Offered } from '../spaces/offer.ts'
import { Acks } from './acks.ts'
import { checkChip } from './chip.ts'
import type { Papers } from './papers.ts'

/** How often an agent is to show that it is alive, milliseconds. */
const HEARTBEAT_MS = 15_000
/** Silence after which an agent is gone: two heartbeats missed. */
const SILENCE_MS = 2.5 * HEARTBEAT_MS
/** An agent that goes on on another connection ends the former one itself within this time, ms. */
const HANDOVER_MS = 15_000
/** Requests of one agent worked on at a time; more wait in its socket. */
const MOST_OPEN = 64

export type AgentChannel = Channel<FromAgent, FromServer>

export type SessionOptions = {
  id: string
  peer: Peer
  channel: AgentChannel
  /** Components of an embedding of a space; undefined where that is not spoken here. */
  lengthOf: (space: string) => number | undefined
  /** The model that the agent should have. */
  offer: () => Offered
  papers: Pick<Papers, 'notices' | 'renew' | 'trusted'>
  clock: Clock
  /** Resolves when all that comes of the probe is on disk. */
  onProbe: (probe: Probe) => Promise<void>
  onWelcome: (hello: Hello) => Promise<void>
}

/** The server's end of the talk with one agent. */
export class Session {
  readonly agent: string
  readonly #options: SessionOptions
  readonly #acks: Acks
  #hello: Hello | undefined
  #lastSeq = -1
  #open = 0
  readonly #room = new Bell()
  #silence: Timer | undefined
  #handover: Timer | undefined
  #cut: GoodbyeReason | undefined
  #failure: unknown

  constructor(options: SessionOptions) {
    this.#options = options
    this.agent = options.peer.identity.name
    const { channel, clock } = options
    this.#acks = new Acks(clock, (seq) => channel.post({ type: 'ack', seq }))
  }

  /** What the agent said of itself, once it is welcome. */
  get hello(): Hello | undefined {
    return this.#hello
  }

  get serial(): string {
    return this.#options.peer.serial
  }

  /** When the agent's certificate ends, epoch milliseconds. */
  get notAfter(): number {
    return this.#options.peer.notAfter
  }

  /** Talks until the agent leaves; gives its reason, or ours. Throws what broke the talk. */
  async run(): Promise<GoodbyeReason | undefined> {
    const messages = this.#options.channel.messages({ leaveOpen: true })
    try {
      const first = await messages.next()
      if (first.done) return undefined
      const refusal = await this.#greet(first.value)
      if (this.#cut !== undefined) return this.#cut
      if (refusal !== undefined) {
        await this.close(refusal)
        return refusal
      }
      this.#listen()
      for await (const message of messages) {
        if (this.#cut !== undefined) return this.#cut
        this.#listen()
        if (message.type === 'goodbye') return message.reason
        await this.#receive(message)
        if (this.#failure !== undefined) break
      }
      if (this.#failure !== undefined) throw this.#failure
      return undefined
    } catch (error) {
      throw this.#failure ?? error
    } finally {
      this.#silence?.cancel()
      this.#handover?.cancel()
      this.#acks.stop()
    }
  }

  /** Says goodbye and ends the talk. */
  close(reason: GoodbyeReason): Promise<void> {
    return this.#options.channel.close({ type: 'goodbye', reason })
  }

  /** Nothing that the agent says counts from now on. */
  cut(reason: GoodbyeReason): void {
    if (this.#cut !== undefined) return
    this.#cut = reason
    void this.close(reason)
  }

  expire(): void {
    this.cut('expired')
  }

  /**
   * The agent is welcome on another connection, too. With a new certificate it is renewing: it goes
   * on there once it has its acknowledgements here. With the same one it has lost this connection.
   */
  replaceBy({ serial }: Session): void {
    if (serial === this.serial) return void this.close('replaced')
    const { clock } = this.#options
    this.#handover = clock.after(HANDOVER_MS, () => void this.close('replaced'))
  }

  /** Tells the agent what it must know of certificates and roots. */
  async tellPapers(): Promise<void> {
    const { papers, peer } = this.#options
    for (const notice of await papers.notices(peer, this.#hello?.trust)) this.post(notice)
  }

  /** Sends without waiting for the agent to take it. */
  post(message: FromServer): void {
    this.#options.channel.post(message)
  }

  /** Welcomes the agent, or gives the reason not to. */
  async #greet(message: FromAgent): Promise<GoodbyeReason | undefined> {
    const { id, lengthOf, clock, channel, onWelcome } = this.#options
    if (message.type !== 'hello') {
      throw new ProtocolFault('session.out-of-order', `${message.type} before hello`)
    }
    if (message.protocol !== PROTOCOL) return 'version'
    if (lengthOf(message.model) === undefined) return 'model'
    this.#hello = message
    await onWelcome(message)
    if (this.#cut !== undefined) return this.#cut
    channel.welcome()
    const now = clock.now()
    channel.post({ type: 'welcome', protocol: PROTOCOL, session: id, heartbeat: HEARTBEAT_MS, now })
    this.offerModel()
    await this.tellPapers()
    return undefined
  }

  /** Tells an agent that speaks another space which model to fetch. */
  offerModel(): void {
    const { space, row } = this.#options.offer()
    if (this.#hello !== undefined && this.#hello.model !== space) this.post({ type: 'model', row })
  }

  async #receive(message: FromAgent): Promise<void> {
    switch (message.type) {
      case 'match':
        return this.#match(message)
      case 'fetch':
        return this.#piece(message)
      case 'renew':
        this.post(await this.#options.papers.renew(this.#options.peer, message.request))
        return
      case 'trusted':
        return this.#options.papers.trusted(this.#options.peer, message.version)
      case 'ping':
        this.post({ type: 'pong', n: message.n })
        return
      case 'pong':
        return
      default:
        throw new ProtocolFault('session.out-of-order', `unexpected ${message.type}`)
    }
  }

  /** Waits until the agent has taken it: a model is large, and others want to send, too. */
  async #piece({ sha256, offset }: Fetch): Promise<void> {
    const offer = this.#options.offer()
    if (offer.sha256 !== sha256) return
    const data = await offer.piece(offset)
    if (data === undefined) return
    await this.#options.channel.send({ type: 'piece', sha256, offset, data })
  }

  async #match(match: Match): Promise<void> {
    const { lengthOf, clock, onProbe } = this.#options
    if (match.seq <= this.#lastSeq) {
      throw new ProtocolFault('session.sequence', `${match.seq} after ${this.#lastSeq}`)
    }
    this.#lastSeq = match.seq
    if (!this.#hello?.cameras.includes(match.camera)) {
      throw new ProtocolFault('session.unknown-camera', `camera ${match.camera} was not announced`)
    }
    checkChip(match.chip)
    const receivedAt = clock.now()
    const space = match.space ?? this.#hello.model
    const length = lengthOf(space)
    // Asked long ago, in a space that is given up: there is nothing left to compare it with.
    if (length === undefined) return this.#acks.done(match.seq, receivedAt)
    const probe = decodeEmbedding(match.probe, length)
    this.#open++
    onProbe({ ...match, agent: this.agent, receivedAt, space, probe })
      .then(() => this.#acks.done(match.seq, receivedAt))
      .catch((error) => {
        this.#failure ??= error
        void this.close('internal')
      })
      .finally(() => {
        this.#open--
        this.#room.ring()
      })
    while (this.#open >= MOST_OPEN) await this.#room.wait()
  }

  #listen(): void {
    this.#silence?.cancel()
    this.#silence = this.#options.clock.after(SILENCE_MS, () => void this.close('silent'))
  }
}
