import type { Calibration } from '@vedette/models/manifest'
import type { Galleries } from '../gallery/galleries.ts'
import type { Gallery } from '../gallery/gallery.ts'
import type { Matching } from '../matching/matching.ts'
import type { Probe } from '../probe.ts'

/** One matching for every embedding space that is asked in: what is fused is never of two spaces. */
export class Matchings {
  readonly #galleries: Galleries
  readonly #make: (gallery: Gallery, calibration: Calibration) => Matching
  readonly #of = new Map<string, Matching>()

  /** `make` is called once for each space. */
  constructor(
    galleries: Galleries,
    make: (gallery: Gallery, calibration: Calibration) => Matching,
  ) {
    this.#galleries = galleries
    this.#make = make
  }

  /** Resolves when all that comes of the probe is on disk. */
  async consider(probe: Probe): Promise<void> {
    await this.#matching(probe.space)?.consider(probe)
  }

  /** Ends the walks that are under way. */
  stop(): void {
    for (const matching of this.#of.values()) matching.stop()
  }

  #matching(space: string): Matching | undefined {
    const known = this.#of.get(space)
    const gallery = this.#galleries.of(space)
    if (known !== undefined || gallery === undefined) return known
    const matching = this.#make(gallery, this.#galleries.calibrationOf(space))
    this.#of.set(space, matching)
    return matching
  }
}
