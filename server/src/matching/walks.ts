import type { Clock, Timer } from '@vedette/shared/clock'
import type { Probe } from '../probe.ts'
import { Walk } from './walk.ts'

/** A walk of which nothing was heard for this long is over, milliseconds. */
const OVER_AFTER_MS = 30_000
/** A walk whose agent is away may go on for this long, milliseconds. */
const AWAY_MS = 1_800_000
const SWEEP_MS = 5000
/** Walks followed at a time; beyond them the one longest quiet is over. */
const MOST_WALKS = 20_000

export type WalksOptions = {
  /** Components of an embedding. */
  length: number
  clock: Clock
  /** Whether an agent is away: it goes on with its walks when it is back. */
  away?: ((agent: string) => boolean) | undefined
  /** Whether a picture of such a walk may be wanted when it is over. */
  pictured?: ((probe: Probe) => boolean) | undefined
  onOver: (walk: Walk) => void
}

/** Walks that may go on, in memory only. */
export class Walks {
  readonly #options: WalksOptions
  /** In the order in which they were last heard of. */
  readonly #walks = new Map<string, Walk>()
  #sweep: Timer | undefined

  constructor(options: WalksOptions) {
    this.#options = options
  }

  /** The walk that `probe` belongs to. */
  of(probe: Probe): Walk {
    const key = `${probe.agent}/${probe.track}`
    const walk = this.#walks.get(key) ?? this.#begin(probe)
    walk.lastHeard = probe.receivedAt
    this.#walks.delete(key)
    this.#walks.set(key, walk)
    if (this.#walks.size > MOST_WALKS) this.#end(this.#walks.keys().next().value!)
    this.#sweep ??= this.#options.clock.after(SWEEP_MS, () => this.#letGo())
    return walk
  }

  /** Those that may go on. */
  get current(): IterableIterator<Walk> {
    return this.#walks.values()
  }

  /** Ends all of them. */
  end(): void {
    this.#sweep?.cancel()
    this.#sweep = undefined
    for (const key of this.#walks.keys()) this.#end(key)
  }

  #begin(probe: Probe): Walk {
    const { length, pictured } = this.#options
    return new Walk(probe, length, pictured?.(probe))
  }

  #letGo(): void {
    const { clock, away } = this.#options
    const now = clock.now()
    for (const [key, { agent, lastHeard }] of this.#walks) {
      const quiet = now - lastHeard
      if (quiet < OVER_AFTER_MS) break
      if (quiet < AWAY_MS && away?.(agent)) continue
      this.#end(key)
    }
    const some = this.#walks.size > 0
    this.#sweep = some ? clock.after(SWEEP_MS, () => this.#letGo()) : undefined
  }

  #end(key: string): void {
    const walk = this.#walks.get(key)!
    this.#walks.delete(key)
    this.#options.onOver(walk)
  }
}
