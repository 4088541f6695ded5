import { Bell } from '@vedette/shared/bell'
import type { Clock } from '@vedette/shared/clock'
import { decodeEmbedding } from '@vedette/shared/embedding'
import { ProtocolFault } from '@vedette/shared/errors'
import { BUSY_SINCE, type Hello, type Sequenced, type Trouble } from '@vedette/shared/message'
import { isLate, type Probe } from '../probe.ts'
import { Acks } from './acks.ts'
import { checkChip } from './chip.ts'
import type { Deliveries } from './deliveries.ts'
import type { Taken } from './delivery.ts'
import type { GateFigures } from './figures.ts'
import type { GateLimits } from './limits.ts'
import { Pace } from './pace.ts'
import type { Taking } from './taking.ts'
import { takenAt } from './timing.ts'
import type { Turns } from './turns.ts'

/** An honest agent has no more than this under way when it hears that the server is busy. */
const MOST_BUSIED = 64
/** What comes on top of it is not read for so long each, milliseconds. */
const UNREAD_MS = 250

export type QuestionsOptions = {
  agent: string
  hello: Hello
  taking: Taking
  /** By how much the agent's clock is behind, milliseconds. */
  skew: number
  deliveries: Pick<Deliveries, 'begin' | 'take'>
  /** Components of an embedding of a space; undefined where that is not spoken here. */
  lengthOf: (space: string) => number | undefined
  limits: Pick<GateLimits, 'questions' | 'waiting'>
  figures: Pick<GateFigures, 'busy' | 'request' | 'late'>
  /** Whose questions are worked on next. */
  turns: Turns
  clock: Clock
  random: () => number
  /** Resolves when all that comes of the probe is on disk. */
  onProbe: (probe: Probe) => Promise<void>
  /** Resolves when what is wrong with a camera is on disk. */
  onTrouble: (agent: string, trouble: Trouble) => Promise<void>
  onFailure: (error: unknown) => void
}

/** What becomes of the questions of one agent: checked, held back or taken, worked on, answered. */
export class Questions {
  readonly #options: QuestionsOptions
  readonly #pace: Pace
  readonly #acks: Acks
  readonly #answered = new Bell()
  #lastSeq = -1
  /** Sent back since the agent was told to hold back. */
  #busied = 0

  constructor(options: QuestionsOptions) {
    this.#options = options
    const { clock, hello, limits, random, taking } = options
    const { rate, burst } = limits.questions
    const cameras = Math.max(1, hello.cameras.length)
    this.#pace = new Pace({
      rate: { rate: rate * cameras, burst: burst * cameras },
      most: limits.waiting,
      clock,
      random,
    })
    this.#acks = new Acks(clock, (seq) => {
      taking.post({ type: 'ack', seq })
      this.#answered.ring()
    })
  }

  /**
   * Takes a question, or says that the agent is busied with it; of one that is `held` back nothing is
   * looked at but its form. Waits where the agent is too old to be told. Throws ProtocolFault.
   */
  async ask(message: Sequenced, held: boolean): Promise<'taken' | 'busied'> {
    const { hello, clock } = this.#options
    const { seq, camera } = message
    if (seq <= this.#lastSeq) {
      throw new ProtocolFault('session.sequence', `${seq} after ${this.#lastSeq}`)
    }
    if (!hello.cameras.includes(camera)) {
      throw new ProtocolFault('session.unknown-camera', `camera ${camera} was not announced`)
    }
    const receivedAt = clock.now()
    const work = this.#workOf(message, receivedAt)
    if (hello.protocol >= BUSY_SINCE) {
      const wait = this.#pace.take(held)
      if (wait > 0) {
        await this.#sendBack(seq, wait, held)
        return 'busied'
      }
    } else if (!(await this.#pace.taken())) {
      return 'taken'
    }
    this.#lastSeq = seq
    this.#work(message, work, receivedAt)
    return 'taken'
  }

  /** Resolves when all that was taken is answered, `patience` milliseconds from now at the latest. */
  async settled(patience: number): Promise<void> {
    let patient = true
    const timer = this.#options.clock.after(patience, () => {
      patient = false
      this.#answered.ring()
    })
    while (patient && this.#pace.open + this.#acks.waiting > 0) await this.#answered.wait()
    timer.cancel()
  }

  /** The talk is over: nobody hears answers any more. */
  stop(): void {
    this.#options.turns.leave(this)
    this.#pace.stop()
    this.#acks.stop()
    this.#answered.ring()
  }

  /** An agent that goes on all the same is read more slowly: reading costs more than asking. */
  async #sendBack(seq: number, retryAfter: number, held: boolean): Promise<void> {
    const { figures, taking } = this.#options
    figures.busy.inc()
    this.#busied = held ? this.#busied + 1 : 1
    await taking.send({ type: 'busy', seq, retryAfter })
    if (this.#busied >= MOST_BUSIED) await this.#pace.pause(UNREAD_MS)
  }

  /** What is to be done about it, checked; undefined where nothing is. */
  #workOf(message: Sequenced, receivedAt: number): (() => Promise<void>) | undefined {
    const { agent, hello, skew, lengthOf, onProbe, onTrouble } = this.#options
    if (message.type === 'trouble') {
      if (message.picture !== undefined) checkChip(message.picture)
      return () => onTrouble(agent, message)
    }
    checkChip(message.chip)
    const space = message.space ?? hello.model
    const length = lengthOf(space)
    // Asked long ago, in a space that is given up: there is nothing left to compare it with.
    if (length === undefined) return undefined
    const probe = decodeEmbedding(message.probe, length)
    const capturedAt = takenAt(message.capturedAt, skew, receivedAt)
    const question = { ...message, agent, receivedAt, capturedAt, space, probe }
    return () => {
      if (isLate(question)) this.#options.figures.late.inc()
      return onProbe(question)
    }
  }

  #work(message: Sequenced, work: (() => Promise<void>) | undefined, receivedAt: number): void {
    const { turns, figures, clock, onFailure } = this.#options
    const { seq } = message
    // False when the talk was over before its turn came.
    const inTurn = async () => work === undefined || turns.take(this, work)
    this.#once(message, inTurn)
      .then((taken) => {
        if (taken === 'undone') return
        if (taken === 'done') figures.request.observe((clock.now() - receivedAt) / 1000)
        this.#acks.done(seq, receivedAt)
      })
      .catch(onFailure)
      .finally(() => {
        this.#pace.done()
        this.#answered.ring()
      })
  }

  /** Numbers that belong to no outbox mean nothing beyond their connection. */
  async #once(message: Sequenced, work: () => Promise<boolean>): Promise<Taken> {
    const { agent, hello, deliveries } = this.#options
    if (hello.outbox !== undefined) return deliveries.take(agent, message, work)
    return (await work()) ? 'done' : 'undone'
  }
}
