import type { Detection } from '@vedette/models/detection'
import type { Detector } from '@vedette/models/detector'
import { iou } from '@vedette/models/geometry'
import { type Face, type ModelOptions, Models, openDetector } from '@vedette/models/models'
import type { Picture } from '@vedette/models/picture'
import { codeOf } from '@vedette/shared/errors'

/** Slow and sure; takes printed skulls for nothing. It says which faces there are. */
const CAREFUL_DETECTOR = 'ssd-mobilenet-v1'
/** The same for a quarter of the pixels, in a quarter of the time. */
const CURSORY_DETECTOR = 'ssd-mobilenet-v1-256'
/** What each sees is as large as it is. */
const CAREFUL_INPUTS = [512]
const CURSORY_INPUTS = [256]
/**
 * The keen one finds most of what the careful one misses (faces far back, and faces that fill the
 * picture), and its boxes are those that the landmarks were trained with.
 */
const KEEN_INPUTS = [160, 320, 640, 1280]
const MIN_SCORE = 0.5
/** Enough for pictures that are known to show one face and for most others, and quick (decision 28). */
const QUICK_INPUTS = [320, 160]
/** A face of which the detector is not sure at all counts as this much further off the middle. */
const UNSURE = 0.5
/** A keen box that places a face which the careful one is sure of. */
const PLACING_SCORE = 0.3
const SAME_FACE = 0.35

/** How sure the cursory look must be of a face, and how wide, of the longer side, for that to be all. */
const CURSORY_SCORE = 0.9
const CURSORY_WIDTH = 0.2
/** What it takes for a second face, half hidden as that may be, wants a careful look. */
const CURSORY_DOUBT = 0.2

/** Finds the faces of a photograph, where there is time to look twice. */
export class FaceFinder {
  readonly models: Models
  readonly #careful: Detector
  readonly #cursory: Detector | undefined

  static async open(options: ModelOptions): Promise<FaceFinder> {
    const [models, careful, cursory] = await Promise.all([
      Models.open(options),
      openDetector(CAREFUL_DETECTOR, options),
      openDetector(CURSORY_DETECTOR, options).catch(withoutIt),
    ])
    return new FaceFinder(models, careful, cursory)
  }

  private constructor(models: Models, careful: Detector, cursory: Detector | undefined) {
    this.models = models
    this.#careful = careful
    this.#cursory = cursory
  }

  /** Every face that either detector is sure of, the careful one's word before the keen one's. */
  async find(picture: Picture): Promise<Face[]> {
    const quick = await this.models.detect(picture, {
      inputs: QUICK_INPUTS,
      minScore: PLACING_SCORE,
    })
    if (await this.#isAll(picture, quick)) return this.models.look(picture, quick)
    const options = { inputs: CAREFUL_INPUTS, minScore: MIN_SCORE }
    const sure = await this.#careful.detect(picture, options)
    const placed = sure.flatMap((detection) => boxOf(detection, quick) ?? [])
    if (sure.length > 0 && placed.length === sure.length) return this.models.look(picture, placed)
    const keen = await this.models.detect(picture, { inputs: KEEN_INPUTS, minScore: PLACING_SCORE })
    const found =
      sure.length > 0
        ? sure.map((detection) => boxOf(detection, keen) ?? detection)
        : keen.filter(({ score }) => score >= MIN_SCORE)
    return this.models.look(picture, found)
  }

  /**
   * True where the keen detector sees one face, and a large one, and the cursory one is sure of that and
   * has no thought of another: then the careful one sees no more.
   */
  async #isAll(picture: Picture, [alone, ...more]: readonly Detection[]): Promise<boolean> {
    if (this.#cursory === undefined || alone === undefined || more.length > 0) return false
    if (alone.box.width < Math.max(picture.width, picture.height) * CURSORY_WIDTH) return false
    const options = { inputs: CURSORY_INPUTS, minScore: CURSORY_DOUBT }
    const [sure, ...others] = await this.#cursory.detect(picture, options)
    if (sure === undefined || others.length > 0 || sure.score < CURSORY_SCORE) return false
    return iou(sure.box, alone.box) >= SAME_FACE
  }

  /** The face that a portrait is of: in its middle, large, and surely a face. */
  async findSitter(picture: Picture): Promise<Face | undefined> {
    const quick = { inputs: QUICK_INPUTS, minScore: PLACING_SCORE }
    const keen = await this.models.detect(picture, quick)
    const options = { inputs: CAREFUL_INPUTS, minScore: PLACING_SCORE }
    const found = keen.length > 0 ? keen : await this.#careful.detect(picture, options)
    const [sitter] = found.toSorted((p, q) => offCentre(p, picture) - offCentre(q, picture))
    const [face] = await this.models.look(picture, sitter === undefined ? [] : [sitter])
    return face
  }
}

/** The tfjs runtime has no detector for that few pixels: there every look is a careful one. */
function withoutIt(error: unknown): undefined {
  if (codeOf(error) === 'model.unsupported') return undefined
  throw error
}

/** How far a detection is from being what the picture is about, picture widths. */
function offCentre({ box, score }: Detection, picture: Picture): number {
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  const away = Math.hypot(x - picture.width / 2, y - picture.height / 2) - box.width / 4
  return away / picture.width + (1 - score) * UNSURE
}

/** `detection` with the keen detector's box of the same face; undefined where it has none. */
function boxOf(detection: Detection, keen: readonly Detection[]): Detection | undefined {
  const [nearest] = keen
    .map(({ box }) => ({ box, overlap: iou(box, detection.box) }))
    .toSorted((p, q) => q.overlap - p.overlap)
  if (nearest === undefined || nearest.overlap < SAME_FACE) return undefined
  return { ...detection, box: nearest.box }
}
