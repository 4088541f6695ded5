import type { Box, Point } from '@vedette/models/geometry'
import type { Tensor } from '@vedette/models/runtime/runtime'
import { clipped, type Pixels } from './models-face-api-input.ts'

/*
 * What face-api makes of its networks' outputs, written down plainly from its sources
 * (@vladmandic/face-api 1.7.15: src/tinyYolov2/TinyYolov2Base.ts, src/ssdMobilenetv1,
 * src/faceLandmarkNet/FaceLandmark68NetBase.ts, src/classes/FaceLandmarks.ts).
 */

export type Scored = { box: Box; score: number }

type Corners = { left: number; top: number; right: number; bottom: number; score: number }

const ANCHORS: [number, number][] = [
  [1.603231, 2.094468],
  [6.041143, 7.080126],
  [2.882459, 3.518061],
  [4.266906, 5.178857],
  [9.041765, 10.66308],
]

/** TinyYolov2Base.extractBoxes and nonMaxSuppression: boxes in pixels of the picture. */
export function tinyBoxes(grid: Tensor, picture: Pixels, minScore: number): Scored[] {
  const cells = grid.shape[3]!
  const found: Corners[] = []
  for (let row = 0; row < cells; row++) {
    for (let column = 0; column < cells; column++) {
      for (const [anchor, [anchorWidth, anchorHeight]] of ANCHORS.entries()) {
        const [dx, dy, dw, dh, logit] = [0, 1, 2, 3, 4].map(
          (k) => grid.data[((anchor * 5 + k) * cells + row) * cells + column]!,
        ) as [number, number, number, number, number]
        const score = sigmoid(logit)
        if (score <= minScore) continue
        const [x, y] = [(column + sigmoid(dx)) / cells, (row + sigmoid(dy)) / cells]
        const [halfWidth, halfHeight] = [
          (Math.exp(dw) * anchorWidth) / cells / 2,
          (Math.exp(dh) * anchorHeight) / cells / 2,
        ]
        const [left, right] = [x - halfWidth, x + halfWidth]
        found.push({ left, right, top: y - halfHeight, bottom: y + halfHeight, score })
      }
    }
  }
  return suppress(found, 0.4).map((corners) => toPicture(corners, picture, 416))
}

/** SsdMobilenetv1.locateFaces: boxes in pixels of the picture. */
export function ssdBoxes(boxes: Tensor, scores: Tensor, picture: Pixels, minScore: number) {
  const found: Corners[] = []
  for (const [i, score] of scores.data.entries()) {
    if (score <= minScore) continue
    const [top, left, bottom, right] = boxes.data.slice(i * 4, i * 4 + 4)
    found.push({ top: top!, left: left!, bottom: bottom!, right: right!, score })
  }
  return suppress(found, 0.5).map(({ top, left, bottom, right, score }) => {
    const inside = {
      top: Math.max(0, top),
      left: Math.max(0, left),
      bottom: Math.min(1, bottom),
      right: Math.min(1, right),
    }
    return toPicture({ ...inside, score }, picture, 512)
  })
}

/** FaceLandmark68NetBase.postProcess and shiftBy: places in the picture for its slice of `box`. */
export function landmarksOf(points: Tensor, box: Box, picture: Pixels): Point[] {
  const { width, height } = clipped(box, picture)
  const side = Math.max(width, height)
  return Array.from({ length: 68 }, (_, i) => ({
    x: points.data[i * 2]! * side - (side - width) / 2 + box.x,
    y: points.data[i * 2 + 1]! * side - (side - height) / 2 + box.y,
  }))
}

/** FaceLandmarks.alignDlib: the box that the embedder's chip is sliced from. */
export function alignedBox(landmarks: readonly Point[], face: Box, picture: Pixels): Box {
  const bounds = clipped(face, picture)
  const [left, right, mouth] = [
    centre(landmarks.slice(36, 42)),
    centre(landmarks.slice(42, 48)),
    centre(landmarks.slice(48, 68)),
  ]
  const toMouth = ({ x, y }: Point) => Math.hypot(mouth.x - x, mouth.y - y)
  const size = Math.floor((toMouth(left) + toMouth(right)) / 2 / 0.45)
  const middle = centre([left, right, mouth])
  const x = Math.floor(Math.max(0, middle.x - 0.5 * size))
  const y = Math.floor(Math.max(0, middle.y - 0.43 * size))
  return {
    x,
    y,
    width: Math.min(size, bounds.width + x),
    height: Math.min(size, bounds.height + y),
  }
}

/** Shares of the padded square become pixels of the picture. */
function toPicture(corners: Corners, { width, height }: Pixels, input: number): Scored {
  const scale = input / Math.max(width, height)
  const toX = (input / Math.round(width * scale)) * width
  const toY = (input / Math.round(height * scale)) * height
  const { left, top, right, bottom, score } = corners
  const box = {
    x: left * toX,
    y: top * toY,
    width: (right - left) * toX,
    height: (bottom - top) * toY,
  }
  return { box, score }
}

function suppress(found: Corners[], maxOverlap: number): Corners[] {
  const kept: Corners[] = []
  for (const candidate of found.toSorted((p, q) => q.score - p.score)) {
    if (kept.every((other) => overlap(other, candidate) <= maxOverlap)) kept.push(candidate)
  }
  return kept
}

function overlap(p: Corners, q: Corners): number {
  const width = Math.max(0, Math.min(p.right, q.right) - Math.max(p.left, q.left))
  const height = Math.max(0, Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top))
  const area = (c: Corners) => (c.right - c.left) * (c.bottom - c.top)
  return (width * height) / (area(p) + area(q) - width * height)
}

function centre(points: readonly Point[]): Point {
  const sum = points.reduce((at, { x, y }) => ({ x: at.x + x, y: at.y + y }), { x: 0, y: 0 })
  return { x: sum.x / points.length, y: sum.y / points.length }
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}
