import { gainWithin } from './exposure.ts'
import { apply, type Box, centroid, type Point, type Similarity, squareAround } from './geometry.ts'
import type { ModelRow } from './manifest.ts'
import type { Picture } from './picture.ts'
import { warpInto } from './resample.ts'
import type { Network } from './runtime/runtime.ts'

/**
 * 68 points of a face in picture pixels, in the order of the iBUG 300-W markup: 0–16 jaw, 17–26
 * brows, 27–35 nose, 36–41 right eye, 42–47 left eye (the person's own), 48–67 mouth.
 */
export type Landmarks = readonly Point[]

/** What the second look leaves free around the first points, as a share of their extent. */
const SECOND_MARGIN = 0.05

/** Finds the 68 points of faces whose boxes are known. */
export class LandmarkFinder {
  readonly #network: Network
  readonly #size: number

  constructor(row: Extract<ModelRow, { task: 'landmarks' }>, network: Network) {
    this.#network = network
    this.#size = row.size
  }

  /** Points for every box, in one batch. */
  find(picture: Picture, boxes: readonly Box[]): Promise<Landmarks[]> {
    const crops = boxes.map((box) => {
      const { x, y, width } = squareAround(box)
      return { a: width / this.#size, b: 0, tx: x, ty: y }
    })
    return this.#run(picture, crops)
  }

  /** Points found anew on an upright crop around `first`, where they are nearer to the truth. */
  refine(picture: Picture, first: readonly Landmarks[]): Promise<Landmarks[]> {
    return this.#run(
      picture,
      first.map((points) => uprightCrop(points, this.#size)),
    )
  }

  /** `crops` take places in the network's input (pixels) to places in the picture. */
  async #run(picture: Picture, crops: readonly Similarity[]): Promise<Landmarks[]> {
    if (crops.length === 0) return []
    const size = this.#size
    const one = 3 * size * size
    const data = new Float32Array(crops.length * one)
    for (const [i, crop] of crops.entries()) {
      const gain = gainWithin(picture, crop, size)
      warpInto(data.subarray(i * one, (i + 1) * one), size, picture, crop, gain)
    }
    const { points } = await this.#network.run({ data, shape: [crops.length, 3, size, size] })
    const places = points!.data.map((share) => share * size)
    return crops.map((crop, i) =>
      Array.from({ length: 68 }, (_, k) => {
        const at = (i * 68 + k) * 2
        return apply(crop, { x: places[at]!, y: places[at + 1]! })
      }),
    )
  }
}

/** A square around `points` in which the eyes are level; takes it to the picture. */
function uprightCrop(points: Landmarks, size: number): Similarity {
  const [left, right] = eyes(points)
  const length = Math.hypot(right.x - left.x, right.y - left.y) || 1
  const [cos, sin] = [(right.x - left.x) / length, (right.y - left.y) / length]
  const turned = points.map((point) => apply({ a: cos, b: -sin, tx: 0, ty: 0 }, point))
  const [xs, ys] = [turned.map(({ x }) => x), turned.map(({ y }) => y)]
  const [x, y] = [Math.min(...xs), Math.min(...ys)]
  const extent = { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y }
  const square = squareAround(extent, 2 * SECOND_MARGIN)
  const scale = square.width / size
  const corner = apply({ a: cos, b: sin, tx: 0, ty: 0 }, square)
  return { a: cos * scale, b: sin * scale, tx: corner.x, ty: corner.y }
}

/** Centres of the two eyes, left in the picture first. */
export function eyes(landmarks: Landmarks): [Point, Point] {
  return [centroid(landmarks.slice(36, 42)), centroid(landmarks.slice(42, 48))]
}
