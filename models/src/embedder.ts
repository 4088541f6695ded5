import { centreOf, type Embedding, normalise } from '@vedette/shared/embedding'
import { IntegrityFault } from '@vedette/shared/errors'
import { type Alignment, align, alignFive, fiveOf } from './align.ts'
import { similarityAt } from './calibration.ts'
import type { FivePoints } from './detection.ts'
import { gainWithin } from './exposure.ts'
import { compose, type Similarity } from './geometry.ts'
import type { Landmarks } from './landmarks.ts'
import type { Calibration, EmbedderRow } from './manifest.ts'
import type { Picture } from './picture.ts'
import { warpInto } from './resample.ts'
import type { Network, Tensor } from './runtime/runtime.ts'

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
]

/** Of two strangers this share is more alike than two chips of one walk are taken to be. */
const ONE_WALK_RATE = 1e-3

/** Turns chips into points of one embedding space. */
export class Embedder {
  /** Names the embedding space; templates and probes of different spaces are never compared. */
  readonly space: string
  /** Components of an embedding. */
  readonly length: number
  /** What similarities in its space are worth; unknown until it was measured. */
  readonly calibration: Calibration | undefined
  readonly #row: EmbedderRow
  readonly #network: Network
  readonly #channels: { plane: number; mean: number; scale: number }[]

  /** Throws IntegrityFault `model.unsupported` where the network's input is not the row's chip. */
  constructor(row: EmbedderRow, network: Network) {
    this.space = row.id
    this.length = row.length
    this.calibration = row.calibration
    this.#row = row
    this.#network = network
    this.#channels = channelsOf(row)
    const { width = row.size, height = row.size } = network.input
    if (width === row.size && height === row.size) return
    throw new IntegrityFault(
      'model.unsupported',
      `${row.id} takes chips of ${width}×${height} pixels, its row says ${row.size}`,
      { hint: 'mend `size` in the manifest row' },
    )
  }

  /**
   * The similarity that two chips of one track have at least, where they show one person; 1 where
   * the space is not calibrated.
   */
  get oneWalk(): number {
    return this.calibration ? similarityAt(this.calibration.points, ONE_WALK_RATE) : 1
  }

  /**
   * Cuts the aligned chip of the face with `landmarks` out of `picture`; an embedder that aligns by
   * five points takes the detector's, where there are any.
   */
  chip(picture: Picture, landmarks: Landmarks, points?: FivePoints): Chip {
    const { alignment, size } = this.#row
    if (alignment === 'dlib-68') return cutChip(picture, align(landmarks, size), size)
    return cutChip(picture, alignFive(points ?? fiveOf(landmarks), size), size)
  }

  /**
   * The face of `chip` cut a little otherwise: turned, scaled and shifted.
   * Source: dlib, dnn_face_recognition_ex.cpp, jitter_image (a hundred at random there).
   */
  #jittered(picture: Picture, chip: Chip): Chip[] {
    const { toPicture, residual } = chip.alignment
    return JITTERS.map((jitter) => {
      const moved = compose(toPicture, aboutMiddle(jitter, this.#row.size))
      return cutChip(picture, { toPicture: moved, residual }, this.#row.size)
    })
  }

  /**
   * Embeds every chip in one batch: the direction of its descriptor or, with `mirror`, of the sum of
   * the chip's descriptor and its mirror image's, which halves what a turned head or side light
   * adds and costs twice as much. Both lie in the same space.
   */
  async embed(chips: readonly Chip[], { mirror }: { mirror: boolean }): Promise<Embedding[]> {
    if (!mirror) return (await this.#describe(chips)).map(normalise)
    const views = await this.#describe(chips.flatMap((chip) => [chip, mirrored(chip)]))
    return chips.map((_, i) => normalise(sumOf([views[2 * i]!, views[2 * i + 1]!])))
  }

  /**
   * `chip` of `picture` as it is kept, `template`, and as it would be asked about, `probe`: both ways
   * round, and of the jittered ones every other mirrored, for which the template is the same to 0.999 (decision 28).
   */
  async portray(picture: Picture, chip: Chip): Promise<{ template: Embedding; probe: Embedding }> {
    const others = this.#jittered(picture, chip)
    const turned = others.map((other, i) => (i % 2 === 0 ? other : mirrored(other)))
    const views = await this.#describe([chip, mirrored(chip), ...turned])
    return { template: centreOf(views.map(normalise)), probe: normalise(sumOf(views.slice(0, 2))) }
  }

  /** Descriptors of `chips` as the network gives them, in one batch. */
  async #describe(chips: readonly Chip[]): Promise<Float32Array[]> {
    if (chips.length === 0) return []
    const { size } = this.#row
    const one = 3 * size * size
    const data = new Float32Array(chips.length * one)
    for (const [i, { planes }] of chips.entries()) this.#feed(data.subarray(i * one), planes)
    const shape = [chips.length, 3, size, size]
    const descriptors = this.#descriptors(await this.#network.run({ data, shape }))
    return chips.map((_, i) => descriptors.subarray(i * this.length, (i + 1) * this.length))
  }

  /** Puts `planes` into the network's input: its order of channels, its range of values. */
  #feed(out: Float32Array, planes: Float32Array): void {
    const area = planes.length / 3
    for (const [channel, { plane, mean, scale }] of this.#channels.entries()) {
      const [to, from] = [channel * area, plane * area]
      for (let i = 0; i < area; i++) out[to + i] = (planes[from + i]! - mean) * scale
    }
  }

  /** Networks may have other outputs beside: the one that is as long as an embedding is it. */
  #descriptors(outputs: Record<string, Tensor>): Float32Array {
    const found = Object.values(outputs).find(({ shape }) => {
      const [, ...one] = shape
      return one.reduce((product, size) => product * size, 1) === this.length
    })
    if (found !== undefined) return found.data
    const shapes = Object.entries(outputs).map(([name, { shape }]) => `${name} [${shape}]`)
    throw new IntegrityFault(
      'model.unsupported',
      `${this.space} gives ${shapes.join(', ')}, not ${this.length} numbers a chip`,
      { hint: 'mend `length` in the manifest row' },
    )
  }
}

/** The chip of `size`×`size` that `alignment` cuts out of `picture`. */
export function cutChip(picture: Picture, alignment: Alignment, size: number): Chip {
  const planes = new Float32Array(3 * size * size)
  const { toPicture } = alignment
  warpInto(planes, size, picture, toPicture, gainWithin(picture, toPicture, size))
  return { size, planes, alignment }
}

/** What each channel of the network is fed: which plane of the chip, and how. */
function channelsOf({ order, mean, scale }: EmbedderRow) {
  const planes = order === 'rgb' ? [0, 1, 2] : [2, 1, 0]
  return planes.map((plane, channel) => ({
    plane,
    mean: typeof mean === 'number' ? mean : mean[channel]!,
    scale: typeof scale === 'number' ? scale : scale[channel]!,
  }))
}

/** `jitter` of a chip of `size` pixels about its middle. */
function aboutMiddle({ turn, scale, right, down }: Jitter, size: number): Similarity {
  const [angle, middle] = [(turn * Math.PI) / 180, size / 2]
  const [a, b] = [Math.cos(angle) * scale, Math.sin(angle) * scale]
  const tx = middle - (a * middle - b * middle) + right * size
  const ty = middle - (b * middle + a * middle) + down * size
  return { a, b, tx, ty }
}

function mirrored({ size, planes, alignment }: Chip): Chip {
  const turned = new Float32Array(planes.length)
  for (let row = 0; row < planes.length; row += size) {
    for (let x = 0; x < size; x++) turned[row + x] = planes[row + size - 1 - x]!
  }
  return { size, planes: turned, alignment }
}

function sumOf(descriptors: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array(descriptors[0]!.length)
  for (const descriptor of descriptors) {
    for (let k = 0; k < sum.length; k++) sum[k]! += descriptor[k]!
  }
  return sum
}
