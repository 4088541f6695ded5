import type { Chip } from './embedder.ts'
import { apply, type Box, centroid, invert, type Point } from './geometry.ts'
import { eyes, type Landmarks } from './landmarks.ts'

/** What makes a chip good or bad to recognise; every share is 0 (useless) … 1 (nothing to gain). */
export type Quality = {
  /** Distance between the eyes in the picture, pixels. */
  eyeDistance: number
  /** Head turned to its side, down or up, and tilted, degrees; rough, from landmarks alone. */
  yaw: number
  pitch: number
  roll: number
  /** Mean luma of the face and its standard deviation, 0 … 255. */
  brightness: number
  contrast: number
  /** Laplacian against contrast: sharp from 0.06 on, nothing but blur at 0.02. */
  detail: number
  /** How far the features lie from where a face has them, in eye distances; 0.04 is good, 0.09 none. */
  misfit: number
  /** Share of the face's box that lies within the picture. */
  inside: number
  shares: Record<QualityAspect, number>
  /** Product of the shares. */
  overall: number
}

export type QualityAspect = 'size' | 'sharpness' | 'pose' | 'exposure' | 'shape' | 'whole'

type Size = { width: number; height: number }

/** Nose tip before the plane of the eyes, in eye distances. */
const NOSE_DEPTH = 0.6
/** Nose tip between eyes (0) and mouth (1) when looking ahead, and per degree of pitch. */
const NOSE_LEVEL = 0.535
const LEVEL_PER_DEGREE = 0.011

/** Share of size below which a face is enlarged so much that no chip of it can be sharp. */
const SMALL = 0.6

/** Judges a chip by the picture it came from and the landmarks it was aligned by. */
export function judge(chip: Chip, landmarks: Landmarks, box: Box, picture: Size): Quality {
  const [left, right] = eyes(landmarks)
  const eyeDistance = Math.hypot(right.x - left.x, right.y - left.y)
  const { yaw, pitch } = turn(chip, landmarks)
  const light = measureLight(chip)
  const misfit = chip.alignment.residual
  const inside = shareInside(box, picture)
  const shares = {
    size: ramp(eyeDistance, 5, 14),
    sharpness: ramp(light.detail, 0.02, 0.06),
    pose: ramp(Math.abs(yaw), 60, 15) * ramp(Math.abs(pitch), 45, 15),
    exposure:
      ramp(light.brightness, 20, 60) *
      ramp(light.brightness, 250, 210) *
      ramp(light.contrast, 6, 20),
    shape: ramp(misfit, 0.09, 0.04),
    whole: ramp(inside, 0.7, 1),
  }
  return {
    eyeDistance,
    yaw,
    pitch,
    roll: degrees(Math.atan2(right.y - left.y, right.x - left.x)),
    ...light,
    misfit,
    inside,
    shares,
    overall: Object.values(shares).reduce((product, share) => product * share, 1),
  }
}

/** The aspect that costs the most. A small face is soft because it is enlarged: that is its size. */
export function weakest({ shares }: Quality): QualityAspect {
  const entries = Object.entries(shares) as [QualityAspect, number][]
  const [lowest] = entries.reduce((low, next) => (next[1] < low[1] ? next : low))
  return lowest === 'sharpness' && shares.size < SMALL ? 'size' : lowest
}

/** Share of `box` that lies within the edges of the picture. */
function shareInside(box: Box, picture: Size): number {
  const width = Math.min(box.x + box.width, picture.width) - Math.max(box.x, 0)
  const height = Math.min(box.y + box.height, picture.height) - Math.max(box.y, 0)
  return (Math.max(0, width) * Math.max(0, height)) / (box.width * box.height)
}

/** Yaw and pitch from where the nose tip stands among eyes and mouth, upright as in the chip. */
function turn({ alignment }: Chip, landmarks: Landmarks): { yaw: number; pitch: number } {
  const toChip = invert(alignment.toPicture)
  const at = (from: number, to: number): Point => apply(toChip, centroid(landmarks.slice(from, to)))
  const [left, right, nose, mouth] = [at(36, 42), at(42, 48), at(30, 31), at(48, 68)]
  const middle = centroid([left, right])
  const aside = (nose.x - middle.x) / Math.max(1, right.x - left.x)
  const level = (nose.y - middle.y) / Math.max(1, mouth.y - middle.y)
  return {
    yaw: degrees(Math.atan(aside / NOSE_DEPTH)),
    pitch: (level - NOSE_LEVEL) / LEVEL_PER_DEGREE,
  }
}

/** Brightness and contrast (0 … 255) and fine detail (Laplacian against contrast) of the face. */
function measureLight({ size, planes }: Chip) {
  const from = Math.round(size * 0.25)
  const to = Math.round(size * 0.75)
  const area = size * size
  const luma = (i: number) =>
    0.299 * planes[i]! + 0.587 * planes[area + i]! + 0.114 * planes[2 * area + i]!
  let [sum, squares, edges, count] = [0, 0, 0, 0]
  for (let y = from; y < to; y++) {
    for (let i = y * size + from; i < y * size + to; i++) {
      const value = luma(i)
      const around = luma(i - 1) + luma(i + 1) + luma(i - size) + luma(i + size)
      sum += value
      squares += value * value
      edges += Math.abs(around - 4 * value)
      count++
    }
  }
  const brightness = sum / count
  const contrast = Math.sqrt(Math.max(0, squares / count - brightness * brightness))
  return { brightness, contrast, detail: edges / count / (contrast + 4) }
}

/** 0 at `none`, 1 at `full`, straight between them; either may be the larger. */
function ramp(value: number, none: number, full: number): number {
  return Math.min(1, Math.max(0, (value - none) / (full - none)))
}

function degrees(radians: number): number {
  return (radians * 180) / Math.PI
}
