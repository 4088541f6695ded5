import type { Clock } from '@vedette/shared/clock'
import { type Embedding, similarity } from '@vedette/shared/embedding'
import { Refusal } from '@vedette/shared/errors'
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

  /** Loads what was rejected. */
  static async open(options: RejectionsOptions): Promise<Rejections> {
    const rejections = new Rejections(options)
    for (const example of await options.store.examples()) rejections.#keep(example)
    return rejections
  }

  private constructor(options: RejectionsOptions) {
    this.#options = options
  }

  /**
   * True when `probe` of `space`, of that similarity to entry `entryId`, is at least as similar to
   * somebody whom an operator told apart from the entry in that space.
   */
  cover(space: string, entryId: string, probe: Embedding, score: number): boolean {
    const examples = this.#of.get(entryId)?.filter((example) => example.space === space) ?? []
    return examples.some(({ vector }) => similarity(vector, probe) >= score)
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

  /**
   * Learns what one more face that was rejected in another space looks like in `space`, from the chip
   * that was judged; false when there is none left.
   */
  async carry(space: string, embed: (chip: Uint8Array) => Promise<Embedding>): Promise<boolean> {
    const { store } = this.#options
    const rejection = await store.elsewhere(space)
    if (rejection === undefined) return false
    const vector = await store
      .chip(rejection.alertId)
      .then(embed)
      .catch((error) => {
        if (error instanceof Refusal) return undefined
        throw error
      })
    await store.carry(rejection, space, vector)
    const { id, entryId } = rejection
    if (vector !== undefined) this.#keep({ id, entryId, space, vector })
    return true
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
