import type { Detection } from '@vedette/models/detection'
import type { Detector } from '@vedette/models/detector'
import { iou } from '@vedette/models/geometry'
import { type Face, type ModelOptions, Models, openDetector } from '@vedette/models/models'
import type { Picture } from '@vedette/models/picture'

/** Slow and sure; takes printed skulls for nothing. It says which faces there are. */
const CAREFUL_DETECTOR = 'ssd-mobilenet-v1'
/** Longer side of what the careful detector sees, pixels. */
const CAREFUL_INPUTS = [512]
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

/** Finds the faces of a photograph, where there is time to look twice. */
export class FaceFinder {
  readonly models: Models
  readonly #careful: Detector

  static async open(options: ModelOptions): Promise<FaceFinder> {
    const [models, careful] = await Promise.all([
      Models.open(options),
      openDetector(CAREFUL_DETECTOR, options),
    ])
    return new FaceFinder(models, careful)
  }

  private constructor(models: Models, careful: Detector) {
    this.models = models
    this.#careful = careful
  }

  /** Every face that either detector is sure of, the careful one's word before the keen one's. */
  async find(picture: Picture): Promise<Face[]> {
    const options = { inputs: CAREFUL_INPUTS, minScore: MIN_SCORE }
    const sure = await this.#careful.detect(picture, options)
    const quick = await this.#placed(picture, sure, QUICK_INPUTS)
    if (quick !== undefined) return this.models.look(picture, quick)
    const keen = await this.models.detect(picture, { inputs: KEEN_INPUTS, minScore: PLACING_SCORE })
    const found =
      sure.length > 0
        ? sure.map((detection) => boxOf(detection, keen) ?? detection)
        : keen.filter(({ score }) => score >= MIN_SCORE)
    return this.models.look(picture, found)
  }

  /** All of `sure` as the keen detector places them, undefined where it does not see one of them. */
  async #placed(
    picture: Picture,
    sure: readonly Detection[],
    inputs: readonly number[],
  ): Promise<Detection[] | undefined> {
    if (sure.length === 0) return undefined
    const keen = await this.models.detect(picture, { inputs, minScore: PLACING_SCORE })
    const found = sure.flatMap((detection) => boxOf(detection, keen) ?? [])
    return found.length === sure.length ? found : undefined
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
