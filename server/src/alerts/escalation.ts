import { Bell } from '@vedette/shared/bell'
import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, messageOf, Refusal } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { DecisionStore } from '../store/decisions.ts'
import type { Alerts } from './alerts.ts'
import { escalationDue } from './life.ts'

export type EscalationOptions = {
  store: Pick<DecisionStore, 'waiting' | 'escalate'>
  alerts: Pick<Alerts, 'listen' | 'change'>
  /** How long people of a list have to act, milliseconds; null: nobody is called again. */
  after: (list: string) => number | null
  clock: Clock
  log: Log
}

/** Where a list says nothing else, people have this long to act, milliseconds. */
export const USUALLY_AFTER_MS = 300_000
/** Looked at this often however far the next one is: clocks are set, and machines sleep. */
const LONGEST_MS = 60_000

/**
 * Calls again for alerts on which nobody acts. What is due is worked out from the database each time:
 * a server that was down when it was time calls as soon as it is up.
 */
export class Escalation {
  readonly #options: EscalationOptions
  readonly #news = new Bell()
  readonly #unlisten: () => void
  readonly #working: Promise<void>
  #timer: Timer | undefined
  #stopped = false

  constructor(options: EscalationOptions) {
    this.#options = options
    this.#unlisten = options.alerts.listen(() => this.#news.ring())
    this.#working = this.#work()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    this.#unlisten()
    this.#news.ring()
    await this.#working
    this.#timer?.cancel()
  }

  async #work(): Promise<void> {
    const { clock, log } = this.#options
    while (!this.#stopped) {
      let wait = LONGEST_MS
      try {
        wait = Math.min(wait, await this.#callOut())
      } catch (error) {
        log.error({ code: codeOf(error), message: messageOf(error) }, 'escalation.waiting')
      }
      this.#timer?.cancel()
      this.#timer = clock.after(wait, () => this.#news.ring())
      if (!this.#stopped) await this.#news.wait()
    }
  }

  /** Calls for all that is due; gives the milliseconds until the next one is. */
  async #callOut(): Promise<number> {
    const { store, alerts, after, clock } = this.#options
    let soonest = Number.POSITIVE_INFINITY
    for (const { id, list, ...waiting } of await store.waiting()) {
      const patience = after(list)
      const due = patience === null ? undefined : escalationDue(waiting, patience)
      if (due === undefined || this.#stopped) continue
      const now = clock.now()
      if (due > now) soonest = Math.min(soonest, due - now)
      else await alerts.change(() => store.escalate(id, now)).catch(acted)
    }
    return soonest
  }
}

/** Somebody has acted on it meanwhile. */
function acted(error: unknown): void {
  if (!(error instanceof Refusal)) throw error
}
