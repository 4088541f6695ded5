import { Bell } from '@vedette/shared/bell'
import type { Clock } from '@vedette/shared/clock'
import { decodeEmbedding, type Embedding } from '@vedette/shared/embedding'
import { ProtocolFault } from '@vedette/shared/errors'
import { BUSY_SINCE, type Hello, type Match } from '@vedette/shared/message'
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
  onFailure: (error: unknown) => void
}

/** What becomes of the questions of one agent: checked, held back or taken, worked on, answered. */
export class Questions {
  readonly #options: QuestionsOptions
  readonly #pace: Pace
  readonly #acks: Acks
  readonly #answered = new Bell()
  #lastSeq = -1

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
  async ask(match: Match, held: boolean): Promise<'taken' | 'busied'> {
    const { hello, lengthOf, clock } = this.#options
    if (match.seq <= this.#lastSeq) {
      throw new ProtocolFault('session.sequence', `${match.seq} after ${this.#lastSeq}`)
    }
    if (!hello.cameras.includes(match.camera)) {
      throw new ProtocolFault('session.unknown-camera', `camera ${match.camera} was not announced`)
    }
    checkChip(match.chip)
    const receivedAt = clock.now()
    const space = match.space ?? hello.model
    const length = lengthOf(space)
    const probe = length === undefined ? undefined : decodeEmbedding(match.probe, length)
    if (hello.protocol >= BUSY_SINCE) {
      const wait = this.#pace.take(held)
      if (wait > 0) {
        this.#options.figures.busy.inc()
        await this.#options.taking.send({ type: 'busy', seq: match.seq, retryAfter: wait })
        return 'busied'
      }
    } else if (!(await this.#pace.taken())) {
      return 'taken'
    }
    this.#lastSeq = match.seq
    this.#work(match, receivedAt, probe)
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

  #work(match: Match, receivedAt: number, embedding: Embedding | undefined): void {
    const { figures, clock, onFailure } = this.#options
    this.#once(match, () => this.#judge(match, receivedAt, embedding))
      .then((taken) => {
        if (taken === 'undone') return
        if (taken === 'done') figures.request.observe((clock.now() - receivedAt) / 1000)
        this.#acks.done(match.seq, receivedAt)
      })
      .catch(onFailure)
      .finally(() => {
        this.#pace.done()
        this.#answered.ring()
      })
  }

  /** Numbers that belong to no outbox mean nothing beyond their connection. */
  async #once(match: Match, work: () => Promise<boolean>): Promise<Taken> {
    const { agent, hello, deliveries } = this.#options
    if (hello.outbox !== undefined) return deliveries.take(agent, match, work)
    return (await work()) ? 'done' : 'undone'
  }

  /** False when the talk was over before its turn came. */
  async #judge(
    { space, ...match }: Match,
    receivedAt: number,
    probe: Embedding | undefined,
  ): Promise<boolean> {
    // Asked long ago, in a space that is given up: there is nothing left to compare it with.
    if (probe === undefined) return true
    const { agent, hello, skew, turns, figures, onProbe } = this.#options
    const capturedAt = takenAt(match.capturedAt, skew, receivedAt)
    const about = { agent, receivedAt, capturedAt, space: space ?? hello.model, probe }
    if (isLate(about)) figures.late.inc()
    return turns.take(this, () => onProbe({ ...match, ...about }))
  }
}
