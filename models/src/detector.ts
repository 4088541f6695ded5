import { gainOf } from './exposure.ts'
import type { Box } from './geometry.ts'
import { contained, iou } from './geometry.ts'
import type { ModelRow } from './manifest.ts'
import { crop, type Picture } from './picture.ts'
import { scaleInto } from './resample.ts'
import type { Network, Tensor } from './runtime/runtime.ts'

/** A face in a picture: where, and how sure the detector is, 0 … 1. */
export type Detection = { box: Box; score: number }

/** A part of a picture, `input` pixels on the longer side as the network sees it. */
export type Closeup = { region: Box; input: number }

export type DetectOptions = {
  /**
   * Longer side of the picture as the network sees it, pixels; the picture is looked at once for
   * each. A small one is fast and sees large faces, a large one finds small faces.
   */
  inputs: readonly (number | Closeup)[]
  /** Detections below are dropped, 0 … 1. */
  minScore: number
}

/** Finds faces in whole pictures. */
export class Detector {
  readonly #network: Network
  readonly #decoder: Decoder

  constructor(row: Extract<ModelRow, { task: 'detect' }>, network: Network) {
    this.#network = network
    this.#decoder = DECODERS[row.decoder]
  }

  /** Faces in `picture`, surest first, none overlapping another by much. */
  async detect(picture: Picture, { inputs, minScore }: DetectOptions): Promise<Detection[]> {
    const found: Detection[] = []
    const gain = gainOf(picture)
    for (const look of inputs) {
      if (typeof look === 'number') found.push(...(await this.#scan(picture, look, minScore, gain)))
      else found.push(...(await this.#scanPart(picture, look, minScore, gain)))
    }
    return suppress(found, this.#decoder.maxOverlap)
  }

  async #scanPart(
    picture: Picture,
    { region, input }: Closeup,
    minScore: number,
    gain: number,
  ): Promise<Detection[]> {
    const [left, top] = [Math.round(region.x), Math.round(region.y)]
    const found = await this.#scan(crop(picture, region), input, minScore, gain)
    return found.map(({ box, score }) => ({
      score,
      box: { ...box, x: box.x + left, y: box.y + top },
    }))
  }

  async #scan(
    picture: Picture,
    input: number,
    minScore: number,
    gain: number,
  ): Promise<Detection[]> {
    const { shape, scale } = this.#decoder.fit(picture, input)
    const [, , height, width] = shape as [number, number, number, number]
    const data = new Float32Array(3 * height * width)
    const w = Math.max(1, Math.round(picture.width * scale))
    const h = Math.max(1, Math.round(picture.height * scale))
    scaleInto(data, width, picture, w, h, gain)
    const found = this.#decoder.decode(await this.#network.run({ data, shape }), minScore)
    const [toX, toY] = [picture.width / w, picture.height / h]
    return found.map(({ box, score }) => ({
      score,
      box: { x: box.x * toX, y: box.y * toY, width: box.width * toX, height: box.height * toY },
    }))
  }
}

type Decoder = {
  /** IoU above which two detections are the same face. */
  maxOverlap: number
  /** Shape of the input planes for a picture, and by how much the picture is enlarged to fit. */
  fit(picture: Picture, input: number): { shape: number[]; scale: number }
  /** Detections in pixels of the input planes. */
  decode(outputs: Record<string, Tensor>, minScore: number): Detection[]
}

const STRIDE = 32
/** Width and height of the five anchors, in cells. */
const ANCHORS = [
  [1.603231, 2.094468],
  [6.041143, 7.080126],
  [2.882459, 3.518061],
  [4.266906, 5.178857],
  [9.041765, 10.66308],
] as const

const SSD_SIZE = 512
/** Share of the smaller of two boxes inside the other above which they are the same face. */
const MAX_CONTAINED = 0.75

const DECODERS: Record<Extract<ModelRow, { task: 'detect' }>['decoder'], Decoder> = {
  'tiny-yolo': {
    maxOverlap: 0.4,
    fit({ width, height }, input) {
      const scale = input / Math.max(width, height)
      const cells = (side: number) => Math.max(1, Math.ceil(Math.round(side * scale) / STRIDE))
      return { shape: [1, 3, cells(height) * STRIDE, cells(width) * STRIDE], scale }
    },
    decode: decodeGrid,
  },
  ssd: {
    maxOverlap: 0.5,
    fit({ width, height }) {
      return { shape: [1, 3, SSD_SIZE, SSD_SIZE], scale: SSD_SIZE / Math.max(width, height) }
    },
    decode: decodeBoxes,
  },
}

/**
 * YOLO v2: each cell and anchor gives centre offset, log size and objectness.
 * Source: J. Redmon, A. Farhadi, "YOLO9000: Better, Faster, Stronger", CVPR 2017.
 */
function decodeGrid({ grid }: Record<string, Tensor>, minScore: number): Detection[] {
  const [, , rows, columns] = grid!.shape as [number, number, number, number]
  const { data } = grid!
  const area = rows * columns
  const minLogit = Math.log(minScore / (1 - minScore))
  const found: Detection[] = []
  for (const [anchor, [anchorWidth, anchorHeight]] of ANCHORS.entries()) {
    const channel = (k: number, cell: number) => data[(anchor * 5 + k) * area + cell]!
    for (let cell = 0; cell < area; cell++) {
      const logit = channel(4, cell)
      if (logit <= minLogit) continue
      const width = Math.exp(channel(2, cell)) * anchorWidth * STRIDE
      const height = Math.exp(channel(3, cell)) * anchorHeight * STRIDE
      const centreX = ((cell % columns) + sigmoid(channel(0, cell))) * STRIDE
      const centreY = (Math.floor(cell / columns) + sigmoid(channel(1, cell))) * STRIDE
      const box = { x: centreX - width / 2, y: centreY - height / 2, width, height }
      found.push({ box, score: sigmoid(logit) })
    }
  }
  return found
}

function decodeBoxes({ boxes, scores }: Record<string, Tensor>, minScore: number): Detection[] {
  const found: Detection[] = []
  for (const [i, score] of scores!.data.entries()) {
    if (score <= minScore) continue
    const corner = (k: number) => Math.min(1, Math.max(0, boxes!.data[i * 4 + k]!)) * SSD_SIZE
    const [top, left, bottom, right] = [corner(0), corner(1), corner(2), corner(3)]
    found.push({ box: { x: left, y: top, width: right - left, height: bottom - top }, score })
  }
  return found
}

/** Greedy non-maximum suppression, surest first; a box within another is the same face too. */
function suppress(detections: Detection[], maxOverlap: number): Detection[] {
  const kept: Detection[] = []
  for (const candidate of detections.toSorted((p, q) => q.score - p.score)) {
    const same = ({ box }: Detection) =>
      iou(box, candidate.box) > maxOverlap || contained(box, candidate.box) > MAX_CONTAINED
    if (!kept.some(same)) kept.push(candidate)
  }
  return kept
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}
