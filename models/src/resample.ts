import { readFileSync } from 'node:fs'
import { type Similarity, scaleOf } from './geometry.ts'
import type { Picture } from './picture.ts'

/** See kernels/resample.ts. Pointers and sizes are bytes of the kernels' memory. */
type Kernels = {
  memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  areaRow(
    source: number,
    width: number,
    rows: number,
    rowWeights: number,
    line: number,
    first: number,
    start: number,
    weights: number,
    out: number,
    columns: number,
  ): void
  toPlanes(source: number, count: number, out: number, planeBytes: number, gain: number): void
  warp(
    source: number,
    width: number,
    height: number,
    a: number,
    b: number,
    tx: number,
    ty: number,
    size: number,
    out: number,
    gain: number,
  ): void
}

/** Node has it; neither its types nor the ECMAScript library declare it. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { exports: unknown }
}

const PAGE = 65_536
const PIXEL = 16
/** A load of 16 bytes may reach this far beyond the last pixel. */
const SLACK = 64

const module = new WebAssembly.Module(
  readFileSync(new URL('../dist/resample.wasm', import.meta.url)),
)
const kernels = new WebAssembly.Instance(module).exports as Kernels

/**
 * Scales all of `picture` to `width`×`height` and writes it to the top left of three planes (red,
 * green, blue, 0 … 255) of `planeWidth` columns each; what lies beyond stays as it is.
 * Every source pixel counts by the area it covers, so nothing aliases. Light is multiplied by `gain`.
 */
export function scaleInto(
  planes: Float32Array,
  planeWidth: number,
  picture: Picture,
  width: number,
  height: number,
  gain = 1,
): void {
  const scratch = new Scratch()
  const whole = { left: 0, top: 0, width: picture.width, height: picture.height }
  const scaler = new AreaScaler(scratch, picture, whole, width, height)
  const row = scratch.take(width * PIXEL)
  const planeRow = scratch.take(3 * width * 4)
  scratch.settle()
  scaler.prepare()
  const planeSize = planes.length / 3
  for (let y = 0; y < height; y++) {
    scaler.row(y, row)
    kernels.toPlanes(row, width, planeRow, width * 4, gain)
    const at = y * planeWidth
    for (let k = 0; k < 3; k++) {
      planes.set(scratch.floats(planeRow + k * width * 4, width), k * planeSize + at)
    }
  }
}

/**
 * Fills three planes of `size`×`size` (0 … 255) with what `toPicture` finds for each of their
 * pixels: bilinear, black beyond the edges. Where the picture is finer than the planes it is first
 * averaged over whole pixels, so nothing aliases. Light is multiplied by `gain`.
 */
export function warpInto(
  planes: Float32Array,
  size: number,
  picture: Picture,
  toPicture: Similarity,
  gain = 1,
): void {
  const factor = Math.max(1, Math.floor(scaleOf(toPicture)))
  const region = regionOf(picture, toPicture, size, factor)
  const width = Math.floor(region.width / factor)
  const height = Math.floor(region.height / factor)
  if (width === 0 || height === 0) {
    planes.fill(0)
    return
  }
  const scratch = new Scratch()
  const scaler = new AreaScaler(scratch, picture, region, width, height)
  const stride = (width + 2) * PIXEL
  const framed = scratch.take((height + 2) * stride)
  const out = scratch.take(3 * size * size * 4)
  scratch.settle()
  scaler.prepare()
  scratch.floats(framed, ((height + 2) * stride) / 4).fill(0)
  for (let y = 0; y < height; y++) scaler.row(y, framed + (y + 1) * stride + PIXEL)
  const tx = (toPicture.tx - region.left) / factor + 1
  const ty = (toPicture.ty - region.top) / factor + 1
  const [a, b] = [toPicture.a / factor, toPicture.b / factor]
  kernels.warp(framed, width + 2, height + 2, a, b, tx, ty, size, out, gain)
  planes.set(scratch.floats(out, 3 * size * size))
}

type Region = { left: number; top: number; width: number; height: number }

/** The part of `picture` that the planes see: whole blocks of `factor` pixels, within the edges. */
function regionOf(picture: Picture, toPicture: Similarity, size: number, factor: number): Region {
  const { a, b, tx, ty } = toPicture
  const xs = [0, size * a, -size * b, size * a - size * b].map((x) => x + tx)
  const ys = [0, size * b, size * a, size * a + size * b].map((y) => y + ty)
  const left = Math.max(0, Math.floor(Math.min(...xs)) - factor)
  const top = Math.max(0, Math.floor(Math.min(...ys)) - factor)
  const right = Math.min(picture.width, Math.ceil(Math.max(...xs)) + factor)
  const bottom = Math.min(picture.height, Math.ceil(Math.max(...ys)) + factor)
  const blocks = (from: number, to: number) =>
    Math.max(0, Math.floor((to - from) / factor)) * factor
  return { left, top, width: blocks(left, right), height: blocks(top, bottom) }
}

/** Hands out places in the kernels' memory for one call; the next call starts afresh. */
class Scratch {
  #end = 1024

  take(bytes: number): number {
    const at = this.#end
    this.#end = Math.ceil((at + bytes + SLACK) / SLACK) * SLACK
    return at
  }

  /** Grows the memory to hold all that was taken. Views made earlier are void. */
  settle(): void {
    const missing = this.#end - kernels.memory.buffer.byteLength
    if (missing > 0) kernels.memory.grow(Math.ceil(missing / PAGE))
  }

  put(at: number, values: Int32Array | Float32Array): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    new Uint8Array(kernels.memory.buffer).set(bytes, at)
  }

  floats(at: number, count: number): Float32Array {
    return new Float32Array(kernels.memory.buffer, at, count)
  }
}

/** Averages a region of a picture down (or spreads it up) row by row. */
class AreaScaler {
  readonly #scratch: Scratch
  readonly #picture: Picture
  readonly #region: Region
  readonly #rows: Taps
  readonly #columns: Taps
  readonly #at: {
    source: number
    rowWeights: number
    line: number
    first: number
    start: number
    weights: number
  }

  constructor(scratch: Scratch, picture: Picture, region: Region, width: number, height: number) {
    this.#scratch = scratch
    this.#picture = picture
    this.#region = region
    this.#rows = areaTaps(region.height, height)
    this.#columns = areaTaps(region.width, width)
    this.#at = {
      source: scratch.take(mostTaps(this.#rows) * region.width * 3),
      rowWeights: scratch.take(this.#rows.weights.byteLength),
      line: scratch.take(region.width * 12),
      first: scratch.take(this.#columns.first.byteLength),
      start: scratch.take(this.#columns.start.byteLength),
      weights: scratch.take(this.#columns.weights.byteLength),
    }
  }

  /** Lays the weights out; to be called once the scratch memory has settled. */
  prepare(): void {
    this.#scratch.put(this.#at.rowWeights, this.#rows.weights)
    this.#scratch.put(this.#at.first, this.#columns.first)
    this.#scratch.put(this.#at.start, this.#columns.start)
    this.#scratch.put(this.#at.weights, this.#columns.weights)
  }

  /** Computes row `y` of the target as pixels at `out`. */
  row(y: number, out: number): void {
    const { left, top, width } = this.#region
    const { first, start } = this.#rows
    const [begin, end] = [start[y]!, start[y + 1]!]
    const memory = new Uint8Array(kernels.memory.buffer)
    for (let t = 0; t < end - begin; t++) {
      const from = ((top + first[y]! + t) * this.#picture.width + left) * 3
      const bytes = this.#picture.data.subarray(from, from + width * 3)
      memory.set(bytes, this.#at.source + t * width * 3)
    }
    const at = this.#at
    const rowWeights = at.rowWeights + begin * 4
    const columns = this.#columns.first.length
    kernels.areaRow(
      at.source,
      width,
      end - begin,
      rowWeights,
      at.line,
      at.first,
      at.start,
      at.weights,
      out,
      columns,
    )
  }
}

/** For each target pixel: its first source pixel, and its weights from `start[i]` to `start[i+1]`. */
type Taps = { first: Int32Array; start: Int32Array; weights: Float32Array }

/** A box filter as wide as a target pixel, at least one source pixel wide (then it is linear). */
function areaTaps(from: number, to: number): Taps {
  const scale = from / to
  const reach = Math.max(scale, 1)
  const [first, start, weights] = [new Int32Array(to), new Int32Array(to + 1), [] as number[]]
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale
    const low = Math.max(0, centre - reach / 2)
    const high = Math.min(from, centre + reach / 2)
    const last = Math.min(from - 1, Math.ceil(high) - 1)
    first[i] = Math.floor(low)
    for (let j = first[i]!; j <= last; j++) {
      weights.push((Math.min(high, j + 1) - Math.max(low, j)) / (high - low))
    }
    start[i + 1] = weights.length
  }
  return { first, start, weights: Float32Array.from(weights) }
}

function mostTaps({ first, start }: Taps): number {
  return first.reduce((most, _, i) => Math.max(most, start[i + 1]! - start[i]!), 1)
}
