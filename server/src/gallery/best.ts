/** The `k` best of the rows offered, best first. */
export class Best {
  readonly rows: Int32Array
  readonly scores: Float64Array
  #count = 0

  constructor(k: number) {
    this.rows = new Int32Array(k).fill(-1)
    this.scores = new Float64Array(k).fill(Number.NEGATIVE_INFINITY)
  }

  /** What a row must reach to be kept; −∞ while there is room. */
  get floor(): number {
    return this.scores[this.scores.length - 1]!
  }

  get count(): number {
    return this.#count
  }

  offer(row: number, score: number): void {
    if (score <= this.floor) return
    let at = Math.min(this.#count, this.scores.length - 1)
    while (at > 0 && this.scores[at - 1]! < score) {
      this.scores[at] = this.scores[at - 1]!
      this.rows[at] = this.rows[at - 1]!
      at--
    }
    this.scores[at] = score
    this.rows[at] = row
    this.#count = Math.min(this.#count + 1, this.scores.length)
  }
}
