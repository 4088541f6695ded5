import type { Clock, Timer } from '@vedette/shared/clock'
import type { Fares } from '@vedette/shared/message'
import type { LookoutCounts } from './lookout/lookout.ts'
import { Rate } from './rate.ts'

/** Between two times that the server is told, milliseconds. */
const EVERY_MS = 15_000

type Paces = { given: Rate; skipped: Rate; looked: Rate }

export type FaresOptions = {
  clock: Clock
  /** What each camera has counted so far. */
  counts: () => Readonly<Record<string, LookoutCounts>>
  outbox: { readonly size: number; readonly dropped: number }
}

/** How the agent fares: what its cameras give a second, and what waits to be sent. */
export class FaresBook {
  readonly #options: FaresOptions
  readonly #paces = new Map<string, Paces>()
  readonly #start: number

  constructor(options: FaresOptions) {
    this.#options = options
    this.#start = options.clock.now()
  }

  /** As the server is told it. Rates are of the time since it was last asked, half a minute at least. */
  get now(): Omit<Fares, 'type'> {
    const { clock, counts, outbox } = this.#options
    const [at, all] = [clock.now(), counts()]
    for (const camera of this.#paces.keys()) {
      if (!Object.hasOwn(all, camera)) this.#paces.delete(camera)
    }
    const cameras = Object.entries(all).map(([camera, { frames, skipped, still }]) => {
      const paces = this.#pacesOf(camera)
      return {
        camera,
        given: paces.given.of(frames + skipped, at),
        skipped: paces.skipped.of(skipped, at),
        looked: paces.looked.of(frames - still, at),
      }
    })
    return { cameras: cameras.slice(0, 64), waiting: outbox.size, dropped: outbox.dropped }
  }

  /** Calls `tell` again and again until the function returned is called. */
  tellEach(tell: (fares: Omit<Fares, 'type'>) => void): () => void {
    const { clock } = this.#options
    let timer: Timer | undefined
    const next = () => {
      timer = clock.after(EVERY_MS, () => {
        tell(this.now)
        next()
      })
    }
    next()
    return () => timer?.cancel()
  }

  #pacesOf(camera: string): Paces {
    const known = this.#paces.get(camera)
    if (known !== undefined) return known
    const start = this.#start
    const paces = { given: new Rate(start), skipped: new Rate(start), looked: new Rate(start) }
    this.#paces.set(camera, paces)
    return paces
  }
}
