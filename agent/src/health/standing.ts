/** What a sign has come to: a trouble is told once when it begins, and once when it is over. */
export type Turn = 'begins' | 'over' | undefined

/** Makes one trouble of signs that come and go: it begins and ends only after standing for a while. */
export class Standing {
  #seenSince: number | undefined
  #goneSince: number | undefined
  #since: number | undefined

  /** Since when the trouble stands, undefined where it does not. */
  get since(): number | undefined {
    return this.#since
  }

  /**
   * The sign was there at `at` or not, milliseconds. A trouble begins when it was there throughout
   * `begins` and ends when it was gone throughout `ends`.
   */
  note(seen: boolean, at: number, { begins, ends }: { begins: number; ends: number }): Turn {
    if (seen) {
      this.#goneSince = undefined
      this.#seenSince ??= at
      if (this.#since !== undefined || at - this.#seenSince < begins) return undefined
      this.#since = this.#seenSince
      return 'begins'
    }
    this.#seenSince = undefined
    this.#goneSince ??= at
    if (this.#since === undefined || at - this.#goneSince < ends) return undefined
    this.#since = undefined
    return 'over'
  }
}
