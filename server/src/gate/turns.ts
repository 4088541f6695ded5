type Job = {
  work: () => Promise<void>
  resolve: (worked: boolean) => void
  reject: (error: unknown) => void
}

/**
 * Gives everybody a turn: so much is worked on at a time, and of what waits one of each goes next.
 * Who asks much waits for itself and not for others.
 */
export class Turns {
  readonly #abreast: number
  /** Those for whom something waits, whose turn is next first. */
  readonly #waiting = new Map<object, Job[]>()
  #working = 0
  #depth = 0

  constructor(abreast: number) {
    this.#abreast = abreast
  }

  /** What waits for its turn. */
  get depth(): number {
    return this.#depth
  }

  /** Resolves or rejects as `work` does, with true; false when `who` has left before its turn. */
  take(who: object, work: () => Promise<void>): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const job = { work, resolve, reject }
      if (this.#working < this.#abreast) {
        this.#begin(job)
        return
      }
      const jobs = this.#waiting.get(who)
      if (jobs === undefined) this.#waiting.set(who, [job])
      else jobs.push(job)
      this.#depth++
    })
  }

  /** Nothing that waits for `who` is worth doing any more. */
  leave(who: object): void {
    const jobs = this.#waiting.get(who) ?? []
    this.#waiting.delete(who)
    this.#depth -= jobs.length
    for (const { resolve } of jobs) resolve(false)
  }

  #begin({ work, resolve, reject }: Job): void {
    this.#working++
    work()
      .then(() => resolve(true), reject)
      .finally(() => {
        this.#working--
        const job = this.#next()
        if (job !== undefined) this.#begin(job)
      })
  }

  #next(): Job | undefined {
    const [first] = this.#waiting
    if (first === undefined) return undefined
    const [who, jobs] = first
    const job = jobs.shift()
    this.#waiting.delete(who)
    if (jobs.length > 0) this.#waiting.set(who, jobs)
    this.#depth--
    return job
  }
}
