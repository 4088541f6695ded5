import type { Box } from '@vedette/models/geometry'
import type { Tensor } from '@vedette/models/runtime/runtime'

/*
 * face-api's preparation of what its networks read, written down plainly from its sources
 * (@vladmandic/face-api 1.7.15: src/dom/NetInput.ts, src/ops/padToSquare.ts,
 * src/dom/extractFaceTensors.ts, src/classes/Box.ts).
 */

/** Pixels in rows, three numbers each: red, green, blue. */
export type Pixels = { width: number; height: number; data: ArrayLike<number> }

/** face-api's Box.clipAtImageBorders and floor: whole pixels within the picture. */
export function clipped({ x, y, width, height }: Box, picture: Pixels): Box {
  const [left, top] = [Math.max(x, 0), Math.max(y, 0)]
  return {
    x: Math.floor(left),
    y: Math.floor(top),
    width: Math.floor(Math.min(x + width - left, picture.width - left)),
    height: Math.floor(Math.min(y + height - top, picture.height - top)),
  }
}

/** What extractFaceTensors slices out for `box`. */
export function slice(picture: Pixels, box: Box): Pixels {
  const { x, y, width, height } = clipped(box, picture)
  const data = new Float32Array(width * height * 3)
  for (let row = 0; row < height; row++) {
    for (let i = 0; i < width * 3; i++) {
      data[row * width * 3 + i] = picture.data[((y + row) * picture.width + x) * 3 + i]!
    }
  }
  return { width, height, data }
}

/** NetInput.toBatchTensor of one picture: padded with black to a square, scaled to `size`. */
export function toSquare(picture: Pixels, size: number, centred: boolean): Tensor {
  const square = padToSquare(picture, centred)
  return toPlanes(square.width === size ? square : resizeBilinear(square, size))
}

function padToSquare(picture: Pixels, centred: boolean): Pixels {
  const { width, height } = picture
  const side = Math.max(width, height)
  const missing = Math.abs(width - height)
  const before = missing - Math.round(missing * (centred ? 0.5 : 1))
  const [left, top] = height > width ? [before, 0] : [0, before]
  const data = new Float32Array(side * side * 3)
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < width * 3; i++) {
      data[((y + top) * side + left) * 3 + i] = picture.data[y * width * 3 + i]!
    }
  }
  return { width: side, height: side, data }
}

/** tf.image.resizeBilinear with alignCorners and halfPixelCenters false. */
function resizeBilinear({ width, height, data }: Pixels, size: number): Pixels {
  const out = new Float32Array(size * size * 3)
  const taps = (from: number) =>
    Array.from({ length: size }, (_, i) => {
      const at = (i * from) / size
      const low = Math.floor(at)
      return { low, high: Math.min(low + 1, from - 1), share: at - low }
    })
  const columns = taps(width)
  for (const [y, row] of taps(height).entries()) {
    for (const [x, column] of columns.entries()) {
      for (let k = 0; k < 3; k++) {
        const pixel = (line: number, place: number) => data[(line * width + place) * 3 + k]!
        const between = (line: number) =>
          mix(pixel(line, column.low), pixel(line, column.high), column.share)
        out[(y * size + x) * 3 + k] = mix(between(row.low), between(row.high), row.share)
      }
    }
  }
  return { width: size, height: size, data: out }
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share
}

function toPlanes({ width, height, data }: Pixels): Tensor {
  const planes = new Float32Array(data.length)
  const area = width * height
  for (let i = 0; i < data.length; i++) planes[(i % 3) * area + Math.floor(i / 3)] = data[i]!
  return { data: planes, shape: [1, 3, height, width] }
}
