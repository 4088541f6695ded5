// AssemblyScript: the inner loops of src/gallery/matrix.ts.

/**
 * Finds the scores that reach their column's floor in rows `row` … `rows` of a matrix of `columns`
 * (a multiple of 4). Each becomes a pair (row, column) behind the pair count at `hits`. Stops early
 * when fewer than `columns` pairs fit; returns the first row not looked at.
 */
export function scanFloats(
  scores: usize,
  row: i32,
  rows: i32,
  columns: i32,
  floors: usize,
  hits: usize,
  capacity: i32,
): i32 {
  let count: i32 = 0
  for (; row < rows && count + columns <= capacity; row++) {
    const line = scores + row * columns * 4
    for (let column: i32 = 0; column < columns; column += 4) {
      const reached = f32x4.ge(v128.load(line + column * 4), v128.load(floors + column * 4))
      if (v128.any_true(reached)) count = note(reached, row, column, hits, count)
    }
  }
  store<i32>(hits, count)
  return row
}

/** As scanFloats, for integers. */
export function scanIntegers(
  scores: usize,
  row: i32,
  rows: i32,
  columns: i32,
  floors: usize,
  hits: usize,
  capacity: i32,
): i32 {
  let count: i32 = 0
  for (; row < rows && count + columns <= capacity; row++) {
    const line = scores + row * columns * 4
    for (let column: i32 = 0; column < columns; column += 4) {
      const reached = i32x4.ge_s(v128.load(line + column * 4), v128.load(floors + column * 4))
      if (v128.any_true(reached)) count = note(reached, row, column, hits, count)
    }
  }
  store<i32>(hits, count)
  return row
}

function note(reached: v128, row: i32, column: i32, hits: usize, count: i32): i32 {
  const lanes = i32x4.bitmask(reached)
  for (let lane: i32 = 0; lane < 4; lane++) {
    if ((lanes >> lane) & 1) {
      store<i32>(hits + 4 + count * 8, row)
      store<i32>(hits + 8 + count * 8, column + lane)
      count++
    }
  }
  return count
}

/**
 * Keeps of the `count` pairs at `hits` those whose similarity is above the least of their probe's best
 * (f32 at `least`), and returns how many. Each becomes the index row · columns + probe and that
 * similarity (f32). In a matrix of fewer than 4 columns a line of scores holds several rows.
 */
export function compare(
  hits: usize,
  count: i32,
  lanes: i32,
  columns: i32,
  rows: usize,
  probes: usize,
  least: usize,
  length: i32,
): i32 {
  let kept: i32 = 0
  for (let i: i32 = 0; i < count; i++) {
    const pair = hits + 4 + i * 8
    const index = load<i32>(pair) * lanes + load<i32>(pair + 4)
    const row = index / columns
    const probe = index % columns
    const similarity = dot(rows + row * length * 4, probes + probe * length * 4, length)
    if (similarity <= load<f32>(least + probe * 4)) continue
    store<i32>(hits + 4 + kept * 8, index)
    store<f32>(hits + 8 + kept * 8, similarity)
    kept++
  }
  return kept
}

/** The dot product of two vectors of `length` floats (a multiple of 4). */
function dot(p: usize, q: usize, length: i32): f32 {
  let a = f32x4.splat(0)
  let b = f32x4.splat(0)
  let i: i32 = 0
  for (; i + 8 <= length; i += 8) {
    a = f32x4.add(a, f32x4.mul(v128.load(p + i * 4), v128.load(q + i * 4)))
    b = f32x4.add(b, f32x4.mul(v128.load(p + i * 4 + 16), v128.load(q + i * 4 + 16)))
  }
  if (i < length) a = f32x4.add(a, f32x4.mul(v128.load(p + i * 4), v128.load(q + i * 4)))
  a = f32x4.add(a, b)
  return (
    f32x4.extract_lane(a, 0) +
    f32x4.extract_lane(a, 1) +
    f32x4.extract_lane(a, 2) +
    f32x4.extract_lane(a, 3)
  )
}
