/** How many of each name are there: the newest stay. */
export class Places<T> {
  readonly #most: number
  readonly #taken = new Map<string, Set<T>>()

  constructor(most: number) {
    this.#most = most
  }

  /** Takes a place under `name`; gives the oldest that must go for it. */
  take(name: string, one: T): T | undefined {
    const all = this.#taken.get(name) ?? new Set()
    this.#taken.set(name, all)
    all.add(one)
    if (all.size <= this.#most) return undefined
    const [oldest] = all
    all.delete(oldest!)
    return oldest
  }

  leave(name: string, one: T): void {
    const all = this.#taken.get(name)
    all?.delete(one)
    if (all?.size === 0) this.#taken.delete(name)
  }
}
