import type { Detection } from '@vedette/models/detection'
import { squareAround } from '@vedette/models/geometry'
import type { Face, Models } from '@vedette/models/models'
import { cropJpeg, type Picture } from '@vedette/models/picture'
import { type Embedding, encodeEmbedding } from '@vedette/shared/embedding'
import {
  type CanaryMark,
  type Match,
  MOST_LIVE_FACES,
  SURROUNDINGS,
  type ViewedFace,
} from '@vedette/shared/message'
import type { CameraConfig } from '../config.ts'
import type { Frame } from '../frame.ts'
import { BestShot } from './best-shot.ts'
import { Likeness, type Look } from './likeness.ts'
import { MotionGate } from './motion.ts'
import { Present } from './present.ts'
import { Sweep } from './sweep.ts'
import { type Track, Tracker } from './tracker.ts'

/** A detection this sure goes on with a track; starting one takes more (`detect.minScore`). */
const FOLLOW_SCORE = 0.25
/** Longer side of the picture sent along, pixels. */
const PICTURE_SIDE = 256

/** One good chip of one track, to be asked about. */
export type Question = {
  camera: string
  track: string
  shot: number
  capturedAt: number
  /** The embedding space of the probe. */
  space: string
  probe: Embedding
  box: [number, number, number, number]
  quality: number
  picture: Uint8Array
  /** Where the face is the test face, who asked for it. */
  canary?: CanaryMark
}

/** `question` as it is sent, but for its number. */
export function matchOf({ probe, picture, ...rest }: Question): Omit<Match, 'seq' | 'lost'> {
  return { type: 'match', ...rest, probe: encodeEmbedding(probe), chip: picture }
}

/** A chip looked at closely; without `shot` only to see whether it is still the same person. */
type Shot = { face: Face; track: Track; shot: number | undefined }
type Recognised = Look & { face: Face; track: string; shot: number }

export type LookoutCounts = {
  frames: number
  /** Frames passed over because a newer one was there. */
  skipped: number
  /** Frames in which nothing moved, not looked at. */
  still: number
  detections: number
  tracks: number
  questions: number
}

/** What one camera sees, from frames to questions. */
export class Lookout {
  readonly #camera: string
  readonly #config: CameraConfig
  readonly #models: Models
  readonly #motion: MotionGate
  readonly #tracker: Tracker
  readonly #bestShot: BestShot
  readonly #likeness = new Likeness()
  readonly #present: Present
  readonly #sweep: Sweep
  readonly #onDetected: (seconds: number) => void
  #lookedAt = Number.NEGATIVE_INFINITY
  readonly counts: LookoutCounts = {
    frames: 0,
    skipped: 0,
    still: 0,
    detections: 0,
    tracks: 0,
    questions: 0,
  }

  /** `onDetected` is told how long the detector took, seconds. */
  constructor(
    camera: string,
    config: CameraConfig,
    models: Models,
    newId: () => string,
    onDetected: (seconds: number) => void = () => {},
  ) {
    this.#camera = camera
    this.#onDetected = onDetected
    this.#config = config
    this.#models = models
    this.#motion = new MotionGate(config.motion)
    this.#sweep = new Sweep(config)
    this.#bestShot = new BestShot(config.ask)
    this.#present = new Present(config.ask.minQuality)
    this.#tracker = new Tracker({
      minScore: config.detect.minScore,
      newId: () => {
        this.counts.tracks++
        return newId()
      },
    })
  }

  /** Whom the last frame showed, for whoever looks on. */
  get faces(): ViewedFace[] {
    return this.#tracker.present
      .slice(0, MOST_LIVE_FACES)
      .map((track) => this.#present.face(track, this.#bestShot.asked(track.id)))
  }

  /** Looks at one frame and returns what is to be asked because of it. */
  async look(frame: Frame): Promise<Question[]> {
    this.counts.frames++
    const at = frame.sceneTime
    if (!this.#worthLooking(frame)) {
      this.counts.still++
      this.#tracker.hold(at)
      return []
    }
    this.#lookedAt = at
    this.#bestShot.forget(at)
    this.#likeness.forget(at)
    const followed = this.#tracker.tracks.map(({ box }) => box)
    const inputs = this.#sweep.looks(frame.picture, at, { moving: this.#motion.where, followed })
    const began = performance.now()
    const found = await this.#models.detect(frame.picture, { inputs, minScore: FOLLOW_SCORE })
    this.#onDetected((performance.now() - began) / 1000)
    this.counts.detections += found.length
    const open = this.#tracker
      .update(found, at)
      .filter(({ track: { id } }) => !this.#bestShot.settled(id, at) || this.#likeness.due(id, at))
    const faces = await this.#models.look(
      frame.picture,
      open.map(({ detection }) => detection),
    )
    this.#present.keep(this.#tracker.tracks)
    const shots = faces.flatMap((face, i) => {
      const { track } = open[i]!
      const { overall } = face.quality
      this.#present.note(track.id, face.quality)
      const shot = this.#bestShot.consider(track.id, overall, at)
      const due = overall >= this.#config.ask.minQuality && this.#likeness.due(track.id, at)
      return shot === undefined && !due ? [] : [{ face, track, shot }]
    })
    return this.#ask(frame, await this.#recognise(frame, shots))
  }

  /**
   * True when `picture` would be looked at in the place of the frame of scene time `at`, the last that
   * there was. Changes nothing.
   */
  notices(picture: Picture, at: number): boolean {
    return !this.#config.motion.enabled || this.#lookedAt === at || this.#motion.wouldMove(picture)
  }

  /** Embeds the chips. Those looked at only to see whether the person changed are asked about, too. */
  async #recognise(frame: Frame, shots: readonly Shot[]): Promise<Recognised[]> {
    const at = frame.sceneTime
    const faces = shots.map(({ face }) => face)
    // As they are now: while the probes are computed, another embedder may take over.
    const { space, oneWalk } = this.#models
    const probes = await this.#models.probes(frame.picture, faces)
    return shots.flatMap(({ face, track, shot }, i) => {
      const look = { space, probe: probes[i]! }
      const same = this.#likeness.fits(track.id, look, oneWalk)
      if (!same) this.#tracker.renew(track)
      this.#likeness.note(track.id, look, at)
      const asked =
        same && shot !== undefined ? shot : this.#bestShot.spend(track.id, face.quality.overall, at)
      return asked === undefined ? [] : [{ ...look, face, track: track.id, shot: asked }]
    })
  }

  /** Motion, a face that may be asked about now, or too long without a look. */
  #worthLooking({ picture, sceneTime }: Frame): boolean {
    const { enabled, refresh } = this.#config.motion
    const moved = this.#motion.moved(picture)
    if (!enabled || moved) return true
    const open = this.#tracker.tracks.some(({ id }) => !this.#bestShot.settled(id, sceneTime))
    return open || sceneTime - this.#lookedAt >= refresh
  }

  #ask(frame: Frame, worth: readonly Recognised[]): Promise<Question[]> {
    this.counts.questions += worth.length
    return Promise.all(
      worth.map(async ({ face, space, probe, track, shot }) => ({
        camera: this.#camera,
        track,
        shot,
        capturedAt: frame.capturedAt,
        space,
        probe,
        box: boxOf(face),
        quality: face.quality.overall,
        picture: await portrait(frame.picture, face),
      })),
    )
  }
}

function boxOf({ box }: Detection): [number, number, number, number] {
  return [box.x, box.y, box.width, box.height]
}

function portrait(picture: Picture, { box }: Detection): Promise<Buffer> {
  return cropJpeg(picture, squareAround(box, SURROUNDINGS), PICTURE_SIDE)
}
