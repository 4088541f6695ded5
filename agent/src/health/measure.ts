import type { Picture } from '@vedette/models/picture'

/** Cells of the grid, across and down, and places read in each, across and down. */
const [COLUMNS, ROWS] = [40, 22]
const PLACES = 4
/** Pictures are read as if they were this wide, so that figures do not depend on the resolution. */
const USUAL_WIDTH = 640
/** Half the distance over which coarse differences and fine bends are read there, pixels. */
const [COARSE, FINE] = [8, 2]
/** A coarse difference that is an edge, and a cell's mean that makes it textured, 0 … 255. */
const [EDGE, TEXTURED] = [16, 4]
/** Share of the places that must be edges before sharpness is judged. */
const LEAST_EDGES = 0.005
/** All but the brightest of this share are below `bright`. */
const BRIGHTEST = 0.02

/** What a picture is like, as far as a broken camera shows in it. */
export type Measures = {
  /** Brightness that nearly everything is below, 0 … 255. */
  bright: number
  /** Share of the cells in which anything can be told apart. */
  textured: number
  /** Energy of fine bends as a share of that of edges; undefined where there are no edges. */
  sharpness: number | undefined
  /** Square roots of the mean coarse difference of each cell: where in the picture there is something. */
  outline: Float32Array
}

/** Reads some 14,000 places of `picture`, however large it is. */
export function measure(picture: Picture): Measures {
  const { width, height, data } = picture
  const scale = Math.max(1, Math.round(width / USUAL_WIDTH))
  const [coarse, fine] = [COARSE * scale, FINE * scale]
  const outline = new Float32Array(COLUMNS * ROWS)
  const levels = new Uint32Array(256)
  let [read, edges, bends, steps, textured] = [0, 0, 0, 0, 0]
  const spanX = width - 2 * coarse
  const spanY = height - 2 * coarse
  if (spanX < COLUMNS || spanY < ROWS) return tooSmall(outline)
  const luma = (at: number) => (data[at]! + 2 * data[at + 1]! + data[at + 2]!) >> 2
  const row = width * 3
  for (let cell = 0; cell < outline.length; cell++) {
    const [cx, cy] = [cell % COLUMNS, Math.floor(cell / COLUMNS)]
    let sum = 0
    for (let place = 0; place < PLACES * PLACES; place++) {
      const [u, v] = [(place % PLACES) + 0.5, Math.floor(place / PLACES) + 0.5]
      const x = coarse + Math.floor(((cx + u / PLACES) * spanX) / COLUMNS)
      const y = coarse + Math.floor(((cy + v / PLACES) * spanY) / ROWS)
      const at = y * row + x * 3
      const here = luma(at)
      levels[here]!++
      const across = Math.abs(luma(at + coarse * 3) - luma(at - coarse * 3))
      const down = Math.abs(luma(at + coarse * row) - luma(at - coarse * row))
      const difference = Math.max(across, down)
      sum += difference
      if (difference < EDGE) continue
      const near = across > down ? fine * 3 : fine * row
      edges++
      steps += difference * difference
      bends += (2 * here - luma(at + near) - luma(at - near)) ** 2
    }
    read += PLACES * PLACES
    const mean = sum / (PLACES * PLACES)
    if (mean >= TEXTURED) textured++
    outline[cell] = Math.sqrt(mean)
  }
  return {
    bright: levelBelow(levels, read * (1 - BRIGHTEST)),
    textured: textured / outline.length,
    sharpness: edges < LEAST_EDGES * read ? undefined : bends / steps,
    outline,
  }
}

/** How much two outlines have in common, −1 … 1 (Pearson's r). */
export function likeness(a: Float32Array, b: Float32Array): number {
  const [meanA, meanB] = [mean(a), mean(b)]
  let [both, ofA, ofB] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]! - meanA, b[i]! - meanB]
    both += x * y
    ofA += x * x
    ofB += y * y
  }
  return both / Math.sqrt(ofA * ofB || 1)
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function levelBelow(levels: Uint32Array, count: number): number {
  let level = 0
  let below = levels[0]!
  while (below < count && level < 255) below += levels[++level]!
  return level
}

/** A picture of a few pixels says nothing, and nothing is wrong with it. */
function tooSmall(outline: Float32Array): Measures {
  return { bright: 255, textured: 1, sharpness: undefined, outline }
}
