import type { Clock } from '@vedette/shared/clock'
import { type Embedding, similarity } from '@vedette/shared/embedding'
import type { Alerts } from '../alerts/alerts.ts'
import type { Alert } from '../store/alert-rows.ts'
import type { NegativeExample, Rejection, RejectionStore } from '../store/rejections.ts'

export type RejectionsOptions = {
  store: RejectionStore
  alerts: Alerts
  clock: Clock
  /** Called with an alert that was rejected. */
  onRejected: (alert: Alert) => void
}

/** People of whom an operator said "not him": whoever looks more like them is not taken for the entry. */
export class Rejections {
  readonly #options: RejectionsOptions
  readonly #of = new Map<string, NegativeExample[]>()

  /** Loads what was rejected in embedding space `space`. */
  static async open(space: string, options: RejectionsOptions): Promise<Rejections> {
    const rejections = new Rejections(options)
    for (const example of await options.store.examples(space)) rejections.#keep(example)
    return rejections
  }

  private constructor(options: RejectionsOptions) {
    this.#options = options
  }

  /**
   * True when `probe`, of that similarity to entry `entryId`, is at least as similar to somebody
   * whom an operator told apart from the entry.
   */
  cover(entryId: string, probe: Embedding, score: number): boolean {
    return this.#of.get(entryId)?.some(({ vector }) => similarity(vector, probe) >= score) ?? false
  }

  /** Throws Refusal `alert.not-found`, `alert.wrong-state`. */
  async reject(alertId: string, by: string, note: string | null): Promise<Alert> {
    const { store, alerts, clock, onRejected } = this.#options
    const { alert } = await alerts.decide(async () => {
      const { change, example } = await store.reject(alertId, by, clock.now(), note)
      this.#keep(example)
      return change
    })
    onRejected(alert)
    return alert
  }

  /** Throws Refusal `rejection.not-found`. */
  async undo(id: string, by: string): Promise<Alert> {
    const { store, alerts, clock } = this.#options
    const { alert } = await alerts.decide(async () => {
      const change = await store.undo(id, by, clock.now())
      const { entryId } = change.alert
      const left = this.#of.get(entryId)?.filter((example) => example.id !== id) ?? []
      this.#of.set(entryId, left)
      return change
    })
    return alert
  }

  /** Newest first; of one entry, or all. */
  list(entryId?: string): Promise<Rejection[]> {
    return this.#options.store.list(entryId)
  }

  #keep(example: NegativeExample): void {
    const known = this.#of.get(example.entryId)
    if (known === undefined) this.#of.set(example.entryId, [example])
    else known.push(example)
  }
}
