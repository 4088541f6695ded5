import type { Clock } from '@vedette/shared/clock'
import { Refusal } from '@vedette/shared/errors'
import { isName } from '@vedette/shared/identity'
import type { Log } from '@vedette/shared/log'
import type { Hand } from '../hand.ts'
import { checkLives, type ListChanged, type ListStore } from '../store/lists.ts'
import { holds } from './hours.ts'
import { type List, type ListPolicy, USUAL_POLICY } from './list.ts'
import type { PolicyChange } from './policy.ts'

export type ListsOptions = { store: ListStore; clock: Pick<Clock, 'now'>; log: Log }

type Listener = () => Promise<void> | void

/** A camera, and when it saw something, epoch milliseconds. */
export type Occasion = { agent: string; camera: string; at: number }

/** Every list as it is now: where and when it applies, and who sees it. */
export class Lists {
  readonly #options: ListsOptions
  readonly #listeners = new Set<Listener>()
  #lists: ReadonlyMap<string, List> = new Map()

  static async open(options: ListsOptions): Promise<Lists> {
    const lists = new Lists(options)
    await lists.refresh()
    return lists
  }

  private constructor(options: ListsOptions) {
    this.#options = options
  }

  /** The most urgent first. */
  get all(): List[] {
    return [...this.#lists.values()]
  }

  /** Undefined where there is none any more. */
  find(id: string): List | undefined {
    return this.#lists.get(id)
  }

  /**
   * Calls `listener` whenever a list has changed, and has changed it when that resolves; the function
   * returned ends that.
   */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Whether whoever is on the list is looked for by that camera at that time. */
  applies(id: string, { agent, camera, at }: Occasion): boolean {
    const list = this.#lists.get(id)
    if (list === undefined) return false
    const { cameras, hours } = list
    const here =
      cameras === null ||
      cameras.some((one) => one === `${agent}/*` || one === `${agent}/${camera}`)
    return here && (hours === null || holds(hours, at))
  }

  /** Whether the list is there for an operator, as far as the list itself says. */
  admits(id: string, operator: string): boolean {
    const viewers = this.#lists.get(id)?.viewers ?? null
    return viewers === null || viewers.includes(operator)
  }

  /** Throws Refusal `list.invalid`, `list.exists`. */
  async add(id: string, policy: PolicyChange, hand: Hand): Promise<List> {
    const { store, clock, log } = this.#options
    if (!isName(id)) {
      throw new Refusal('list.invalid', `'${id}' is no id of a list`, {
        hint: 'lower-case letters, digits and inner hyphens; --name says what people call it',
        params: { id },
      })
    }
    const said = Object.fromEntries(
      Object.entries(policy).filter(([, value]) => value !== undefined),
    )
    const whole: ListPolicy = { name: id, ...USUAL_POLICY, ...said }
    checkLives(whole)
    const list = await store.add(id, whole, { hand, at: clock.now() })
    await this.refresh()
    log.info({ list: id, by: hand.by }, 'list.added')
    return list
  }

  /** Throws Refusal `list.not-found`, `list.exists`, `list.invalid`, `request.too-many`. */
  async change(id: string, change: PolicyChange, hand: Hand): Promise<ListChanged> {
    const { store, clock, log } = this.#options
    const made = await store.change(id, change, { hand, at: clock.now() })
    await this.refresh()
    const { list, request } = made
    log.info({ list: id, by: hand.by, version: list.version, request }, 'list.changed')
    return made
  }

  /** Throws Refusal `list.not-found`, `list.not-empty`, `list.last`. */
  async remove(id: string, hand: Hand): Promise<void> {
    const { store, clock, log } = this.#options
    await store.remove(id, { hand, at: clock.now() })
    await this.refresh()
    log.info({ list: id, by: hand.by }, 'list.removed')
  }

  /** Reads them again: a second person has consented to a change. */
  async refresh(): Promise<void> {
    const lists = await this.#options.store.all()
    this.#lists = new Map(lists.map((list) => [list.id, list]))
    for (const listener of this.#listeners) await listener()
  }
}
