import { type Box, centroid, type Point, squareAround } from './geometry.ts'
import type { ModelRow } from './manifest.ts'
import type { Picture } from './picture.ts'
import { warpInto } from './resample.ts'
import type { Network } from './runtime/runtime.ts'

/**
 * 68 points of a face in picture pixels, in the order of the iBUG 300-W markup: 0–16 jaw, 17–26
 * brows, 27–35 nose, 36–41 right eye, 42–47 left eye (the person's own), 48–67 mouth.
 */
export type Landmarks = readonly Point[]

/** Finds the 68 points of faces whose boxes are known. */
export class LandmarkFinder {
  readonly #network: Network
  readonly #size: number

  constructor(row: Extract<ModelRow, { task: 'landmarks' }>, network: Network) {
    this.#network = network
    this.#size = row.size
  }

  /** Points for every box, in one batch. */
  async find(picture: Picture, boxes: readonly Box[]): Promise<Landmarks[]> {
    if (boxes.length === 0) return []
    const size = this.#size
    const one = 3 * size * size
    const data = new Float32Array(boxes.length * one)
    const squares = boxes.map((box) => squareAround(box))
    for (const [i, { x, y, width }] of squares.entries()) {
      const toPicture = { a: width / size, b: 0, tx: x, ty: y }
      warpInto(data.subarray(i * one, (i + 1) * one), size, picture, toPicture)
    }
    const { points } = await this.#network.run({ data, shape: [boxes.length, 3, size, size] })
    return squares.map(({ x, y, width }, i) =>
      Array.from({ length: 68 }, (_, k) => ({
        x: x + points!.data[i * 136 + k * 2]! * width,
        y: y + points!.data[i * 136 + k * 2 + 1]! * width,
      })),
    )
  }
}

/** Centres of the two eyes, left in the picture first. */
export function eyes(landmarks: Landmarks): [Point, Point] {
  return [centroid(landmarks.slice(36, 42)), centroid(landmarks.slice(42, 48))]
}
