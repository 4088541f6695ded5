import type { Clock, Timer } from '@vedette/shared/clock'
import type { Candidate } from './gallery/gallery.ts'
import type { Probe } from './probe.ts'
import type { Thresholds } from './thresholds/thresholds.ts'

/** A walk that was not heard of for so long is over. */
const OVER_MS = 30_000

export type WalksOptions = {
  thresholds: Pick<Thresholds, 'walk'>
  /** Entries that can match now. */
  entries: () => number
  clock: Clock
}

type Walk = {
  /** The best score against each entry that came first or second. */
  scores: Map<string, number>
  /** Entries that it was taken for. */
  taken: Set<string>
  timer: Timer
}

/** Walks past cameras while they go on; when one is over its thresholds learn from it. */
export class Walks {
  readonly #options: WalksOptions
  readonly #walks = new Map<string, Walk>()

  constructor(options: WalksOptions) {
    this.#options = options
  }

  /** A probe resembled `candidates`, best first, and was taken for the first, or for nobody. */
  heard(probe: Probe, candidates: readonly Candidate[], taken: boolean): void {
    const key = `${probe.agent}/${probe.camera}/${probe.track}`
    const { scores, taken: others, timer } = this.#walks.get(key) ?? newWalk()
    timer.cancel()
    for (const { entryId, score } of candidates.slice(0, 2)) {
      scores.set(entryId, Math.max(score, scores.get(entryId) ?? -1))
    }
    const [best] = candidates
    if (taken && best !== undefined) others.add(best.entryId)
    const over = this.#options.clock.after(OVER_MS, () => this.#over(key, probe))
    this.#walks.set(key, { scores, taken: others, timer: over })
  }

  #over(key: string, { agent, camera }: Probe): void {
    const { scores, taken } = this.#walks.get(key)!
    this.#walks.delete(key)
    const strange = [...scores].flatMap(([entry, score]) => (taken.has(entry) ? [] : score))
    const best = strange.length === 0 ? undefined : Math.max(...strange)
    const { thresholds, entries } = this.#options
    thresholds.walk({ agent, camera }, best, entries() - taken.size)
  }
}

function newWalk(): Walk {
  return { scores: new Map(), taken: new Set(), timer: { cancel: () => {} } }
}
