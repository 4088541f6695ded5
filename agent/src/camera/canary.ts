import { iou } from '@vedette/models/geometry'
import type { Models } from '@vedette/models/models'
import type { Picture } from '@vedette/models/picture'
import { testFace, testFaceBox } from '@vedette/models/test-face'
import type { Log } from '@vedette/shared/log'
import type { Canary, CanaryMark } from '@vedette/shared/message'
import type { CameraConfig } from '../config.ts'
import type { Frame } from '../frame.ts'
import { Lookout, type Question } from '../lookout/lookout.ts'

/** Share of the picture's shorter side that the card with the test face takes. */
const CARD = 0.9
/** Overlap with the place of the test face that makes a detection that of it. */
const SAME_FACE = 0.3
/** Frames on which a test face that was not found is shown again. */
const MOST_TRIES = 3
/** Sizes of the card that are kept. */
const MOST_CARDS = 4

type Asked = { mark: CanaryMark; askedAt: number; tries: number }

/**
 * Shows cameras the test face that the server asked for. It goes upon a copy of a frame that the
 * source delivered after it was asked for, once that frame has been looked at; what follows it is
 * followed apart, so that faces which are really there are not touched by it.
 */
export class Canaries {
  readonly #models: Models
  readonly #now: () => number
  readonly #asked = new Map<string, Asked>()
  readonly #cards = new Map<number, Promise<Picture>>()

  constructor(models: Models, now: () => number) {
    this.#models = models
    this.#now = now
  }

  /** The server wants `camera` to be shown the test face; an older wish is forgotten. */
  ask({ camera, mark }: Canary): void {
    this.#asked.set(camera, { mark, askedAt: this.#now(), tries: 0 })
  }

  /**
   * What is to be asked because of the test face upon `frame`, which `lookout` has just looked at:
   * nothing where none is due, or where a picture such as this would not be looked at.
   */
  async show(
    camera: string,
    frame: Frame,
    { lookout, config, log }: { lookout: Lookout; config: CameraConfig; log: Log },
  ): Promise<Question[]> {
    const asked = this.#asked.get(camera)
    if (asked === undefined || frame.capturedAt < asked.askedAt) return []
    const { mark } = asked
    asked.tries++
    if (asked.tries >= MOST_TRIES) this.#asked.delete(camera)
    const { picture, face } = await this.#hang(frame.picture)
    if (!lookout.notices(picture, frame.sceneTime)) return []
    const own = new Lookout(camera, quick(config), this.#models, () => `canary/${mark.id}`)
    const questions = await own.look({ ...frame, picture })
    const found = questions.find(({ box: [x, y, width, height] }) => {
      return iou({ x, y, width, height }, face) > SAME_FACE
    })
    if (found === undefined) {
      log.warn({ canary: mark.id, tries: asked.tries }, 'canary.unseen')
      return []
    }
    if (this.#asked.get(camera) === asked) this.#asked.delete(camera)
    return [{ ...found, canary: mark }]
  }

  /** A copy of `picture` with the card in its middle, and where the face is upon it. */
  async #hang(picture: Picture) {
    const { width, height } = picture
    const side = Math.round(Math.min(width, height) * CARD)
    const card = await this.#card(side)
    const data = Uint8Array.from(picture.data)
    const [left, top] = [(width - side) >> 1, (height - side) >> 1]
    for (let y = 0; y < side; y++) {
      const row = card.data.subarray(y * side * 3, (y + 1) * side * 3)
      data.set(row, ((top + y) * width + left) * 3)
    }
    const face = testFaceBox({ x: left, y: top, width: side, height: side })
    return { picture: { width, height, data }, face }
  }

  #card(side: number): Promise<Picture> {
    const known = this.#cards.get(side)
    if (known !== undefined) return known
    if (this.#cards.size >= MOST_CARDS) this.#cards.clear()
    const made = testFace(side)
    this.#cards.set(side, made)
    return made
  }
}

/** The same camera without the dear look for small faces: the test face is large. */
function quick(config: CameraConfig): CameraConfig {
  const { detect } = config
  return { ...config, detect: { ...detect, sweep: { ...detect.sweep, most: 96 } } }
}
