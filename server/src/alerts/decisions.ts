import type { Clock } from '@vedette/shared/clock'
import type { Hand } from '../hand.ts'
import type { Rejections } from '../matching/rejections.ts'
import type { Alert } from '../store/alerts.ts'
import type { DecisionStore } from '../store/decisions.ts'
import type { Alerts } from './alerts.ts'
import type { Outcome } from './life.ts'

export type DecisionsOptions = {
  store: DecisionStore
  alerts: Pick<Alerts, 'change'>
  rejections: Rejections
  clock: Clock
}

/** What people make of alerts: taken notice of, resolved, reopened. */
export class Decisions {
  readonly #options: DecisionsOptions

  constructor(options: DecisionsOptions) {
    this.#options = options
  }

  /** Throws Refusal `alert.not-found`, `alert.wrong-state`. */
  async acknowledge(id: string, hand: Hand, note: string | null): Promise<Alert> {
    const { store, alerts, clock } = this.#options
    const at = clock.now()
    return (await alerts.change(() => store.acknowledge(id, { hand, at, note }))).alert
  }

  /**
   * Says what it was; whoever was taken for the entry and is not is told apart from now on.
   * Throws Refusal `alert.not-found`, `alert.wrong-state`.
   */
  async resolve(id: string, outcome: Outcome, hand: Hand, note: string): Promise<Alert> {
    const { store, alerts, rejections, clock } = this.#options
    const { alert } = await alerts.change(async () => {
      const decision = { hand, at: clock.now(), note }
      const { change, example } = await store.resolve(id, outcome, decision)
      if (example !== undefined) rejections.keep(example)
      return change
    })
    return alert
  }

  /** Takes back what was said of it. Throws Refusal `alert.not-found`, `alert.wrong-state`. */
  async reopen(id: string, hand: Hand, note: string | null): Promise<Alert> {
    const { store, alerts, rejections, clock } = this.#options
    const { alert } = await alerts.change(async () => {
      const change = await store.reopen(id, { hand, at: clock.now(), note })
      rejections.drop(change.alert)
      return change
    })
    return alert
  }
}
