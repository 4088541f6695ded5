import { type Embedding, normalise } from '@vedette/shared/embedding'
import { type Alignment, align } from './align.ts'
import { gainWithin } from './exposure.ts'
import { compose, type Similarity } from './geometry.ts'
import type { Landmarks } from './landmarks.ts'
import type { ModelRow } from './manifest.ts'
import type { Picture } from './picture.ts'
import { warpInto } from './resample.ts'
import type { Network } from './runtime/runtime.ts'

/** An aligned face crop: three planes (red, green, blue, 0 … 255) of `size`×`size`. */
export type Chip = { size: number; planes: Float32Array; alignment: Alignment }

/** Degrees, factor, and shifts as shares of the chip's side. */
type Jitter = { turn: number; scale: number; right: number; down: number }

/** By as much as landmarks are off; the same for every face, so that a photograph has one template. */
const JITTERS: readonly Jitter[] = [
  { turn: 2.4, scale: 1.02, right: 0.012, down: -0.006 },
  { turn: -2.4, scale: 0.98, right: -0.012, down: 0.006 },
  { turn: 1.2, scale: 0.975, right: -0.006, down: -0.014 },
  { turn: -1.2, scale: 1.025, right: 0.006, down: 0.014 },
  { turn: 0.4, scale: 1.01, right: -0.016, down: 0.01 },
]

/** Turns chips into points of one embedding space. */
export class Embedder {
  /** Names the embedding space; templates and probes of different spaces are never compared. */
  readonly space: string
  /** Components of an embedding. */
  readonly length: number
  readonly #size: number
  readonly #network: Network

  constructor(row: Extract<ModelRow, { task: 'embed' }>, network: Network) {
    this.space = row.id
    this.length = row.length
    this.#size = row.size
    this.#network = network
  }

  /** Cuts the aligned chip of the face with `landmarks` out of `picture`. */
  chip(picture: Picture, landmarks: Landmarks): Chip {
    return this.#cut(picture, align(landmarks, this.#size))
  }

  /**
   * `chip`, and the same face cut a little otherwise: turned, scaled and shifted.
   * Source: dlib, dnn_face_recognition_ex.cpp, jitter_image (a hundred at random there).
   */
  jittered(picture: Picture, chip: Chip): Chip[] {
    const { toPicture, residual } = chip.alignment
    const others = JITTERS.map((jitter) => {
      const moved = compose(toPicture, aboutMiddle(jitter, this.#size))
      return this.#cut(picture, { toPicture: moved, residual })
    })
    return [chip, ...others]
  }

  #cut(picture: Picture, alignment: Alignment): Chip {
    const size = this.#size
    const planes = new Float32Array(3 * size * size)
    const { toPicture } = alignment
    warpInto(planes, size, picture, toPicture, gainWithin(picture, toPicture, size))
    return { size, planes, alignment }
  }

  /**
   * Embeds every chip in one batch: the direction of its descriptor or, with `mirror`, of the sum of
   * the chip's descriptor and its mirror image's, which halves what a turned head or side light
   * adds and costs twice as much. Both lie in the same space.
   */
  async embed(chips: readonly Chip[], { mirror }: { mirror: boolean }): Promise<Embedding[]> {
    if (chips.length === 0) return []
    const size = this.#size
    const one = 3 * size * size
    const views = mirror ? 2 : 1
    const data = new Float32Array(chips.length * views * one)
    for (const [i, { planes }] of chips.entries()) {
      data.set(planes, i * views * one)
      if (mirror) mirrorInto(data.subarray((i * views + 1) * one), planes, size)
    }
    const shape = [chips.length * views, 3, size, size]
    const { descriptor } = await this.#network.run({ data, shape })
    return chips.map((_, i) => {
      const sum = new Float32Array(this.length)
      for (let view = i * views; view < (i + 1) * views; view++) {
        for (let k = 0; k < this.length; k++) sum[k]! += descriptor!.data[view * this.length + k]!
      }
      return normalise(sum)
    })
  }
}

/** `jitter` of a chip of `size` pixels about its middle. */
function aboutMiddle({ turn, scale, right, down }: Jitter, size: number): Similarity {
  const [angle, middle] = [(turn * Math.PI) / 180, size / 2]
  const [a, b] = [Math.cos(angle) * scale, Math.sin(angle) * scale]
  const tx = middle - (a * middle - b * middle) + right * size
  const ty = middle - (b * middle + a * middle) + down * size
  return { a, b, tx, ty }
}

function mirrorInto(out: Float32Array, planes: Float32Array, size: number): void {
  for (let row = 0; row < planes.length; row += size) {
    for (let x = 0; x < size; x++) out[row + x] = planes[row + size - 1 - x]!
  }
}
