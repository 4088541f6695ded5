import type { FivePoints } from './detection.ts'
import { fitSimilarity, invert, type Point, type Similarity } from './geometry.ts'
import { eyes, type Landmarks } from './landmarks.ts'

/** Share of the face's size left free on each side of the chip. */
const PADDING = 0.25

/** Nose, eyes, upper lip and inner mouth: what keeps still when a face speaks or frowns. */
const STEADY = [...range(27, 55), ...range(60, 65)]

/**
 * Where dlib's mean face has the points of STEADY, 0 … 1 of the face's square.
 * Source: dlib, image_transforms/interpolation.h, get_face_chip_details (Boost licence).
 */
const MEAN_FACE: readonly Point[] = pairs([
  0.490127, 0.203352, 0.490127, 0.307009, 0.490127, 0.409805, 0.490127, 0.515625, 0.36688, 0.587326,
  0.426036, 0.609345, 0.490127, 0.628106, 0.554217, 0.609345, 0.613373, 0.587326, 0.121737,
  0.216423, 0.187122, 0.178758, 0.265825, 0.179852, 0.334606, 0.231733, 0.260918, 0.245099,
  0.182743, 0.244077, 0.645647, 0.231733, 0.714428, 0.179852, 0.793132, 0.178758, 0.858516,
  0.216423, 0.79751, 0.244077, 0.719335, 0.245099, 0.254149, 0.780233, 0.340985, 0.745405, 0.428858,
  0.727388, 0.490127, 0.742578, 0.551395, 0.727388, 0.639268, 0.745405, 0.726104, 0.780233,
  0.290379, 0.784792, 0.428096, 0.778746, 0.490127, 0.785343, 0.552157, 0.778746, 0.689874,
  0.784792,
])

/**
 * Where eyes, nose tip and corners of the mouth lie in ArcFace's chip, pixels of 112×112.
 * Source: J. Deng et al., "ArcFace: Additive Angular Margin Loss for Deep Face Recognition", CVPR 2019;
 * the numbers as in insightface, face_align.py, and OpenCV, face_recognize.cpp.
 */
const ARCFACE_SIZE = 112
const ARCFACE: readonly Point[] = pairs([
  38.2946, 51.6963, 73.5318, 51.5014, 56.0252, 71.7366, 41.5493, 92.3655, 70.7299, 92.2041,
])

/** How a face lies in its picture, against the mean face. */
export type Alignment = {
  /** Takes places in the chip (pixels, 0 … size) to places in the picture. */
  toPicture: Similarity
  /** Root mean square distance of the landmarks from the mean face, as a share of the chip's side. */
  residual: number
}

/** Lays the face upright and centred in a chip of `size`×`size`, as dlib does. */
export function align(landmarks: Landmarks, size: number): Alignment {
  const place = (v: number) => ((PADDING + v) / (2 * PADDING + 1)) * size
  const target = MEAN_FACE.map(({ x, y }) => ({ x: place(x), y: place(y) }))
  return fitted(
    STEADY.map((index) => landmarks[index]!),
    target,
    size,
  )
}

/**
 * Lays the face upright in a chip of `size`×`size`, as ArcFace and its kin do. Source of the fit: S.
 * Umeyama, "Least-squares estimation of transformation parameters between two point patterns", 1991.
 */
export function alignFive(points: FivePoints, size: number): Alignment {
  const scale = size / ARCFACE_SIZE
  const target = ARCFACE.map(({ x, y }) => ({ x: x * scale, y: y * scale }))
  return fitted(points, target, size)
}

/** The five points of 68: centres of the eyes, tip of the nose, corners of the mouth. */
export function fiveOf(landmarks: Landmarks): FivePoints {
  return [...eyes(landmarks), landmarks[30]!, landmarks[48]!, landmarks[54]!]
}

function fitted(source: readonly Point[], target: readonly Point[], size: number): Alignment {
  const { similarity, residual } = fitSimilarity(source, target)
  return { toPicture: invert(similarity), residual: residual / size }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
}

function pairs(values: number[]): Point[] {
  return range(0, values.length / 2).map((i) => ({ x: values[2 * i]!, y: values[2 * i + 1]! }))
}
