import type { Clock, Timer } from '@vedette/shared/clock'
import { ProtocolFault } from '@vedette/shared/errors'
import type {
  AlertNotice,
  Canary,
  FromServer,
  Goodbye,
  PlacesReport,
} from '@vedette/shared/message'
import type { FaresBook } from '../fares.ts'
import type { Renewal } from '../identity/renewal.ts'
import type { Live } from '../live/live.ts'
import type { ModelFetch } from '../model/fetch.ts'
import { Delivery, type DeliveryOptions } from './delivery.ts'
import type { Line } from './line.ts'
import { Pulse } from './pulse.ts'

/** For acknowledgements that are still to come on a connection that another replaces, ms. */
const DRAIN_MS = 10_000

export type TalkOptions = {
  outbox: DeliveryOptions['outbox']
  clock: Clock
  onAlert?: (notice: AlertNotice) => void
  /** Where the cameras stand, as far as that is known. */
  places?: () => PlacesReport['places']
  /** How the agent fares, told now and then. */
  fares?: Pick<FaresBook, 'tellEach'>
  onCanary?: (canary: Canary) => void
  /** Shows what cameras see while somebody looks. */
  live?: Pick<Live, 'opened' | 'closed' | 'heard'>
  /** Fetches the model that the server offers. */
  models?: Pick<ModelFetch, 'offered' | 'piece'>
  /** Keeps certificate and roots current. */
  renewal?: Pick<Renewal, 'opened' | 'closed' | 'heard'>
}

/** The talk on one connection, from the welcome on. Disposed, the connection is gone. */
export class Talk {
  readonly #line: Line
  readonly #options: TalkOptions
  readonly #delivery: Delivery
  readonly #pulse: Pulse
  readonly #stopFares: (() => void) | undefined
  readonly #sending: Promise<void>
  /** Ends the sending. */
  readonly #end = new AbortController()
  /** Gives up what the connection still owes. */
  #late: Timer | undefined

  constructor(line: Line, options: TalkOptions & Pick<DeliveryOptions, 'onHeld'>) {
    this.#line = line
    this.#options = options
    const { channel, model, peer, welcome } = line
    const { clock, onHeld, outbox } = options
    const places = options.places?.() ?? []
    if (places.length > 0) void channel.post({ type: 'places', places })
    this.#delivery = new Delivery({ channel, outbox, model, clock, onHeld })
    this.#pulse = new Pulse({
      heartbeat: welcome.heartbeat,
      clock,
      ping: (n) => channel.post({ type: 'ping', n }),
      onSilence: line.leave,
    })
    this.#stopFares = options.fares?.tellEach(
      (fares) => void channel.post({ type: 'fares', ...fares }),
    )
    this.#sending = this.#delivery.run(this.#end.signal)
    options.live?.opened(channel)
    options.renewal?.opened((message) => void channel.post(message), peer)
  }

  /** Hears the server out; gives its goodbye. Throws what broke the connection. */
  async listen(): Promise<Goodbye | undefined> {
    for await (const message of this.#line.messages) {
      this.#pulse.feed()
      if (message.type === 'goodbye') return message
      await this.#receive(message)
    }
    return undefined
  }

  /** Says goodbye now. */
  hangUp(): void {
    void this.#line.channel.close({ type: 'goodbye', reason: 'shutdown' })
  }

  /** Says goodbye as soon as nothing is in flight. */
  drain(): void {
    this.#end.abort()
    this.#late = this.#options.clock.after(DRAIN_MS, () => this.#delivery.land())
    void this.#sending
      .then(() => this.#delivery.settled())
      .finally(() => this.#line.channel.close({ type: 'goodbye', reason: 'renewed' }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.renewal?.closed()
    this.#options.live?.closed(this.#line.channel)
    this.#pulse.stop()
    this.#stopFares?.()
    this.#late?.cancel()
    this.#end.abort()
    this.#delivery.land()
    this.#line.destroy()
    await this.#sending.catch(() => {}) // `listen` throws what broke it
  }

  async #receive(message: FromServer): Promise<void> {
    const { live, models, renewal, onAlert, onCanary } = this.#options
    const { channel } = this.#line
    switch (message.type) {
      case 'ack':
        this.#delivery.acknowledged(message.seq)
        return
      case 'busy':
        this.#delivery.busy(message)
        return
      case 'alert':
        onAlert?.(message)
        return
      case 'canary':
        onCanary?.(message)
        return
      case 'watch':
      case 'viewed':
        live?.heard(message)
        return
      case 'model':
        return models?.offered(message.row, (fetch) => void channel.post(fetch))
      case 'piece':
        return models?.piece(message, (fetch) => void channel.post(fetch))
      case 'renewed':
      case 'unrenewed':
      case 'stale':
      case 'trust':
        return renewal?.heard(message)
      case 'ping':
        channel.post({ type: 'pong', n: message.n })
        return
      case 'pong':
        return
      default:
        throw new ProtocolFault('session.out-of-order', `unexpected ${message.type}`)
    }
  }
}
