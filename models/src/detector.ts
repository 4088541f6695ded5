import type { Detection, FivePoints } from './detection.ts'
import { gainOf } from './exposure.ts'
import type { Box } from './geometry.ts'
import { contained, iou, type Point } from './geometry.ts'
import type { DetectorRow } from './manifest.ts'
import { crop, type Picture } from './picture.ts'
import { scaleInto } from './resample.ts'
import type { Network, Tensor } from './runtime/runtime.ts'
import { decodeYunet } from './yunet.ts'

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

  constructor(row: DetectorRow, network: Network) {
    this.#network = network
    this.#decoder = DECODERS[row.decoder]
  }

  /** Faces in `picture`, surest first, none overlapping another by much. */
  async detect(picture: Picture, { inputs, minScore }: DetectOptions): Promise<Detection[]> {
    const found: Detection[] = []
    const gain = gainOf(picture)
    const seen = new Set<number>()
    for (const look of inputs) {
      if (typeof look !== 'number') {
        found.push(...(await this.#scanPart(picture, look, minScore, gain)))
        continue
      }
      const fit = this.#fit(picture, look)
      // A network that sees one size only sees the same each time.
      if (!seen.has(fit.scale)) found.push(...(await this.#scan(picture, fit, minScore, gain)))
      seen.add(fit.scale)
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
    const part = crop(picture, region)
    const found = await this.#scan(part, this.#fit(part, input), minScore, gain)
    const place = ({ x, y }: Point) => ({ x: x + left, y: y + top })
    return found.map(({ box, score, points }) => ({
      score,
      box: { ...box, ...place(box) },
      ...(points && { points: points.map(place) as unknown as FivePoints }),
    }))
  }

  /** Input planes for a picture, and by how much the picture is enlarged to fit. */
  #fit({ width, height }: Picture, input: number): Fit {
    const { input: fixed } = this.#network
    const wanted = {
      width: fixed.width ?? this.#decoder.side,
      height: fixed.height ?? this.#decoder.side,
    }
    if (wanted.width !== undefined && wanted.height !== undefined) {
      const scale = Math.min(wanted.width / width, wanted.height / height)
      return { shape: [1, 3, wanted.height, wanted.width], scale }
    }
    const scale = input / Math.max(width, height)
    const whole = (side: number) =>
      Math.max(1, Math.ceil(Math.round(side * scale) / STRIDE)) * STRIDE
    return { shape: [1, 3, whole(height), whole(width)], scale }
  }

  async #scan(
    picture: Picture,
    { shape, scale }: Fit,
    minScore: number,
    gain: number,
  ): Promise<Detection[]> {
    const [, , height, width] = shape
    const area = height * width
    const data = new Float32Array(3 * area)
    const w = Math.max(1, Math.round(picture.width * scale))
    const h = Math.max(1, Math.round(picture.height * scale))
    scaleInto(data, width, picture, w, h, gain)
    if (this.#decoder.order === 'bgr') swapChannels(data, area)
    const outputs = await this.#network.run({ data, shape })
    const found = this.#decoder.decode(outputs, { minScore, width, height })
    const [toX, toY] = [picture.width / w, picture.height / h]
    const place = ({ x, y }: Point) => ({ x: x * toX, y: y * toY })
    return found.map(({ box, score, points }) => ({
      score,
      box: { ...place(box), width: box.width * toX, height: box.height * toY },
      ...(points && { points: points.map(place) as unknown as FivePoints }),
    }))
  }
}

type Fit = { shape: [number, number, number, number]; scale: number }

type Decoder = {
  /** IoU above which two detections are the same face. */
  maxOverlap: number
  /** Order of the planes, 0 … 255 each. */
  order: 'rgb' | 'bgr'
  /** Side of the square that the network was made for, where its file would take others. */
  side?: number
  /** Detections in pixels of the input planes. */
  decode(outputs: Record<string, Tensor>, input: DecodeOptions): Detection[]
}
type DecodeOptions = { minScore: number; width: number; height: number }

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

const DECODERS: Record<DetectorRow['decoder'], Decoder> = {
  'tiny-yolo': { maxOverlap: 0.4, order: 'rgb', decode: decodeGrid },
  ssd: { maxOverlap: 0.5, order: 'rgb', side: SSD_SIZE, decode: decodeBoxes },
  yunet: { maxOverlap: 0.3, order: 'bgr', decode: decodeYunet },
}

/**
 * YOLO v2: each cell and anchor gives centre offset, log size and objectness.
 * Source: J. Redmon, A. Farhadi, "YOLO9000: Better, Faster, Stronger", CVPR 2017.
 */
function decodeGrid({ grid }: Record<string, Tensor>, { minScore }: DecodeOptions): Detection[] {
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

function decodeBoxes(
  { boxes, scores }: Record<string, Tensor>,
  { minScore, width }: DecodeOptions,
): Detection[] {
  const found: Detection[] = []
  for (const [i, score] of scores!.data.entries()) {
    if (score <= minScore) continue
    const corner = (k: number) => Math.min(1, Math.max(0, boxes!.data[i * 4 + k]!)) * width
    const [top, left, bottom, right] = [corner(0), corner(1), corner(2), corner(3)]
    found.push({ box: { x: left, y: top, width: right - left, height: bottom - top }, score })
  }
  return found
}

function swapChannels(planes: Float32Array, area: number): void {
  const first = planes.slice(0, area)
  planes.copyWithin(0, 2 * area)
  planes.set(first, 2 * area)
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
