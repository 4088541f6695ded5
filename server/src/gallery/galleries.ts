import type { Calibration } from '@vedette/models/manifest'
import type { SpaceTemplate } from '../store/templates.ts'
import type { Gallery } from './gallery.ts'

/** A gallery, and what similarities in its space are worth. */
export type Calibrated = { gallery: Gallery; calibration: Calibration }

/** A gallery for every embedding space in use; one of them is active. Spaces are never mixed. */
export class Galleries {
  readonly #spaces = new Map<string, Calibrated>()
  #active: string
  #last: Promise<unknown> = Promise.resolve()

  constructor(active: Calibrated) {
    this.#active = active.gallery.space
    this.add(active)
  }

  /** The gallery of the space that agents should speak. */
  get active(): Gallery {
    return this.#spaces.get(this.#active)!.gallery
  }

  get all(): Gallery[] {
    return [...this.#spaces.values()].map(({ gallery }) => gallery)
  }

  /** The gallery of `space`; undefined where that is not in use. */
  of(space: string): Gallery | undefined {
    return this.#spaces.get(space)?.gallery
  }

  /** How much alike strangers are in `space`, which must be in use. */
  calibrationOf(space: string): Calibration {
    const found = this.#spaces.get(space)
    if (found === undefined) throw new RangeError(`no gallery of space ${space}`)
    return found.calibration
  }

  /** From here on this is what similarities in `space`, which must be in use, are worth. */
  recalibrate(space: string, calibration: Calibration): void {
    const { gallery } = this.#spaces.get(space)!
    this.#spaces.set(space, { gallery, calibration })
  }

  /** Takes in one more, and owns it. */
  add(space: Calibrated): void {
    this.#spaces.set(space.gallery.space, space)
  }

  /** From here on `space`, which must be in use, is the active one. */
  activate(space: string): void {
    if (!this.#spaces.has(space)) throw new RangeError(`no gallery of space ${space}`)
    this.#active = space
  }

  /** Takes new entries into the galleries of their templates' spaces. */
  enrol(templates: readonly SpaceTemplate[]): Promise<void> {
    return this.#inTurn((gallery) =>
      gallery.add(templates.filter(({ space }) => space === gallery.space)),
    )
  }

  /** The entry matches nothing from here on, in no space. */
  remove(entryId: string): Promise<void> {
    return this.#inTurn((gallery) => gallery.remove(entryId))
  }

  /**
   * Puts what `read` gives for a space in the place of all that the entry has there; what stays can be
   * found throughout. Read in its turn: of two that renew one entry, the later one has the last word.
   */
  renew(entryId: string, read: (space: string) => Promise<SpaceTemplate[]>): Promise<void> {
    return this.#inTurn(async (gallery) => {
      await gallery.replace(entryId, await read(gallery.space))
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((gallery) => gallery[Symbol.asyncDispose]()))
  }

  #inTurn(work: (gallery: Gallery) => Promise<void>): Promise<void> {
    const mine = this.#last.then(() => Promise.all(this.all.map(work)))
    this.#last = mine.catch(() => {})
    return mine.then(() => {})
  }
}
