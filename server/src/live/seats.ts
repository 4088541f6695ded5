import { Refusal, Unavailable } from '@vedette/shared/errors'

/** Streams of one person: windows full of tiles. */
const MOST_OWN = 3
/** Streams of everybody. */
const MOST_IN_ALL = 64

/** Who looks, and in how many windows: nobody takes all there is for themselves. */
export class Seats {
  readonly #taken = new Map<string, number>()

  /** One more for `name`; the function returned gives it back. Throws Refusal `live.too-many`, Unavailable `live.full`. */
  take(name: string): () => void {
    const own = this.#taken.get(name) ?? 0
    if (own >= MOST_OWN) {
      throw new Refusal('live.too-many', `${own} live pages are open already`, {
        hint: 'close one of the windows in which you look through cameras',
        params: { pages: own },
      })
    }
    const all = [...this.#taken.values()].reduce((sum, count) => sum + count, 0)
    if (all >= MOST_IN_ALL) {
      throw new Unavailable('live.full', 'as many people look through cameras as can', {
        hint: 'wait until somebody else has stopped looking',
        retryAfter: 10_000,
      })
    }
    this.#taken.set(name, own + 1)
    return () => {
      const left = (this.#taken.get(name) ?? 1) - 1
      if (left > 0) this.#taken.set(name, left)
      else this.#taken.delete(name)
    }
  }
}
