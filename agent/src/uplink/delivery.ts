import type { Clock } from '@vedette/shared/clock'
import type { Busy, Sequenced } from '@vedette/shared/message'
import type { Outbox } from '../outbox/outbox.ts'
import { Flight } from './flight.ts'
import type { ServerChannel } from './line.ts'

/** Bounds of what a server may ask for by holding back, milliseconds. */
const [SHORTEST_HOLD_MS, LONGEST_HOLD_MS] = [50, 60_000]

export type DeliveryOptions = {
  channel: Pick<ServerChannel, 'send' | 'post'>
  outbox: Pick<Outbox, 'from' | 'settle' | 'landed'>
  /** The embedding space that the hello named. */
  model: string
  clock: Clock
  onHeld: (held: boolean) => void
}

/**
 * Empties the outbox over one connection, in order. Where the server says that it is busy, sending
 * stops; when every answer is in and the time is over it goes on with the oldest that is not
 * acknowledged, so that nothing overtakes what was sent back.
 */
export class Delivery {
  readonly #options: DeliveryOptions
  readonly #flight = new Flight()
  /** Ends the round of sending that a hold interrupts. */
  #round = new AbortController()
  /** When it may go on, epoch milliseconds; undefined where nothing holds it back. */
  #heldUntil: number | undefined

  constructor(options: DeliveryOptions) {
    this.#options = options
  }

  /** Sends what is there and what comes until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.#rounds(signal)
    } finally {
      this.#options.outbox.landed()
    }
  }

  async #rounds(signal: AbortSignal): Promise<void> {
    const { channel, clock, onHeld } = this.#options
    while (!signal.aborted) {
      this.#round = new AbortController()
      await this.#send(AbortSignal.any([signal, this.#round.signal]))
      await this.#flight.settled()
      if (signal.aborted || this.#heldUntil === undefined) return
      const left = this.#heldUntil - clock.now()
      if (left > 0) await clock.sleep(left, signal).catch(() => {})
      if (signal.aborted) return
      this.#heldUntil = undefined
      channel.post({ type: 'resume' })
      onHeld(false)
    }
  }

  /** The server is done with number `seq`. */
  acknowledged(seq: number): void {
    if (this.#flight.settle(seq)) this.#options.outbox.settle(seq)
  }

  /** The server has not looked at number `seq`, and will not before it is asked to. */
  busy({ seq, retryAfter }: Busy): void {
    if (!this.#flight.sentBack(seq)) return
    const { clock, onHeld } = this.#options
    const wait = Math.min(Math.max(retryAfter, SHORTEST_HOLD_MS), LONGEST_HOLD_MS)
    const until = clock.now() + wait
    if (this.#heldUntil === undefined) {
      this.#flight.narrow()
      onHeld(true)
    }
    this.#heldUntil = Math.max(this.#heldUntil ?? 0, until)
    this.#round.abort()
  }

  /** Resolves when everything that was sent is answered, or nobody waits for that any more. */
  settled(): Promise<void> {
    return this.#flight.settled()
  }

  /** The connection is over, or what it still owes is given up. */
  land(): void {
    this.#flight.land()
  }

  async #send(signal: AbortSignal): Promise<void> {
    const { channel, outbox, model } = this.#options
    for await (const message of outbox.from(signal)) {
      await this.#flight.room()
      if (signal.aborted) return
      this.#flight.send(message.seq)
      await channel.send(withoutSpace(message, model))
    }
  }
}

/** Leaves out the space of a question where it is that of the hello. */
function withoutSpace(message: Sequenced, model: string): Sequenced {
  if (message.type !== 'match') return message
  const { space, ...rest } = message
  return space === model ? rest : message
}
