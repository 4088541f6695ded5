import { SURROUNDINGS } from '@vedette/shared/message'
import sharp from 'sharp'
import { type Box, squareAround } from './geometry.ts'
import type { Picture } from './picture.ts'

/*
 * A face of nobody, drawn from formulas. Places are those of the mean face in align.ts, whose square
 * runs from 0 to 1 between the temples: eyes at v = 0.21, tip of the nose at 0.6, mouth at 0.78.
 */

/** Side of the card, in sides of that square, and what is in its middle. */
const CARD = 2.6
const [MIDDLE_U, MIDDLE_V] = [0.49, 0.556]
/** What is drawn; other sizes are scaled from it, pixels. */
const DRAWN_SIDE = 320

/** Middle and half width and height of the head. */
const HEAD = { u: 0.49, v: 0.4, across: 0.6, down: 0.86 }
/** Distance of the eyes from the middle. */
const EYES_APART = 0.222

type Colour = readonly [number, number, number]
/** Lays `over` upon what is there; `share` 0 … 1 of it. */
type Paint = (over: Colour, share: number) => void

const WALL: Colour = [176, 180, 184]
const SKIN: Colour = [214, 168, 140]
const HAIR: Colour = [58, 42, 34]
const SHIRT: Colour = [70, 88, 120]
const LIPS: Colour = [168, 88, 84]
const WHITE: Colour = [236, 232, 228]
const IRIS: Colour = [72, 58, 44]
const BLACK: Colour = [18, 14, 14]

let drawn: Picture | undefined

/**
 * The test face before a plain wall, `side`×`side` pixels: a chip as a question has it, the face's
 * box in the middle and SURROUNDINGS about it.
 */
export async function testFace(side: number): Promise<Picture> {
  drawn ??= draw(DRAWN_SIDE)
  const { data } = await sharp(drawn.data, { raw: { ...sizeOf(drawn), channels: 3 } })
    .resize(side, side, { kernel: 'mitchell' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: side, height: side, data }
}

/** Where the face is on a card that fills `card`. */
export function testFaceBox(card: Box): Box {
  return squareAround(card, 1 / (1 + SURROUNDINGS) - 1)
}

function sizeOf({ width, height }: Picture) {
  return { width, height }
}

function draw(side: number): Picture {
  const data = new Uint8Array(side * side * 3)
  const at = (pixel: number) => ((pixel + 0.5) / side - 0.5) * CARD
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const colour = colourAt(MIDDLE_U + at(x), MIDDLE_V + at(y), CARD / side)
      for (let k = 0; k < 3; k++) data[(y * side + x) * 3 + k] = Math.round(colour[k]!)
    }
  }
  return { width: side, height: side, data }
}

/** `edge`: edges are this soft. */
function colourAt(u: number, v: number, edge: number): Colour {
  let colour: Colour = WALL
  const paint: Paint = (over, share) => {
    colour = mix(colour, over, share)
  }
  const within = (distance: number) => step(edge, -edge, distance)
  paint(SHIRT, within(ellipse(u - 0.49, v - 2.05, 1.25, 0.75)))
  paint(lit(SKIN, 0.72), within(Math.max(Math.abs(u - 0.49) - 0.34, Math.abs(v - 1.2) - 0.35)))
  paint(HAIR, within(ellipse(u - 0.49, v - 0.16, 0.7, 0.82)))
  for (const ear of [-0.12, 1.1]) {
    paint(lit(SKIN, 0.86), within(ellipse(u - ear, v - 0.38, 0.09, 0.2)))
  }
  const jaw = 1 - 0.28 * step(0.45, 1.25, v)
  const head = within(ellipse((u - HEAD.u) / jaw, v - HEAD.v, HEAD.across, HEAD.down))
  if (head === 0) return colour
  paint(lit(SKIN, lightAt(u, v)), head)
  const onHead: Paint = (over, share) => paint(over, share * head)
  const hairline = step(0.04, -0.04, -ellipse(u - 0.49, v - 0.52, 0.62, 0.82))
  onHead(HAIR, hairline * step(0.15, -0.05, v))
  for (const side of [-1, 1]) {
    paintEye(onHead, (u - 0.49) * side - EYES_APART, v, edge)
    paintNostril(onHead, (u - 0.49) * side, v)
  }
  paintMouth(onHead, (u - 0.49) / 0.205, v, edge)
  return colour
}

/** How bright the skin is: round, lit from above and a little from the left. */
function lightAt(u: number, v: number): number {
  const [across, down] = [(u - HEAD.u) / HEAD.across, (v - HEAD.v) / HEAD.down]
  const round = Math.sqrt(Math.max(0, 1 - across * across - 0.6 * down * down))
  const spot = (cu: number, cv: number, ru: number, rv: number) => blob(u - cu, v - cv, ru, rv)
  const sockets = spot(0.26, 0.2, 0.17, 0.1) + spot(0.72, 0.2, 0.17, 0.1)
  const cheeks = spot(0.2, 0.5, 0.14, 0.14) + spot(0.78, 0.5, 0.14, 0.14)
  const nose = 0.16 * spot(0.48, 0.4, 0.045, 0.22) + 0.14 * spot(0.48, 0.55, 0.06, 0.06)
  const besideNose = spot(0.575, 0.45, 0.04, 0.2) + 0.7 * spot(0.395, 0.45, 0.04, 0.2)
  const folds = spot(0.29, 0.68, 0.03, 0.12) + spot(0.69, 0.68, 0.03, 0.12)
  const chin = 0.1 * spot(0.49, 1.02, 0.14, 0.08) - 0.16 * spot(0.49, 0.88, 0.14, 0.04)
  const forehead = 0.1 * spot(0.49, -0.1, 0.35, 0.14)
  const underNose = 0.3 * spot(0.49, 0.66, 0.12, 0.03)
  const form = 0.72 + 0.36 * round - 0.1 * across - 0.06 * down
  return (
    form -
    0.2 * sockets +
    0.1 * cheeks +
    nose -
    0.16 * besideNose -
    underNose -
    0.1 * folds +
    chin +
    forehead
  )
}

/** `across` runs outwards from the middle of the eye. */
function paintEye(paint: Paint, across: number, v: number, edge: number): void {
  const within = (half: number, soft: number) => step(half, half - soft, Math.abs(across))
  const brow = v - (0.045 - 0.64 * across * (0.16 - across) + 0.1 * Math.max(0, across))
  paint(HAIR, 0.85 * step(0.04, 0.012, Math.abs(brow)) * within(0.19, 0.05))
  const bend = 1 - (across / 0.125) ** 2
  const [upper, lower] = [0.212 - 0.058 * bend, 0.212 + 0.042 * bend]
  const open = step(-edge, edge, Math.min(v - upper, lower - v)) * within(0.128, 0.008)
  const disc = (radius: number, cu: number, cv: number) =>
    step(radius + edge, radius - edge, Math.hypot(across - cu, v - cv))
  paint(WHITE, open)
  paint(IRIS, open * disc(0.056, 0, 0.205))
  paint(BLACK, open * disc(0.028, 0, 0.205))
  paint(WHITE, 0.9 * open * disc(0.012, -0.02, 0.187))
  const line = (at: number, width: number) => step(width, width / 6, Math.abs(v - at))
  paint(BLACK, 0.75 * line(upper, 0.02) * within(0.14, 0.02))
  paint(lit(SKIN, 0.6), 0.5 * line(lower, 0.014) * within(0.13, 0.02))
  paint(lit(SKIN, 0.6), 0.45 * line(upper - 0.035, 0.014) * within(0.13, 0.03))
}

/** `across` runs outwards from the middle of the face. */
function paintNostril(paint: Paint, across: number, v: number): void {
  paint(BLACK, 0.7 * blob(across - 0.062, v - 0.625, 0.03, 0.016))
  paint(lit(SKIN, 0.62), 0.6 * blob(across - 0.115, v - 0.595, 0.016, 0.04))
}

/** `across` is −1 and 1 at the corners. */
function paintMouth(paint: Paint, across: number, v: number, edge: number): void {
  const full = 1 - across * across
  const seam = 0.782 + 0.008 * Math.cos(across * 6) - 0.012 * across * across
  const top = seam - 0.045 * full * (1 - 0.25 * Math.exp(-((across / 0.18) ** 2)))
  const bottom = seam + 0.07 * full
  const lips = step(-edge, edge, Math.min(v - top, bottom - v)) * step(1, 0.94, Math.abs(across))
  paint(lit(LIPS, v < seam ? 0.82 : 1.08), 0.85 * lips)
  paint(BLACK, 0.7 * step(0.014, 0.003, Math.abs(v - seam)) * step(1.02, 0.96, Math.abs(across)))
}

/** How far outside an ellipse about the origin a place is, below 0 within. */
function ellipse(u: number, v: number, across: number, down: number): number {
  return (Math.hypot(u / across, v / down) - 1) * Math.min(across, down)
}

function blob(u: number, v: number, across: number, down: number): number {
  return Math.exp(-((u / across) ** 2) - (v / down) ** 2)
}

function mix(a: Colour, b: Colour, share: number): Colour {
  const part = Math.min(1, Math.max(0, share))
  return [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part, a[2] + (b[2] - a[2]) * part]
}

function lit([red, green, blue]: Colour, light: number): Colour {
  const by = Math.min(1.18, Math.max(0.05, light))
  return [Math.min(255, red * by), Math.min(255, green * by), Math.min(255, blue * by)]
}

/** 0 at `from`, 1 at `to`, a smooth step between; either may be the larger. */
function step(from: number, to: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)))
  return t * t * (3 - 2 * t)
}
