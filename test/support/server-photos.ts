import sharp, { type Sharp } from 'sharp'
import { sampleFile } from './models-samples.ts'

/** Where one face with its surroundings is in sample 3: left, middle, right. */
const FACES = [
  { left: 0, top: 0, width: 700, height: 1350 },
  { left: 620, top: 0, width: 680, height: 1350 },
  { left: 1240, top: 0, width: 680, height: 1350 },
]

/** Sample 3, cut to face 1, 2 or 3 from the left. */
export async function oneFace(face: 1 | 2 | 3): Promise<Sharp> {
  return sharp(
    await sharp(await sampleFile(3))
      .extract(FACES[face - 1]!)
      .toBuffer(),
  )
}

export function jpegOf(image: Sharp): Promise<Buffer> {
  return image.jpeg({ quality: 90 }).toBuffer()
}

export function plain(width: number, height: number, colour = '#88aacc'): Sharp {
  return sharp({ create: { width, height, channels: 3, background: colour } })
}

/** Grass below a sky. */
export function landscape(): Promise<Buffer> {
  const grass = { create: { width: 640, height: 200, channels: 3, background: '#447733' } } as const
  return jpegOf(plain(640, 480).composite([{ input: grass, left: 0, top: 280 }]))
}

/** The same JPEG, saying of itself that it is of another size. */
export function claiming(jpeg: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(jpeg)
  const frame = changed.indexOf(Buffer.of(0xff, 0xc0))
  changed.writeUInt16BE(height, frame + 5)
  changed.writeUInt16BE(width, frame + 7)
  return changed
}
