import { readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import sharp from 'sharp'
import type { FaceVerdict, PhotoVerdict } from '../gallery/photo-verdict.ts'

/** Longer side of what is shown, pixels: enough to tell who is who. */
const SIDE = 1280
const COLOURS = [
  [255, 196, 0],
  [0, 200, 255],
  [255, 90, 160],
  [120, 230, 80],
] as const
/** Digits of five by seven dots, a row to a number of five bits. Drawn for this program. */
const DIGITS = [
  [14, 17, 19, 21, 25, 17, 14],
  [4, 12, 4, 4, 4, 4, 14],
  [14, 17, 1, 2, 4, 8, 31],
  [31, 2, 4, 2, 1, 17, 14],
  [2, 6, 10, 18, 31, 2, 2],
  [31, 16, 30, 1, 1, 17, 14],
  [6, 8, 16, 30, 17, 17, 14],
  [31, 1, 2, 4, 8, 8, 8],
  [14, 17, 17, 14, 17, 17, 14],
  [14, 17, 17, 15, 1, 2, 12],
] as const
const [COLUMNS, ROWS] = [5, 7]

type Canvas = { data: Buffer; width: number; height: number }
type Colour = (typeof COLOURS)[number]

/** How the name of a picture with numbered faces ends. */
export const BOXES = '.faces.jpg'

/** Where the picture with the boxes goes, where nobody says: beside the photograph. */
export function boxesFile(photo: string): string {
  return join(dirname(photo), basename(photo, extname(photo)) + BOXES)
}

/** Saves the photograph `file` with the faces of its verdict boxed, and numbered as --face counts them. */
export async function saveBoxes(
  file: string,
  { faces, width }: PhotoVerdict,
  to: string,
): Promise<void> {
  const upright = sharp(await readFile(file), { limitInputPixels: 25_000_000 }).rotate()
  const { data, info } = await upright
    .flatten({ background: 'black' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const scale = Math.min(1, SIDE / Math.max(info.width, info.height))
  const small = await sharp(data, { raw: info })
    .resize(Math.round(info.width * scale), Math.round(info.height * scale))
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  const canvas = coloured(small.data, small.info)
  // The server may have looked at it smaller.
  const ratio = canvas.width / (width ?? canvas.width)
  for (const face of faces) drawFace(canvas, face, ratio)
  const raw = { width: canvas.width, height: canvas.height, channels: 3 } as const
  const jpeg = sharp(canvas.data, { raw }).jpeg({ quality: 90 })
  await writeFile(to, await jpeg.toBuffer())
}

function coloured(data: Buffer, info: { width: number; height: number; channels: number }): Canvas {
  const { width, height, channels } = info
  if (channels === 3) return { data, width, height }
  const out = Buffer.alloc(width * height * 3)
  for (let i = 0; i < width * height; i++) out.fill(data[i * channels]!, i * 3, i * 3 + 3)
  return { data: out, width, height }
}

function drawFace(canvas: Canvas, { face, box }: FaceVerdict, scale: number): void {
  const [x, y] = [box.x, box.y].map((value) => Math.round(value * scale)) as [number, number]
  const [width, height] = [box.width, box.height].map((value) => Math.round(value * scale)) as [
    number,
    number,
  ]
  const colour = COLOURS[(face - 1) % COLOURS.length]!
  const line = Math.max(2, Math.round(canvas.width / 400))
  fill(canvas, x, y, width, line, colour)
  fill(canvas, x, y + height - line, width, line, colour)
  fill(canvas, x, y, line, height, colour)
  fill(canvas, x + width - line, y, line, height, colour)
  const dot = Math.max(2, Math.round(canvas.width / 250))
  const digits = [...String(face)]
  // Above the box, or within where there is no room.
  const plate = { width: (digits.length * (COLUMNS + 1) + 1) * dot, height: (ROWS + 2) * dot }
  const top = y >= plate.height ? y - plate.height : Math.max(0, y)
  const left = Math.min(Math.max(0, x), canvas.width - plate.width)
  fill(canvas, left, top, plate.width, plate.height, colour)
  for (const [i, digit] of digits.entries()) {
    const at = left + (1 + i * (COLUMNS + 1)) * dot
    for (const [row, bits] of DIGITS[Number(digit)]!.entries()) {
      for (let column = 0; column < COLUMNS; column++) {
        const set = (bits >> (COLUMNS - 1 - column)) & 1
        if (set) fill(canvas, at + column * dot, top + (1 + row) * dot, dot, dot, [0, 0, 0])
      }
    }
  }
}

function fill(
  { data, width, height }: Canvas,
  left: number,
  top: number,
  wide: number,
  high: number,
  colour: Colour | readonly [0, 0, 0],
): void {
  for (let y = Math.max(0, top); y < Math.min(height, top + high); y++) {
    for (let x = Math.max(0, left); x < Math.min(width, left + wide); x++) {
      data.set(colour, (y * width + x) * 3)
    }
  }
}
