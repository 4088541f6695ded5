import { Bell } from '@vedette/shared/bell'
import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, messageOf, Refusal } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { List } from '../lists/list.ts'
import type { DecisionStore } from '../store/decisions.ts'
import type { Alerts } from './alerts.ts'
import { escalationDue } from './life.ts'

export type EscalationOptions = {
  store: Pick<DecisionStore, 'waiting' | 'escalate' | 'parked' | 'unpark'>
  alerts: Pick<Alerts, 'listen' | 'change'>
  clock: Clock
  log: Log
}

/** How long people have to act where a list says nothing else, by its priority, milliseconds. */
const USUAL_PATIENCE: Record<number, number> = { 1: 300_000, 2: 900_000, 3: 1_800_000 }
/** Looked at this often however far the next one is: clocks are set, and machines sleep. */
const LONGEST_MS = 60_000

/**
 * Calls again for alerts on which nobody acts, and opens those whose time of being parked is up. What is due is worked out from the database each time:
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
        wait = Math.min(wait, await this.#bringBack(), await this.#callOut())
      } catch (error) {
        log.error({ code: codeOf(error), message: messageOf(error) }, 'escalation.waiting')
      }
      this.#timer?.cancel()
      this.#timer = clock.after(wait, () => this.#news.ring())
      if (!this.#stopped) await this.#news.wait()
    }
  }

  /** Opens all that was parked until now; gives the milliseconds until the next one is due. */
  async #bringBack(): Promise<number> {
    const { store, alerts, clock } = this.#options
    for (const { id, parkedUntil } of await store.parked()) {
      if (this.#stopped) break
      const now = clock.now()
      if (parkedUntil > now) return parkedUntil - now
      await alerts.change(() => store.unpark(id, now)).catch(acted)
    }
    return Number.POSITIVE_INFINITY
  }

  /** Calls for all that is due; gives the milliseconds until the next one is. */
  async #callOut(): Promise<number> {
    const { store, alerts, clock } = this.#options
    let soonest = Number.POSITIVE_INFINITY
    for (const { id, ...waiting } of await store.waiting()) {
      const patience = patienceOf(waiting)
      const due = patience === undefined ? undefined : escalationDue(waiting, patience)
      if (due === undefined || this.#stopped) continue
      const now = clock.now()
      if (due > now) soonest = Math.min(soonest, due - now)
      else await alerts.change(() => store.escalate(id, now)).catch(acted)
    }
    return soonest
  }
}

/** How long people have to act, milliseconds; undefined: nobody is called again, as for 0. */
export function patienceOf(list: Pick<List, 'priority' | 'escalateAfter'>): number | undefined {
  return (list.escalateAfter ?? USUAL_PATIENCE[list.priority]) || undefined
}

/** Somebody has acted on it meanwhile. */
function acted(error: unknown): void {
  if (!(error instanceof Refusal)) throw error
}
