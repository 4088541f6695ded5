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

/** What people make of alerts: taken notice of, parked, resolved, reopened, and undone. */
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
   * Sees to it, also in the place of somebody else who did.
   * Throws Refusal `alert.not-found`, `alert.wrong-state`.
   */
  async take(id: string, hand: Hand, note: string | null): Promise<Alert> {
    const { store, alerts, clock } = this.#options
    const at = clock.now()
    return (await alerts.change(() => store.take(id, { hand, at, note }))).alert
  }

  /**
   * Nobody is called for it for so long, milliseconds; then it is open again.
   * Throws Refusal `alert.not-found`, `alert.wrong-state`.
   */
  async park(id: string, span: number, hand: Hand, note: string | null): Promise<Alert> {
    const { store, alerts, clock } = this.#options
    const at = clock.now()
    return (await alerts.change(() => store.park(id, at + span, { hand, at, note }))).alert
  }

  /**
   * Takes back one's own last decision of a moment ago: all is as it was.
   * Throws Refusal `alert.not-found`, `alert.too-late`.
   */
  async undo(id: string, hand: Hand, note: string | null): Promise<Alert> {
    const { store, alerts, rejections, clock } = this.#options
    const { alert } = await alerts.change(async () => {
      const { change, example } = await store.undo(id, { hand, at: clock.now(), note })
      if (example !== undefined) rejections.keep(example)
      else if (change.outcome === 'false') rejections.drop(change.alert)
      return change
    })
    return alert
  }

  /**
   * Says what it was; whoever was taken for the entry and is not is told apart from now on.
   * Where two persons have to say that it is somebody, the first is followed by another one.
   * Throws Refusal `alert.not-found`, `alert.wrong-state`, `alert.own`.
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
