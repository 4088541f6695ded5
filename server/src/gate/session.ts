import type { Channel } from '@vedette/shared/channel'
import type { Timer } from '@vedette/shared/clock'
import { ProtocolFault } from '@vedette/shared/errors'
import {
  type Fetch,
  type FromAgent,
  type FromServer,
  type GoodbyeReason,
  type Hello,
  type PlacesReport,
  type Sequenced,
  SPOKEN,
} from '@vedette/shared/message'
import type { Peer } from '@vedette/shared/tls'
import type { Offered } from '../spaces/offer.ts'
import type { Papers } from './papers.ts'
import { Patience } from './patience.ts'
import { Questions, type QuestionsOptions } from './questions.ts'
import { next, type SessionEvent, type SessionState } from './session-state.ts'
import { Taking } from './taking.ts'
import { skewOf } from './timing.ts'

/** How often an agent is to show that it is alive, milliseconds. */
const HEARTBEAT_MS = 15_000
/** Silence after which an agent is gone: two heartbeats missed. */
const SILENCE_MS = 2.5 * HEARTBEAT_MS
/** How long a session that ends goes on answering what it has taken, milliseconds. */
const LEAVE_MS = 10_000
/** An agent that goes on on another connection ends the former one itself within this time, ms. */
const HANDOVER_MS = 15_000

export type AgentChannel = Channel<FromAgent, FromServer>

export type SessionOptions = {
  id: string
  peer: Peer
  channel: AgentChannel
  /** The model that the agent should have. */
  offer: () => Offered
  papers: Pick<Papers, 'notices' | 'renew' | 'trusted'>
  /** Milliseconds that the agent is to stay away; 0 where it may come in. */
  away: number
  onWelcome: (hello: Hello) => Promise<void>
  onPlaces: (places: PlacesReport['places']) => Promise<void>
} & Omit<QuestionsOptions, 'agent' | 'hello' | 'taking' | 'skew' | 'onFailure'>

/** Who ended the talk, and the reason that was given. */
export type Ending = { by: 'agent' | 'server' | 'nobody'; reason: GoodbyeReason | 'none' }

/** The server's end of the talk with one agent. */
export class Session {
  readonly agent: string
  readonly #options: SessionOptions
  readonly #taking: Taking
  readonly #patience: Patience
  #state: SessionState = 'stranger'
  #hello: Hello | undefined
  #questions: Questions | undefined
  #heardAt = 0
  #reading = true
  #silence: Timer | undefined
  #leaving = false
  #closing: GoodbyeReason | undefined
  #handover: Timer | undefined
  #cut: GoodbyeReason | undefined
  /** Version of the roots that the agent trusts, as far as it has said. */
  #trusts: string | undefined
  #failure: unknown

  constructor(options: SessionOptions) {
    this.#options = options
    this.agent = options.peer.identity.name
    const { channel, clock } = options
    const onSlow = () => void this.close('slow')
    this.#taking = new Taking({ channel, clock, onSlow })
    this.#patience = new Patience(clock, onSlow)
  }

  /** What the agent said of itself, once it is welcome. */
  get hello(): Hello | undefined {
    return this.#hello
  }

  /** Whether the connection broke, rather than the talk. */
  get broken(): boolean {
    return this.#options.channel.broken
  }

  get serial(): string {
    return this.#options.peer.serial
  }

  /** When the agent's certificate ends, epoch milliseconds. */
  get notAfter(): number {
    return this.#options.peer.notAfter
  }

  /** Talks until somebody ends it. Throws what broke the talk. */
  async run(): Promise<Ending> {
    const { channel } = this.#options
    const onWait = (begun: number) => this.#patience.waits(begun)
    const messages = channel.messages({ leaveOpen: true, onWait })
    try {
      const first = await messages.next()
      if (first.done) return this.#ending()
      const refusal = await this.#greet(first.value)
      if (this.#cut !== undefined) return this.#ending()
      if (refusal !== undefined) {
        const closed = this.close(refusal, refusal === 'flapping' ? this.#options.away : undefined)
        await messages.return() // the peer's end is behind whatever it has said already
        await closed
        return this.#ending()
      }
      this.#heardAt = this.#options.clock.now()
      this.#listen()
      for await (const message of messages) {
        if (this.#cut !== undefined) return this.#ending()
        this.#patience.over()
        this.#heardAt = this.#options.clock.now()
        this.#step(message.type)
        if (message.type === 'goodbye') return { by: 'agent', reason: message.reason }
        this.#reading = false
        await this.#receive(message)
        this.#reading = true
        if (this.#failure !== undefined) break
      }
      if (this.#failure !== undefined) throw this.#failure
      return this.#ending()
    } catch (error) {
      if (this.#failure !== undefined) throw this.#failure
      // What comes, or does not come whole, after our goodbye is nobody's fault.
      if (this.#closing !== undefined) return this.#ending()
      throw error
    } finally {
      await messages.return()
      this.#silence?.cancel()
      this.#handover?.cancel()
      this.#patience.over()
      this.#taking.stop()
      this.#questions?.stop()
    }
  }

  /** Says goodbye and ends the talk; the agent is to come back no sooner than `retryAfter` ms later. */
  close(reason: GoodbyeReason, retryAfter?: number): Promise<void> {
    this.#closing ??= reason
    const when = retryAfter === undefined ? {} : { retryAfter: Math.ceil(retryAfter) }
    return this.#options.channel.close({ type: 'goodbye', reason, ...when })
  }

  /** Takes no more questions, answers those it has taken, and says goodbye. */
  async leave(retryAfter: number): Promise<void> {
    this.#leaving = true
    await this.#questions?.settled(LEAVE_MS)
    await this.close('shutdown', retryAfter)
  }

  /** Nothing that the agent says counts from now on. */
  cut(reason: GoodbyeReason): void {
    if (this.#cut !== undefined) return
    this.#cut = reason
    this.#questions?.stop()
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
    for (const notice of await papers.notices(peer, this.#trusts)) this.post(notice)
  }

  /** Sends without waiting for the agent to take it. */
  post(message: FromServer): void {
    this.#taking.post(message)
  }

  /** Welcomes the agent, or gives the reason not to. */
  async #greet(message: FromAgent): Promise<GoodbyeReason | undefined> {
    const { id, lengthOf, clock, channel, deliveries, onWelcome } = this.#options
    this.#step(message.type)
    if (message.type !== 'hello') return 'protocol'
    if (this.#options.away > 0) return 'flapping'
    if (!SPOKEN.has(message.protocol)) return 'version'
    if (lengthOf(message.model) === undefined) return 'model'
    const skew = skewOf(message.sentAt, clock.now())
    if (skew === undefined) return 'clock'
    this.#hello = message
    this.#trusts = message.trust
    this.#questions = new Questions({
      ...this.#options,
      agent: this.agent,
      hello: message,
      skew,
      taking: this.#taking,
      onFailure: (error) => this.#fail(error),
    })
    await onWelcome(message)
    if (this.#cut !== undefined) return this.#cut
    channel.welcome()
    const now = clock.now()
    const done = message.outbox && deliveries.begin(this.agent, message.outbox)
    channel.post({
      type: 'welcome',
      protocol: message.protocol,
      session: id,
      heartbeat: HEARTBEAT_MS,
      now,
      ...(done !== undefined && { done }),
    })
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
      case 'trouble':
        return this.#ask(message)
      case 'fetch':
        return this.#piece(message)
      case 'renew':
        this.post(await this.#options.papers.renew(this.#options.peer, message.request))
        return
      case 'trusted':
        this.#trusts = message.version
        return this.#options.papers.trusted(this.#options.peer, message.version)
      case 'places':
        return this.#place(message)
      case 'ping':
        this.post({ type: 'pong', n: message.n })
        return
      case 'pong':
      case 'resume':
        return
      default:
        throw new ProtocolFault('session.out-of-order', `unexpected ${message.type}`)
    }
  }

  async #place({ places }: PlacesReport): Promise<void> {
    const stranger = places.find(({ camera }) => !this.#hello?.cameras.includes(camera))
    if (stranger !== undefined) {
      const { camera } = stranger
      throw new ProtocolFault('session.unknown-camera', `camera ${camera} was not announced`)
    }
    await this.#options.onPlaces(places)
  }

  /** Waits until the agent has taken it: a model is large, and others want to send, too. */
  async #piece({ sha256, offset }: Fetch): Promise<void> {
    const offer = this.#options.offer()
    if (offer.sha256 !== sha256) return
    const data = await offer.piece(offset)
    if (data === undefined) return
    await this.#taking.send({ type: 'piece', sha256, offset, data })
  }

  async #ask(message: Sequenced): Promise<void> {
    if (this.#leaving || this.#questions === undefined) return
    const outcome = await this.#questions.ask(message, this.#state === 'held')
    if (outcome === 'busied') this.#step('busied')
  }

  /** Throws ProtocolFault where the protocol has no such step. */
  #step(event: SessionEvent): void {
    const state = next(this.#state, event)
    if (state === undefined) {
      throw new ProtocolFault('session.out-of-order', `${event} while ${this.#state}`)
    }
    this.#state = state
  }

  #ending(): Ending {
    if (this.#closing === undefined) return { by: 'nobody', reason: 'none' }
    return { by: 'server', reason: this.#closing }
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    void this.close('internal')
  }

  /** Waits until nothing has been heard for too long; what is not read yet is not silence. */
  #listen(after = SILENCE_MS): void {
    const { clock } = this.#options
    this.#silence = clock.after(after, () => {
      if (!this.#reading) this.#heardAt = clock.now()
      const left = this.#heardAt + SILENCE_MS - clock.now()
      if (left > 0) this.#listen(left)
      else void this.close('silent')
    })
  }
}
