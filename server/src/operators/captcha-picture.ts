import { randomInt } from 'node:crypto'
import sharp from 'sharp'
import { GLYPHS } from './captcha-glyphs.ts'

const WIDTH = 280
const HEIGHT = 96
/** Points put between two corners of a stroke, so that it can be bent. */
const STEPS = 6
const LINES = 5

type Point = readonly [number, number]

/**
 * `code` as a PNG that people can read: letters that lean, touch and wave, crossed by strokes as thick
 * as theirs. Every picture of the same code is another.
 */
export function drawCode(code: string): Promise<Buffer> {
  const wave = bent()
  const letters = [...code].flatMap((letter, at) => strokesOf(letter, at, code.length))
  const lines = Array.from({ length: LINES }, crossing)
  const paths = [...letters, ...lines].map((stroke) => {
    const width = between(3.2, 5)
    const points = stroke.map(wave).map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`)
    return `<polyline points="${points.join(' ')}" stroke-width="${width.toFixed(1)}"/>`
  })
  const style = 'fill="none" stroke="#1c2733" stroke-linecap="round" stroke-linejoin="round"'
  const size = `width="${WIDTH}" height="${HEIGHT}"`
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${size}><g ${style}>${paths.join('')}</g></svg>`
  return sharp(Buffer.from(svg))
    .flatten({ background: '#eef1f4' })
    .blur(0.5)
    .png({ palette: true, colours: 16 })
    .toBuffer()
}

function strokesOf(letter: string, at: number, letters: number): Point[][] {
  const pitch = (WIDTH - 40) / letters
  const scale = between(7.2, 9.2)
  const lean = between(-0.35, 0.35)
  const turn = between(-0.3, 0.3)
  const middle: Point = [20 + pitch * (at + 0.5) + between(-4, 4), HEIGHT / 2 + between(-8, 8)]
  return (GLYPHS[letter] ?? '').split('|').map((stroke) => {
    const corners = stroke.split(' ').map((pair) => pair.split(',').map(Number))
    const points = corners.map(([x = 0, y = 0]): Point => {
      const [dx, dy] = [(x - 2 + lean * (3 - y)) * scale * 0.9, (y - 3) * scale]
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
    x + 3 * Math.sin(y / 14 + a) + 1.5 * Math.sin(y / 6 + b),
    y + 5 * Math.sin(x / 26 + b) + 2 * Math.sin(x / 11 + c),
  ]
}

function between(low: number, high: number): number {
  return low + (randomInt(10_000) / 10_000) * (high - low)
}
