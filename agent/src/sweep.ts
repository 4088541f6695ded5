import type { Closeup } from '@vedette/models/detector'
import type { Box } from '@vedette/models/geometry'
import type { Picture } from '@vedette/models/picture'
import type { CameraConfig } from './config.ts'

/** Longer side of the picture in the look from afar, pixels. */
export const COARSE_INPUT = 160
/** Once in this time the whole picture is looked at closely, whatever moved; scene milliseconds. */
const WHOLE_EVERY_MS = 30_000
/** Room around what moved, pixels. */
const MARGIN = 32
/** Regions begin and end at multiples of this, pixels: networks plan anew for every size. */
const GRAIN = 64
/** A region of more than this share of the picture is not worth cutting out. */
const NEARLY_ALL = 0.75

/**
 * Now and then the picture is looked at from afar, for faces that fill it, and enlarged, for small ones.
 * Enlarging is by far the dearest look, so it goes where something moved since the last one.
 */
export class Sweep {
  readonly #config: CameraConfig
  #sweptAt = Number.NEGATIVE_INFINITY
  #wholeAt = Number.NEGATIVE_INFINITY
  #moved: Box | undefined

  constructor(config: CameraConfig) {
    this.#config = config
  }

  /** Something moved there, or a face is there. */
  note(where: Box | undefined): void {
    if (where !== undefined) this.#moved = this.#moved ? hull(this.#moved, where) : where
  }

  /** How to look at `picture` besides the usual way: nothing where no sweep is due at `at`. */
  looks(picture: Picture, at: number): (number | Closeup)[] {
    const { every } = this.#config.detect.sweep
    if (at - this.#sweptAt < every) return []
    this.#sweptAt = at
    const where = this.#moved
    this.#moved = undefined
    const whole = !this.#config.motion.enabled || at - this.#wholeAt >= WHOLE_EVERY_MS
    if (whole) this.#wholeAt = at
    return [...this.#closer(picture, whole ? everywhere(picture) : where), COARSE_INPUT]
  }

  #closer(picture: Picture, where: Box | undefined): (number | Closeup)[] {
    const [input] = closerInputs(picture, this.#config)
    if (input === undefined || where === undefined) return []
    const region = grown(where, picture)
    const share = (region.width * region.height) / (picture.width * picture.height)
    if (share > NEARLY_ALL) return [input]
    const enlarged = input / Math.max(picture.width, picture.height)
    return [{ region, input: Math.round(Math.max(region.width, region.height) * enlarged) }]
  }
}

/** The large size of a sweep, where it is larger than the usual one. */
export function closerInputs(picture: Picture, { detect }: CameraConfig): number[] {
  const side = Math.max(picture.width, picture.height) * detect.sweep.zoom
  const closer = Math.round(Math.min(side, detect.sweep.most))
  return closer > detect.input ? [closer] : []
}

function everywhere({ width, height }: Picture): Box {
  return { x: 0, y: 0, width, height }
}

/** `box` with its margin, out to the next multiples of GRAIN, within `picture`. */
function grown({ x, y, width, height }: Box, picture: Picture): Box {
  const from = (start: number) => Math.max(0, Math.floor((start - MARGIN) / GRAIN) * GRAIN)
  const to = (end: number, most: number) =>
    Math.min(most, Math.ceil((end + MARGIN) / GRAIN) * GRAIN)
  const [left, top] = [from(x), from(y)]
  return {
    x: left,
    y: top,
    width: to(x + width, picture.width) - left,
    height: to(y + height, picture.height) - top,
  }
}

/** The smallest box around both. */
function hull(p: Box, q: Box): Box {
  const [x, y] = [Math.min(p.x, q.x), Math.min(p.y, q.y)]
  const right = Math.max(p.x + p.width, q.x + q.width)
  const bottom = Math.max(p.y + p.height, q.y + q.height)
  return { x, y, width: right - x, height: bottom - y }
}
