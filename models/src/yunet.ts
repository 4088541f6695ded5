import type { Detection, FivePoints } from './detection.ts'
import type { Tensor } from './runtime/runtime.ts'

const STRIDES = [8, 16, 32] as const

/**
 * YuNet's outputs for each stride: `cls_S` and `obj_S` [1, N, 1], `bbox_S` [1, N, 4] (offset of the
 * centre and logarithm of the size, in cells), `kps_S` [1, N, 10] (offsets of five points).
 * Source: OpenCV, modules/objdetect/src/face_detect.cpp, postProcess; W. Wu, H. Peng, S. Yu, "YuNet: A
 * Tiny Millisecond-level Face Detector", Machine Intelligence Research, 2023.
 */
export function decodeYunet(
  outputs: Record<string, Tensor>,
  { minScore, width }: { minScore: number; width: number },
): Detection[] {
  return STRIDES.flatMap((stride) => {
    const [cls, obj, bbox, kps] = ['cls', 'obj', 'bbox', 'kps'].map(
      (name) => outputs[`${name}_${stride}`]!.data,
    ) as [Float32Array, Float32Array, Float32Array, Float32Array]
    const columns = width / stride
    const found: Detection[] = []
    for (let cell = 0; cell < cls.length; cell++) {
      const score = Math.sqrt(share(cls[cell]!) * share(obj[cell]!))
      if (score <= minScore) continue
      const [column, row] = [cell % columns, Math.floor(cell / columns)]
      const at = (values: Float32Array, k: number) => ({
        x: (column + values[k]!) * stride,
        y: (row + values[k + 1]!) * stride,
      })
      const centre = at(bbox, cell * 4)
      const w = Math.exp(bbox[cell * 4 + 2]!) * stride
      const h = Math.exp(bbox[cell * 4 + 3]!) * stride
      const box = { x: centre.x - w / 2, y: centre.y - h / 2, width: w, height: h }
      const point = (n: number) => at(kps, cell * 10 + 2 * n)
      const points: FivePoints = [point(0), point(1), point(2), point(3), point(4)]
      found.push({ box, score, points })
    }
    return found
  })
}

function share(value: number): number {
  return Math.min(1, Math.max(0, value))
}
