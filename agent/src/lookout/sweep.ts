import type { Closeup } from '@vedette/models/detector'
import type { Box } from '@vedette/models/geometry'
import type { Picture } from '@vedette/models/picture'
import type { CameraConfig } from '../config.ts'

/** Longer side of the picture in the look from afar, pixels. */
export const COARSE_INPUT = 160
/** Once in this time the whole picture is looked at closely, whatever moved; scene milliseconds. */
const WHOLE_EVERY_MS = 30_000
/** Room around what moved, pixels. */
const MARGIN = 32
/** Regions begin and end at multiples of this, pixels: networks plan anew for every size. */
const GRAIN = 32
/** Regions of more than this share of the picture are not worth cutting out. */
const NEARLY_ALL = 0.75
/** A face is near when it is wider than this share of the picture's longer side. */
const NEAR = 0.1

/**
 * Says how to look at each picture: the usual way where something moves or a face is followed; now and then
 * all of it, from afar for faces that fill it, and enlarged for small ones. Enlarging is by far the dearest
 * look, so it goes where something moves, too.
 */
export class Sweep {
  readonly #config: CameraConfig
  #sweptAt = Number.NEGATIVE_INFINITY
  #wholeAt = Number.NEGATIVE_INFINITY

  constructor(config: CameraConfig) {
    this.#config = config
  }

  /**
   * The looks for `picture` of scene time `at`, milliseconds. Something moves at `moving`; `followed` are
   * faces. While all of those are near, far ones are looked for half as often.
   */
  looks(
    picture: Picture,
    at: number,
    { moving, followed }: { moving: readonly Box[]; followed: readonly Box[] },
  ): (number | Closeup)[] {
    const { motion, detect } = this.#config
    const places = motion.enabled ? [...moving, ...followed] : [everywhere(picture)]
    const near = followed.length > 0 && followed.every((box) => isNear(box, picture))
    if (at - this.#sweptAt < (near ? 2 : 1) * detect.sweep.every) {
      return places.length > 0 ? partsOf(picture, places, detect.input) : [detect.input]
    }
    this.#sweptAt = at
    const whole = at - this.#wholeAt >= WHOLE_EVERY_MS
    if (whole) this.#wholeAt = at
    const closer = closerInputs(picture, this.#config).flatMap((input) =>
      whole ? [input] : partsOf(picture, places, input),
    )
    return [...closer, detect.input, COARSE_INPUT]
  }
}

/** Looks at `places` as large as in a look at the whole with `input`; at the whole where that is less. */
function partsOf(picture: Picture, places: readonly Box[], input: number): (number | Closeup)[] {
  const regions = regionsAround(places, picture)
  const all = picture.width * picture.height
  const share = regions.reduce((sum, { width, height }) => sum + (width * height) / all, 0)
  if (share > NEARLY_ALL) return [input]
  const scale = input / Math.max(picture.width, picture.height)
  return regions.map((region) => ({
    region,
    input: Math.round(Math.max(region.width, region.height) * scale),
  }))
}

/** True for a face that the usual look does not lose. */
function isNear({ width }: Box, picture: Picture): boolean {
  return width > NEAR * Math.max(picture.width, picture.height)
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

/** Boxes around all of `places`, with their margins; none touches another. */
function regionsAround(places: readonly Box[], picture: Picture): Box[] {
  let apart: Box[] = []
  for (const place of places) {
    let region = grown(place, picture)
    for (;;) {
      const touching = apart.filter((other) => overlap(other, region))
      if (touching.length === 0) break
      apart = apart.filter((other) => !touching.includes(other))
      region = touching.reduce(hull, region)
    }
    apart.push(region)
  }
  return apart
}

function overlap(p: Box, q: Box): boolean {
  const across = p.x < q.x + q.width && q.x < p.x + p.width
  return across && p.y < q.y + q.height && q.y < p.y + p.height
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
