/** A rate is that of this long, or a little more, milliseconds. */
const WINDOW_MS = 30_000
/** Samples nearer to each other than this are one, milliseconds. */
const LEAST_MS = 1000

/** How fast a count grows, a second, over the last half minute: for who asks now and then. */
export class Rate {
  readonly #samples: { at: number; count: number }[]

  constructor(at: number) {
    this.#samples = [{ at, count: 0 }]
  }

  /** The count is `count` at `at`, epoch milliseconds. */
  of(count: number, at: number): number {
    const samples = this.#samples
    // One sample is left that is as old as the window: the growth since then is the window's.
    while (samples.length > 1 && samples[1]!.at <= at - WINDOW_MS) samples.shift()
    const [first] = samples
    if (at - samples.at(-1)!.at >= LEAST_MS) samples.push({ at, count })
    const passed = at - first!.at
    return passed > 0 ? ((count - first!.count) * 1000) / passed : 0
  }
}
