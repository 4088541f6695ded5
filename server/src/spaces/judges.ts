import type { Calibration } from '@vedette/models/manifest'
import type { Galleries } from '../gallery/galleries.ts'
import type { Gallery } from '../gallery/gallery.ts'
import type { Matching } from '../matching/matching.ts'
import type { Probe } from '../probe.ts'
import type { Thresholds } from '../thresholds/thresholds.ts'

/** What decides in one embedding space. */
export type Judge = { matching: Matching; thresholds: Thresholds }

type Make = (gallery: Gallery, calibration: Calibration) => Promise<Judge>

/** A judge for every embedding space in use: neither walks nor scores of two spaces are mixed. */
export class Judges {
  readonly #galleries: Galleries
  readonly #make: Make
  readonly #of = new Map<string, Judge>()
  #opening: Promise<void> = Promise.resolve()

  /** Opens one for every gallery that there is. */
  static async open(galleries: Galleries, make: Make): Promise<Judges> {
    const judges = new Judges(galleries, make)
    await judges.refresh()
    return judges
  }

  private constructor(galleries: Galleries, make: Make) {
    this.#galleries = galleries
    this.#make = make
  }

  /** The one of the active space. */
  get active(): Judge {
    return this.#of.get(this.#galleries.active.space)!
  }

  of(space: string): Judge | undefined {
    return this.#of.get(space)
  }

  /** Opens one for every gallery that has come since, and lets all know what operators set. */
  async refresh(): Promise<void> {
    const before = this.#opening
    this.#opening = before.catch(() => {}).then(() => this.#open())
    await this.#opening
  }

  /** Resolves when all that comes of the probe is on disk. */
  async consider(probe: Probe): Promise<void> {
    await this.#of.get(probe.space)?.matching.consider(probe)
  }

  /** These cameras were watched for so long, in the spaces that their agents speak. */
  watching(
    cameras: readonly { agent: string; camera: string }[],
    spoken: ReadonlyMap<string, string>,
    milliseconds: number,
  ): void {
    for (const [space, { thresholds }] of this.#of) {
      const own = cameras.filter(({ agent }) => spoken.get(agent) === space)
      thresholds.watching(own, milliseconds)
    }
  }

  /** Ends the walks that are under way. */
  stop(): void {
    for (const { matching } of this.#of.values()) matching.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { thresholds } of this.#of.values()) await thresholds[Symbol.asyncDispose]()
  }

  async #open(): Promise<void> {
    for (const gallery of this.#galleries.all) {
      const { space } = gallery
      const known = this.#of.get(space)
      if (known !== undefined) await known.thresholds.flush()
      else this.#of.set(space, await this.#make(gallery, this.#galleries.calibrationOf(space)))
    }
  }
}
