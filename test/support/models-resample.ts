import { apply, type Similarity } from '@vedette/models/geometry'
import type { Picture } from '@vedette/models/picture'

/** A picture whose pixel at (x, y) has the three bytes that `colour` says. */
export function paint(
  width: number,
  height: number,
  colour: (x: number, y: number) => readonly [number, number, number],
): Picture {
  const data = new Uint8Array(width * height * 3)
  for (let i = 0; i < width * height; i++) {
    data.set(colour(i % width, Math.floor(i / width)), i * 3)
  }
  return { width, height, data }
}

/** A picture of bytes that look random and are always the same. */
export function noise(width: number, height: number, seed = 1): Picture {
  let state = seed
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  }
  return paint(width, height, () => [next(), next(), next()])
}

/** Plane `k` at (x, y); nought outside. */
type Planes = { width: number; height: number; at(x: number, y: number, k: number): number }

const planesOf = ({ width, height, data }: Picture): Planes => ({
  width,
  height,
  at: (x, y, k) => (inside(x, width) && inside(y, height) ? data[(y * width + x) * 3 + k]! : 0),
})

const inside = (i: number, size: number) => i >= 0 && i < size

/** Slow and plain: each target pixel is the mean of what its rectangle covers, pixel by pixel. */
export function slowScale(picture: Picture, width: number, height: number): Float32Array {
  const source = planesOf(picture)
  const out = new Float32Array(3 * width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const shares = covered(source, x, y, source.width / width, source.height / height)
      for (let k = 0; k < 3; k++) {
        const sum = shares.reduce((total, [u, v, share]) => total + share * source.at(u, v, k), 0)
        out[(k * height + y) * width + x] = sum
      }
    }
  }
  return out
}

/** Pixels under the target's rectangle, which is at least one pixel wide and high, and their shares. */
function covered({ width, height }: Planes, x: number, y: number, stepX: number, stepY: number) {
  const span = (i: number, step: number, size: number) => {
    const reach = Math.max(1, step) / 2
    return [
      Math.max(0, (i + 0.5) * step - reach),
      Math.min(size, (i + 0.5) * step + reach),
    ] as const
  }
  const [left, right] = span(x, stepX, width)
  const [top, bottom] = span(y, stepY, height)
  const found: [number, number, number][] = []
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      const across = Math.min(right, u + 1) - Math.max(left, u)
      const down = Math.min(bottom, v + 1) - Math.max(top, v)
      if (across <= 0 || down <= 0) continue
      found.push([u, v, (across * down) / ((right - left) * (bottom - top))])
    }
  }
  return found
}

/** Bilinear as every textbook has it: clamped at the edges, centres at i + ½. */
export function bilinearScale(picture: Picture, width: number, height: number): Float32Array {
  const source = planesOf(picture)
  const clamp = (i: number, size: number) => Math.min(size - 1, Math.max(0, i))
  const at = (x: number, y: number, k: number) =>
    source.at(clamp(x, source.width), clamp(y, source.height), k)
  const out = new Float32Array(3 * width * height)
  for (let i = 0; i < out.length; i++) {
    const [x, y] = [i % width, Math.floor(i / width) % height]
    const px = ((x + 0.5) * source.width) / width - 0.5
    const py = ((y + 0.5) * source.height) / height - 0.5
    out[i] = between(at, px, py, Math.floor(i / (width * height)))
  }
  return out
}

/** Slow and plain: means of `factor`×`factor` pixels from the top left, then bilinear over black. */
export function slowWarp(
  picture: Picture,
  size: number,
  toPicture: Similarity,
  factor: number,
): Float32Array {
  const source = planesOf(picture)
  const [columns, rows] = [source.width, source.height].map((side) => Math.floor(side / factor))
  const mean = (x: number, y: number, k: number) => {
    if (!inside(x, columns!) || !inside(y, rows!)) return 0
    let sum = 0
    for (let v = 0; v < factor; v++) {
      for (let u = 0; u < factor; u++) sum += source.at(x * factor + u, y * factor + v, k)
    }
    return sum / factor ** 2
  }
  const out = new Float32Array(3 * size * size)
  for (let i = 0; i < out.length; i++) {
    const [u, v] = [i % size, Math.floor(i / size) % size]
    const place = apply(toPicture, { x: u + 0.5, y: v + 0.5 })
    const k = Math.floor(i / size ** 2)
    out[i] = between(mean, place.x / factor - 0.5, place.y / factor - 0.5, k)
  }
  return out
}

function between(at: Planes['at'], x: number, y: number, k: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)]
  const [fx, fy] = [x - left, y - top]
  const line = (v: number) => at(left, v, k) * (1 - fx) + at(left + 1, v, k) * fx
  return line(top) * (1 - fy) + line(top + 1) * fy
}

/** Largest difference of two lists of equal length. */
export function furthest(p: Float32Array, q: Float32Array): number {
  return p.reduce((most, value, i) => Math.max(most, Math.abs(value - q[i]!)), 0)
}
