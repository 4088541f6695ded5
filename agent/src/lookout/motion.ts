import type { Box } from '@vedette/models/geometry'
import type { Picture } from '@vedette/models/picture'

/** Side of the squares that brightness is averaged over, pixels. */
const CELL = 16
/** Every how many pixels of a square one is read, across and down. */
const STEP = 4
/** How fast the background takes over what stays: share per frame. */
const ADAPTATION = 0.1

export type MotionOptions = {
  /** Change of brightness of a cell that counts, 0 … 255. */
  threshold: number
  /** Share of the cells that must change. */
  area: number
}

/**
 * Tells still scenes from moving ones by the brightness of a coarse grid against its slow average.
 * A change of light everywhere at once is taken out first, so a passing cloud is not motion.
 */
export class MotionGate {
  readonly #options: MotionOptions
  #background: Float32Array = new Float32Array(0)
  #last: Float32Array = this.#background
  #width = 0
  #where: Box[] = []

  constructor(options: MotionOptions) {
    this.#options = options
  }

  /** Where the last picture was unlike the one before, if only a little: boxes in pixels. */
  get where(): readonly Box[] {
    return this.#where
  }

  /** True when something moved against the frames before; always for the first of its size. */
  moved(picture: Picture): boolean {
    const grid = brightnessGrid(picture)
    const known = this.#width === picture.width && this.#background.length === grid.length
    if (!known) {
      this.#background = grid.slice()
      this.#last = grid
      this.#width = picture.width
      this.#where = [{ x: 0, y: 0, width: picture.width, height: picture.height }]
      return true
    }
    const changed = this.#unlike(grid, this.#background)
    const columns = columnsOf(picture)
    this.#where = this.#unlike(grid, this.#last).map((cell) => boxOf(cell, columns))
    this.#last = grid
    for (const [i, value] of grid.entries()) {
      this.#background[i]! += (value - this.#background[i]!) * ADAPTATION
    }
    return changed.length > this.#options.area * grid.length
  }

  /** True when `picture` is unlike the frames before; it is not taken for one of them. */
  wouldMove(picture: Picture): boolean {
    const grid = brightnessGrid(picture)
    if (this.#width !== picture.width || this.#background.length !== grid.length) return true
    return this.#unlike(grid, this.#background).length > this.#options.area * grid.length
  }

  /** Cells whose brightness differs by more than the light as a whole does. */
  #unlike(grid: Float32Array, other: Float32Array): number[] {
    const differences = grid.map((value, i) => value - other[i]!)
    const shift = median(differences.slice())
    const cells: number[] = []
    for (const [i, difference] of differences.entries()) {
      if (Math.abs(difference - shift) > this.#options.threshold) cells.push(i)
    }
    return cells
  }
}

/** Where cell `index` of rows of `columns` is, pixels. */
function boxOf(index: number, columns: number): Box {
  const [x, y] = [(index % columns) * CELL, Math.floor(index / columns) * CELL]
  return { x, y, width: CELL, height: CELL }
}

function columnsOf({ width }: Picture): number {
  return Math.max(1, Math.floor(width / CELL))
}

/** Mean luma of each whole cell, 0 … 255, in rows. */
function brightnessGrid(picture: Picture): Float32Array {
  const { width, height, data } = picture
  const columns = columnsOf(picture)
  const rows = Math.max(1, Math.floor(height / CELL))
  const grid = new Float32Array(columns * rows)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0
      let count = 0
      const bottom = Math.min(height, (row + 1) * CELL)
      const right = Math.min(width, (column + 1) * CELL)
      for (let y = row * CELL; y < bottom; y += STEP) {
        for (let x = column * CELL; x < right; x += STEP) {
          const at = (y * width + x) * 3
          sum += 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!
          count++
        }
      }
      grid[row * columns + column] = sum / count
    }
  }
  return grid
}

function median(values: Float32Array): number {
  return values.sort()[values.length >> 1]!
}
