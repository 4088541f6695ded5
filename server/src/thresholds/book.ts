import { Refusal } from '@vedette/shared/errors'
import type { Hand } from '../hand.ts'
import type { ThresholdStore } from '../store/thresholds.ts'
import {
  type Budget,
  type BudgetPlace,
  type CameraId,
  changed,
  type Holding,
  holdingFor,
  isAt,
} from './budgets.ts'

const BUDGET = { least: 1e-6, most: 1e6 }

export type BookOptions = {
  store: ThresholdStore
  /** False alerts per camera and week, where no operator set a budget. */
  budget: number
  /** Entries that can match now. */
  entries: () => number
}

/** Which budget holds where, and for how many entries. */
export class Book {
  readonly #options: BookOptions
  #budgets: readonly Budget[] = []
  #listSizes: ReadonlyMap<string, number> = new Map()

  static async open(options: BookOptions): Promise<Book> {
    const book = new Book(options)
    await book.refresh()
    return book
  }

  private constructor(options: BookOptions) {
    this.#options = options
  }

  get budgets(): readonly Budget[] {
    return this.#budgets
  }

  /** Lists with a budget of their own. */
  get lists(): string[] {
    return this.#budgets.flatMap(({ scope, target }) => (scope === 'list' ? target : []))
  }

  /** The budget that holds under `budgets`, and how many entries share it. */
  holding(
    place: CameraId & { list: string | null },
    budgets = this.#budgets,
  ): { holding: Holding; entries: number } {
    const holding = holdingFor(budgets, place, this.#options.budget)
    const { scope, target } = holding
    const entries = scope === 'list' ? (this.#listSizes.get(target) ?? 0) : this.#options.entries()
    return { holding, entries }
  }

  /** The budgets as they would be with `budget` at `place`, undefined: without any there. */
  with(place: BudgetPlace, budget: number | undefined): Budget[] {
    const next = budget === undefined ? undefined : { ...place, budget, setBy: '', setAt: 0 }
    return changed(this.#budgets, place, next)
  }

  /** Throws Refusal `threshold.invalid`, `threshold.not-found`, `list.not-found`. */
  check(place: BudgetPlace, budget: number | undefined): void {
    const { scope, target } = place
    if (budget === undefined) {
      if (this.#budgets.some((set) => isAt(set, place))) return
      const of = scope === 'server' ? 'the server' : `${scope} ${target}`
      throw new Refusal('threshold.not-found', `no budget is set for ${of}`, {
        hint: 'see: vedette thresholds show',
        params: { of },
      })
    }
    if (!(budget >= BUDGET.least && budget <= BUDGET.most)) {
      throw new Refusal('threshold.invalid', `no budget: ${budget} false alerts a week`, {
        hint: `choose a number from ${BUDGET.least} to ${BUDGET.most}`,
        params: { least: BUDGET.least, most: BUDGET.most },
      })
    }
    if (scope === 'list' && !this.#listSizes.has(target)) {
      throw new Refusal('list.not-found', `no list ${target}`, {
        hint: `choose one of: ${[...this.#listSizes.keys()].join(', ')}`,
      })
    }
  }

  async set(budget: Budget, hand: Hand): Promise<void> {
    await this.#options.store.setBudget(budget, hand)
    this.#budgets = changed(this.#budgets, budget, budget)
  }

  async unset(place: BudgetPlace, hand: Hand, at: number): Promise<void> {
    await this.#options.store.unsetBudget(place, hand, at)
    this.#budgets = changed(this.#budgets, place, undefined)
  }

  /** Counts the entries of each list again. */
  async refresh(): Promise<void> {
    this.#listSizes = await this.#options.store.listSizes()
    this.#budgets = await this.#options.store.budgets()
  }
}
