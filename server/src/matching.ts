import type { Alerts } from './alerts/alerts.ts'
import type { Gallery } from './gallery/gallery.ts'
import { type Calibration, thresholdFor } from './gallery/threshold.ts'
import type { Probe } from './probe.ts'
import type { EntryStore } from './store/entries.ts'

export type MatchingOptions = {
  gallery: Gallery
  entries: EntryStore
  alerts: Alerts
  calibration: Calibration
  /** Share of strangers who may be taken for somebody on the list, each time one is asked about. */
  falsePositiveRate: number
  /** However short the list, no similarity below this is taken for a match. */
  floor: number
}

/** From a probe to a sighting, or to nothing: then nothing of it is kept. */
export class Matching {
  readonly #options: MatchingOptions

  constructor(options: MatchingOptions) {
    this.#options = options
  }

  /** The similarity that a probe must reach on the list as it is now. */
  get threshold(): number {
    const { gallery, calibration, falsePositiveRate, floor } = this.#options
    return Math.max(floor, thresholdFor(calibration, gallery.entries, falsePositiveRate))
  }

  /** Resolves when all that comes of the probe is on disk. */
  async consider(probe: Probe): Promise<void> {
    const { gallery, entries, alerts } = this.#options
    const threshold = this.threshold
    const [best, next] = await gallery.search(probe.probe)
    if (best === undefined || best.score < threshold) return
    const list = await entries.listOf(best.entryId)
    if (list === undefined) return
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
