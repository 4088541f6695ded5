import type { Channel } from '@vedette/shared/channel'
import type { Timer } from '@vedette/shared/clock'
import { ProtocolFault } from '@vedette/shared/errors'
import type {
  FromAgent,
  FromServer,
  GoodbyeReason,
  Hello,
  Sequenced,
} from '@vedette/shared/message'
import type { Peer } from '@vedette/shared/tls'
import { Errands, type ErrandsOptions } from './errands.ts'
import { greetingOf, type Hearing } from './greeting.ts'
import { Patience } from './patience.ts'
import { Questions, type QuestionsOptions } from './questions.ts'
import { next, type SessionEvent, type SessionState } from './session-state.ts'
import { HEARTBEAT_MS, Silence } from './silence.ts'
import { Taking } from './taking.ts'
import { Views, type ViewsOptions } from './views.ts'

/** How long a session that ends goes on answering what it has taken, milliseconds. */
const LEAVE_MS = 10_000
/** An agent that goes on on another connection ends the former one itself within this time, ms. */
const HANDOVER_MS = 15_000

type AgentChannel = Channel<FromAgent, FromServer>

export type SessionOptions = {
  id: string
  peer: Peer
  channel: AgentChannel
  onWelcome: (hello: Hello) => Promise<void>
} & Hearing &
  Omit<ErrandsOptions, 'taking'> &
  Pick<ViewsOptions, 'onView' | 'onUnviewed'> &
  Omit<QuestionsOptions, 'agent' | 'hello' | 'taking' | 'skew' | 'onFailure'>

/** Who ended the talk, and the reason that was given. */
export type Ending = { by: 'agent' | 'server' | 'nobody'; reason: GoodbyeReason | 'none' }

/** The server's end of the talk with one agent. */
export class Session {
  readonly agent: string
  readonly #options: SessionOptions
  readonly #taking: Taking
  readonly #patience: Patience
  readonly #silence: Silence
  #state: SessionState = 'stranger'
  #hello: Hello | undefined
  #questions: Questions | undefined
  #errands: Errands | undefined
  #views: Views | undefined
  #leaving = false
  #closing: GoodbyeReason | undefined
  #handover: Timer | undefined
  #cut: GoodbyeReason | undefined
  #failure: unknown

  constructor(options: SessionOptions) {
    this.#options = options
    this.agent = options.peer.identity.name
    const { channel, clock } = options
    const onSlow = () => void this.close('slow')
    this.#taking = new Taking({ channel, clock, onSlow })
    this.#patience = new Patience(clock, onSlow)
    this.#silence = new Silence(clock, () => void this.close('silent'))
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

  /** SHA-256 of the agent's certificate. */
  get fingerprint(): string {
    return this.#options.peer.fingerprint
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
      this.#silence.start()
      for await (const message of messages) {
        if (this.#cut !== undefined) return this.#ending()
        this.#patience.over()
        this.#silence.heard()
        this.#step(message.type)
        if (message.type === 'goodbye') return { by: 'agent', reason: message.reason }
        this.#silence.reading = false
        await this.#receive(message)
        this.#silence.reading = true
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
      this.#silence.stop()
      this.#handover?.cancel()
      this.#patience.over()
      this.#taking.stop()
      this.#questions?.stop()
      this.#views?.stop()
    }
  }

  /** Says goodbye and ends the talk; the agent is to come back no sooner than `retryAfter` ms later. */
  close(reason: GoodbyeReason, retryAfter?: number): Promise<void> {
    this.#closing ??= reason
    this.#views?.stop()
    const when = retryAfter === undefined ? {} : { retryAfter: Math.ceil(retryAfter) }
    return this.#options.channel.close({ type: 'goodbye', reason, ...when })
  }

  /** Takes no more questions, answers those it has taken, and says goodbye. */
  async leave(retryAfter: number): Promise<void> {
    this.#leaving = true
    this.#views?.stop()
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
    await this.#errands?.tellPapers()
  }

  /** Tells an agent that speaks another space which model to fetch. */
  offerModel(): void {
    this.#errands?.offerModel()
  }

  /** Sends without waiting for the agent to take it. */
  post(message: FromServer): void {
    this.#taking.post(message)
  }

  /** Welcomes the agent, or gives the reason not to. */
  async #greet(message: FromAgent): Promise<GoodbyeReason | undefined> {
    const { id, clock, channel, deliveries, onWelcome } = this.#options
    this.#step(message.type)
    const greeting = greetingOf(message, clock.now(), this.#options)
    if ('refusal' in greeting) return greeting.refusal
    const { hello, skew } = greeting
    const [agent, taking] = [this.agent, this.#taking]
    this.#hello = hello
    this.#errands = new Errands({ ...this.#options, taking }, hello)
    this.#views = new Views({ ...this.#options, agent, hello, taking, skew })
    const onFailure = (error: unknown) => this.#fail(error)
    this.#questions = new Questions({ ...this.#options, agent, hello, skew, taking, onFailure })
    await onWelcome(hello)
    if (this.#cut !== undefined) return this.#cut
    channel.welcome()
    const now = clock.now()
    const done = hello.outbox && deliveries.begin(agent, hello.outbox)
    channel.post({
      type: 'welcome',
      protocol: hello.protocol,
      session: id,
      heartbeat: HEARTBEAT_MS,
      now,
      ...(done !== undefined && { done }),
    })
    this.offerModel()
    await this.tellPapers()
    return undefined
  }

  async #receive(message: FromAgent): Promise<void> {
    switch (message.type) {
      case 'match':
      case 'trouble':
        return this.#ask(message)
      case 'fetch':
      case 'renew':
      case 'trusted':
      case 'places':
      case 'fares':
        return this.#errands?.run(message)
      case 'view':
      case 'more':
      case 'unviewed':
        return this.#views?.take(message)
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
}
