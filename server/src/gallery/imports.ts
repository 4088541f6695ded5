import type { Clock } from '@vedette/shared/clock'
import { Refusal } from '@vedette/shared/errors'
import type { Hand } from '../hand.ts'
import { isAllowed } from '../operators/roles.ts'
import type { Import, ImportStore } from '../store/imports.ts'
import type { Operator } from '../store/operators/operators.ts'
import type { EnrolmentConfig } from './limits.ts'

export type ImportsOptions = {
  store: ImportStore
  approval: () => EnrolmentConfig['bulkApproval']
  operators: () => readonly Operator[]
  clock: Pick<Clock, 'now'>
}

/** Many at once: asked for by one operator, approved by a second, and then drawn from. */
export class Imports {
  readonly #options: ImportsOptions
  readonly #listeners = new Set<() => void>()

  constructor(options: ImportsOptions) {
    this.#options = options
  }

  /** Calls `listener` whenever one was asked for or decided upon; the function returned ends that. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** `life` in milliseconds. Throws Refusal `request.invalid`, `import.too-many`. */
  async open(hand: Hand, photos: number, life: number): Promise<Import> {
    const { store, approval, clock } = this.#options
    if (hand.why === null) {
      throw new Refusal('request.invalid', 'an import needs a reason', {
        hint: 'say why with --reason TEXT',
      })
    }
    const approved = approval() === 'off' && this.approvers(hand.by).length === 0
    const wish = { hand, reason: hand.why, photos, life }
    return this.#told(store.open(wish, clock.now(), approved))
  }

  /** Who could approve what `opener` asks for. */
  approvers(opener: string): string[] {
    return this.#options
      .operators()
      .filter(({ disabledAt, role }) => disabledAt === null && isAllowed(role, 'entries.approve'))
      .map(({ name }) => name)
      .filter((name) => name !== opener)
  }

  approve(id: string, hand: Hand): Promise<Import> {
    return this.#told(this.#options.store.approve(id, hand, this.#options.clock.now()))
  }

  close(id: string, hand: Hand): Promise<Import> {
    return this.#told(this.#options.store.close(id, hand, this.#options.clock.now()))
  }

  /** Takes so many photographs from it, before anything else is done. Throws Refusal `import.*`. */
  draw(id: string, operator: string, photos: number): Promise<void> {
    return this.#options.store.draw(id, operator, photos, this.#options.clock.now())
  }

  all(): Promise<Import[]> {
    return this.#options.store.all(this.#options.clock.now())
  }

  get(id: string): Promise<Import> {
    return this.#options.store.get(id, this.#options.clock.now())
  }
  async #told(done: Promise<Import>): Promise<Import> {
    const found = await done
    for (const listener of this.#listeners) listener()
    return found
  }
}
