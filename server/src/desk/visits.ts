import type { Socket } from 'node:net'
import type { Clock, Timer } from '@vedette/shared/clock'
import type { FastifyReply } from 'fastify'
import type { Sessions } from '../operators/sessions.ts'
import type { Session } from '../store/operators/sessions.ts'

/** How often it is asked whether the sessions of what is still being answered count, ms. */
const RECHECK_MS = 60_000

type Visit = { session: Session; socket: Socket }

/** What is being answered to browsers: a stream may go on for days, and ends with its session. */
export class Visits {
  readonly #sessions: Sessions
  readonly #clock: Clock
  readonly #open = new Set<Visit>()
  #timer: Timer | undefined
  #stopped = false

  constructor(sessions: Sessions, clock: Clock) {
    this.#sessions = sessions
    this.#clock = clock
  }

  /** Something is asked for in `session`. The function returned lets it be answered whatever comes. */
  note(session: Session, reply: FastifyReply): () => void {
    const visit = { session, socket: reply.raw.socket as Socket }
    this.#open.add(visit)
    reply.raw.once('close', () => this.#open.delete(visit))
    this.#timer ??= this.#next()
    return () => this.#open.delete(visit)
  }

  /** Ends all that is being answered in session `id`. */
  hangUp(id: string): void {
    this.#end(({ session }) => session.id === id)
  }

  /** Ends all that is being answered to `operator`. */
  hangUpOn(operator: string): void {
    this.#end(({ session }) => session.operator === operator)
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
  }

  #end(which: (visit: Visit) => boolean): void {
    for (const visit of [...this.#open]) if (which(visit)) visit.socket.destroy()
  }

  #next(): Timer {
    return this.#clock.after(RECHECK_MS, () => {
      this.#timer = undefined
      void this.#recheck()
    })
  }

  async #recheck(): Promise<void> {
    for (const id of new Set([...this.#open].map(({ session }) => session.id))) {
      // A file that cannot be read keeps nobody in.
      const counts = await this.#sessions.counts(id).catch(() => false)
      if (!counts) this.hangUp(id)
    }
    if (!this.#stopped && this.#open.size > 0) this.#timer ??= this.#next()
  }
}
