// AssemblyScript: the inner loops of src/resample.ts, four pixels' worth at a time.
// Pixels come as bytes (red, green, blue) and become f32x4 (red, green, blue, junk).

/**
 * One row of an area average: `rows` rows of `width` pixels, packed at `source`, are summed with
 * `rowWeights` (f32) into `line`, then pixel x of `out` becomes the sum of the pixels of `line` from
 * `first[x]` on with the weights `start[x]` to `start[x + 1]` of `weights`.
 */
export function areaRow(
  source: usize,
  width: i32,
  rows: i32,
  rowWeights: usize,
  line: usize,
  first: usize,
  start: usize,
  weights: usize,
  out: usize,
  columns: i32,
): void {
  const stride = width * 3
  for (let i: i32 = 0; i < stride; i += 16) {
    let a = f32x4.splat(0)
    let b = f32x4.splat(0)
    let c = f32x4.splat(0)
    let d = f32x4.splat(0)
    for (let row: i32 = 0; row < rows; row++) {
      const weight = v128.load32_splat(rowWeights + (row << 2))
      const bytes = v128.load(source + row * stride + i)
      const low = i16x8.extend_low_i8x16_u(bytes)
      const high = i16x8.extend_high_i8x16_u(bytes)
      a = f32x4.add(a, f32x4.mul(weight, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(low))))
      b = f32x4.add(b, f32x4.mul(weight, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(low))))
      c = f32x4.add(c, f32x4.mul(weight, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(high))))
      d = f32x4.add(d, f32x4.mul(weight, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(high))))
    }
    const at = line + (i << 2)
    v128.store(at, a)
    v128.store(at + 16, b)
    v128.store(at + 32, c)
    v128.store(at + 48, d)
  }
  for (let x: i32 = 0; x < columns; x++) {
    let sum = f32x4.splat(0)
    let pixel = line + load<i32>(first + (x << 2)) * 12
    const end = load<i32>(start + ((x + 1) << 2))
    for (let tap = load<i32>(start + (x << 2)); tap < end; tap++) {
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(weights + (tap << 2)), v128.load(pixel)))
      pixel += 12
    }
    v128.store(out + (x << 4), sum)
  }
}

/** `count` pixels at `source`, times `gain`, become three planes `planeBytes` apart at `out`. */
export function toPlanes(
  source: usize,
  count: i32,
  out: usize,
  planeBytes: usize,
  gain: f32,
): void {
  const most = f32x4.splat(255)
  const factor = f32x4.splat(gain)
  for (let i: i32 = 0; i < count; i++) {
    const pixel = f32x4.min(most, f32x4.mul(factor, v128.load(source + (i << 4))))
    const at = out + (i << 2)
    store<f32>(at, f32x4.extract_lane(pixel, 0))
    store<f32>(at + planeBytes, f32x4.extract_lane(pixel, 1))
    store<f32>(at + 2 * planeBytes, f32x4.extract_lane(pixel, 2))
  }
}

/**
 * Fills three planes of `size`×`size` from the picture of `width`×`height` at `source`, which has
 * one black pixel on each side: place (u, v) comes from (a·u − b·v + tx, b·u + a·v + ty), bilinear,
 * times `gain`.
 */
export function warp(
  source: usize,
  width: i32,
  height: i32,
  a: f32,
  b: f32,
  tx: f32,
  ty: f32,
  size: i32,
  out: usize,
  gain: f32,
): void {
  const most = f32x4.splat(255)
  const factor = f32x4.splat(gain)
  const planeBytes = size * size * 4
  const right: f32 = <f32>width - 1.001
  const bottom: f32 = <f32>height - 1.001
  for (let v: i32 = 0; v < size; v++) {
    for (let u: i32 = 0; u < size; u++) {
      const x = max<f32>(0, min<f32>(right, a * (<f32>u + 0.5) - b * (<f32>v + 0.5) + tx - 0.5))
      const y = max<f32>(0, min<f32>(bottom, b * (<f32>u + 0.5) + a * (<f32>v + 0.5) + ty - 0.5))
      const left = <i32>x
      const top = <i32>y
      const fx = f32x4.splat(x - <f32>left)
      const fy = f32x4.splat(y - <f32>top)
      const at = source + ((top * width + left) << 4)
      const below = at + (width << 4)
      const p = v128.load(at)
      const q = v128.load(below)
      const upper = f32x4.add(p, f32x4.mul(fx, f32x4.sub(v128.load(at + 16), p)))
      const lower = f32x4.add(q, f32x4.mul(fx, f32x4.sub(v128.load(below + 16), q)))
      const light = f32x4.add(upper, f32x4.mul(fy, f32x4.sub(lower, upper)))
      const pixel = f32x4.min(most, f32x4.mul(factor, light))
      const target = out + ((v * size + u) << 2)
      store<f32>(target, f32x4.extract_lane(pixel, 0))
      store<f32>(target + planeBytes, f32x4.extract_lane(pixel, 1))
      store<f32>(target + 2 * planeBytes, f32x4.extract_lane(pixel, 2))
    }
  }
}
