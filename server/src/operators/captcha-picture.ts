import { randomInt } from 'node:crypto'
import sharp from 'sharp'
import { GLYPHS } from './captcha-glyphs.ts'

const WIDTH = 280
const HEIGHT = 96
/** Points put between two corners of a stroke, so that it can be bent. */
const STEPS = 6
const LINES = 2
/** The middle of the first and the last letter are so far from the edge at least. */
const MARGIN = 30
/** Shades of grey. */
const PAPER = 238
const INK = 30

type Point = readonly [number, number]

/**
 * `code` as a PNG that people can read: letters that lean, touch and wave, crossed by lines. Every
 * picture of the same code is another. Drawn here point by point: no font and no reader of drawings.
 */
export function drawCode(code: string): Promise<Buffer> {
  const wave = bent()
  const ink = new Float32Array(WIDTH * HEIGHT)
  const places = placesOf(code.length)
  for (const [at, letter] of [...code].entries()) {
    const width = between(3, 5)
    for (const stroke of strokesOf(letter, places[at] ?? 0)) draw(ink, stroke.map(wave), width)
  }
  for (let line = 0; line < LINES; line++) draw(ink, crossing().map(wave), between(1.6, 2.6))
  const pixels = Uint8Array.from(ink, (amount) => PAPER + (INK - PAPER) * amount + between(-6, 6))
  const raw = { width: WIDTH, height: HEIGHT, channels: 1 } as const
  return sharp(pixels, { raw }).png().toBuffer()
}

/** Covers every point near a stroke, softly at its edges. */
function draw(ink: Float32Array, points: readonly Point[], width: number): void {
  const reach = width / 2 + 1
  for (const [at, [x1, y1]] of points.entries()) {
    const [x2, y2] = points[at + 1] ?? [x1, y1]
    const [fromX, toX] = [Math.min(x1, x2) - reach, Math.max(x1, x2) + reach]
    const [fromY, toY] = [Math.min(y1, y2) - reach, Math.max(y1, y2) + reach]
    for (let y = Math.max(0, Math.ceil(fromY)); y <= Math.min(HEIGHT - 1, toY); y++) {
      for (let x = Math.max(0, Math.ceil(fromX)); x <= Math.min(WIDTH - 1, toX); x++) {
        const away = distance([x, y], [x1, y1], [x2, y2])
        const covered = Math.min(1, Math.max(0, width / 2 + 0.5 - away))
        const index = y * WIDTH + x
        ink[index] = Math.max(ink[index] ?? 0, covered)
      }
    }
  }
}

/** Of a point from the line between two others. */
function distance([x, y]: Point, [x1, y1]: Point, [x2, y2]: Point): number {
  const [dx, dy] = [x2 - x1, y2 - y1]
  const length = dx * dx + dy * dy
  const along = length === 0 ? 0 : ((x - x1) * dx + (y - y1) * dy) / length
  const t = Math.min(1, Math.max(0, along))
  return Math.hypot(x - x1 - t * dx, y - y1 - t * dy)
}

/** Where the middle of each letter stands: in order, and never at the same distances. */
function placesOf(letters: number): number[] {
  const steps = Array.from({ length: letters - 1 }, () => between(0.8, 1.25))
  const all = steps.reduce((sum, step) => sum + step, 0)
  const room = between(0.84, 1) * (WIDTH - 2 * MARGIN)
  let at = MARGIN + between(0, WIDTH - 2 * MARGIN - room)
  return [at, ...steps.map((step) => (at += (step / all) * room))]
}

function strokesOf(letter: string, at: number): Point[][] {
  const scale = between(6.6, 9.4)
  const lean = between(-0.28, 0.28)
  const turn = between(-0.36, 0.36)
  const middle: Point = [at, HEIGHT / 2 + between(-12, 12)]
  return (GLYPHS[letter] ?? '').split('|').map((stroke) => {
    const corners = stroke.split(' ').map((pair) => pair.split(',').map(Number))
    const points = corners.map(([x = 0, y = 0]): Point => {
      const [dx, dy] = [(x - 2 + lean * (3 - y)) * scale * 0.95, (y - 3) * scale]
      const [cos, sin] = [Math.cos(turn), Math.sin(turn)]
      return [middle[0] + dx * cos - dy * sin, middle[1] + dx * sin + dy * cos]
    })
    return fine(points)
  })
}

/** A stroke from one side to the other, or over a few letters. */
function crossing(): Point[] {
  const from: Point = [between(0, WIDTH * 0.6), between(12, HEIGHT - 12)]
  const to: Point = [from[0] + between(60, WIDTH * 0.5), between(12, HEIGHT - 12)]
  return fine([from, [(from[0] + to[0]) / 2, between(12, HEIGHT - 12)], to])
}

function fine(corners: readonly Point[]): Point[] {
  return corners.flatMap(([x, y], at) => {
    const next = corners[at + 1]
    if (next === undefined) return [[x, y] as Point]
    return Array.from({ length: STEPS }, (_, step): Point => {
      const t = step / STEPS
      return [x + (next[0] - x) * t, y + (next[1] - y) * t]
    })
  })
}

/** Another way to bend the whole picture. */
function bent(): (point: Point) => Point {
  const [a, b, c] = [between(0, 6.28), between(0, 6.28), between(0, 6.28)]
  return ([x, y]) => [
    x + 4 * Math.sin(y / 14 + a) + 1.5 * Math.sin(y / 7 + b),
    y + 7 * Math.sin(x / 28 + b) + 2.5 * Math.sin(x / 11 + c),
  ]
}

function between(low: number, high: number): number {
  return low + (randomInt(10_000) / 10_000) * (high - low)
}
