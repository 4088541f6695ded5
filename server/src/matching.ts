import type { Clock } from '@vedette/shared/clock'
import type { Alerts } from './alerts/alerts.ts'
import type { Gallery } from './gallery/gallery.ts'
import type { Probe } from './probe.ts'
import type { EntryStore } from './store/entries.ts'
import type { Thresholds } from './thresholds/thresholds.ts'
import { Walks } from './walks.ts'

export type MatchingOptions = {
  gallery: Gallery
  entries: EntryStore
  alerts: Alerts
  thresholds: Thresholds
  clock: Clock
}

/** From a probe to a sighting, or to nothing: then no more than its score is counted. */
export class Matching {
  readonly #options: MatchingOptions
  readonly #walks: Walks

  constructor(options: MatchingOptions) {
    this.#options = options
    const { gallery, thresholds, clock } = options
    this.#walks = new Walks({ thresholds, entries: () => gallery.entries, clock })
  }

  /** Resolves when all that comes of the probe is on disk. */
  async consider(probe: Probe): Promise<void> {
    const { gallery, entries, alerts, thresholds } = this.#options
    const candidates = await gallery.search(probe.probe)
    const [best, next] = candidates
    const likely = best !== undefined && best.score >= thresholds.floor
    const list = likely ? await entries.listOf(best.entryId) : undefined
    const threshold = list === undefined ? 2 : thresholds.for({ ...probe, list }).threshold
    const taken = best !== undefined && best.score >= threshold
    this.#walks.heard(probe, candidates, taken)
    if (!taken || list === undefined) return
    await alerts.consider({
      probe,
      ...best,
      list,
      threshold,
      runnerUp: next?.score ?? null,
      space: gallery.space,
    })
  }
}
