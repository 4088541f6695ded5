import { encodeJpeg } from '@vedette/models/picture'
import { testFace } from '@vedette/models/test-face'
import type { Embedding } from '@vedette/shared/embedding'
import type { Galleries } from '../gallery/galleries.ts'
import type { Photos } from '../gallery/photos.ts'
import type { Probe } from '../probe.ts'

/** Whose face a canary shows; it is on no list, and only a canary's search finds it. */
const TEST_PERSON = 'test-person'
const SIDE = 320
const QUALITY = 95

/** The person of the test face, reserved in every gallery that there is. */
export class TestPerson {
  readonly #galleries: Galleries
  readonly #photos: Pick<Photos, 'probe'>
  readonly #reserved = new Map<string, Promise<unknown>>()

  constructor(galleries: Galleries, photos: Pick<Photos, 'probe'>) {
    this.#galleries = galleries
    this.#photos = photos
  }

  /**
   * True when `probe` is of the test face: the nearest of all, and nearer than half the way from what
   * no match may be below to the same picture. Asks the gallery as every question does.
   */
  async shown({ space, probe }: Pick<Probe, 'space' | 'probe'>): Promise<boolean> {
    const gallery = this.#galleries.of(space)
    if (gallery === undefined) return false
    await this.#reserve(space)
    const [best] = await gallery.search(probe, { reserved: true })
    const { floor } = this.#galleries.calibrationOf(space)
    return best?.entryId === TEST_PERSON && best.score >= (1 + floor) / 2
  }

  #reserve(space: string): Promise<unknown> {
    const known = this.#reserved.get(space)
    if (known !== undefined) return known
    const reserving = this.#embed(space).then((template) =>
      this.#galleries.of(space)?.reserve(TEST_PERSON, template),
    )
    this.#reserved.set(space, reserving)
    reserving.catch(() => this.#reserved.delete(space))
    return reserving
  }

  async #embed(space: string): Promise<Embedding> {
    return this.#photos.probe(await encodeJpeg(await testFace(SIDE), QUALITY), space)
  }
}
