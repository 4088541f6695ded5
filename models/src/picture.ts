import { Refusal } from '@vedette/shared/errors'
import sharp, { type Metadata } from 'sharp'
import type { Box } from './geometry.ts'

/** Pixels in rows from the top left, three bytes each: red, green, blue. */
export type Picture = { width: number; height: number; data: Uint8Array }

/** Largest picture that is decoded, pixels. */
export const MAX_PIXELS = 25_000_000

/** Most that is held of one until it has been read to the end, bytes. */
const MAX_HELD = 150_000_000

/** The first bytes of JPEG, PNG and WebP in hexadecimal; a dot stands for any digit. */
const SIGNATURES = [/^ffd8ff/, /^89504e470d0a1a0a/, /^52494646.{8}57454250/]
const SIGNATURE_BYTES = 12

// Whatever a file claims to be, no other parser is ever reached.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'],
})

/** From here on this process decodes one picture on one thread and remembers none. */
export function boundPictures(): void {
  sharp.cache(false)
  sharp.concurrency(1)
}

/**
 * Decodes a JPEG, PNG or WebP photograph, upright as its EXIF says and on `ground` where it is
 * transparent; of more than `most` pixels it is made smaller. Throws Refusal `photo.*` for anything
 * else, or for more than MAX_PIXELS.
 */
export async function decodePicture(
  bytes: Uint8Array,
  { most = MAX_PIXELS, ground = 'black' }: { most?: number; ground?: 'black' | 'white' } = {},
): Promise<Picture> {
  if (bytes.length === 0) unreadable('the file is empty')
  const start = Buffer.from(bytes.subarray(0, SIGNATURE_BYTES)).toString('hex')
  if (!SIGNATURES.some((signature) => signature.test(start))) {
    throw new Refusal('photo.wrong-type', 'not a JPEG, PNG or WebP file', {
      hint: 'save the photograph as JPEG or PNG and try again',
    })
  }
  const image = sharp(bytes, {
    limitInputPixels: MAX_PIXELS,
    failOn: 'error',
    sequentialRead: true,
  })
  const header = await image.metadata().catch(unreadable)
  const { width = 0, height = 0 } = header
  if (width * height > MAX_PIXELS) {
    throw new Refusal('photo.too-many-pixels', `${width}×${height} pixels`, {
      hint: `scale it below ${MAX_PIXELS / 1e6} million pixels`,
    })
  }
  if (width * height * bytesHeld(header) > MAX_HELD) {
    throw new Refusal('photo.too-many-pixels', `${width}×${height} pixels in several passes`, {
      hint: 'save it as plain JPEG, neither interlaced nor progressive, or scale it down',
    })
  }
  const scale = Math.sqrt(most / (width * height))
  const side = Math.floor(Math.max(width, height) * scale)
  const upright = image.rotate()
  const { data, info } = await (scale < 1
    ? upright.resize({ width: side, height: side, fit: 'inside' })
    : upright
  )
    .flatten({ background: ground })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch(unreadable)
  if (info.channels === 3) return { width: info.width, height: info.height, data }
  return { width: info.width, height: info.height, data: greyToColour(data) }
}

/**
 * Bytes of each pixel that a decoder keeps until it has seen the last pass, 0 where it goes row by row:
 * coefficients of 2 bytes of a progressive JPEG, pixels of an interlaced PNG.
 */
function bytesHeld({ format, isProgressive, channels, depth }: Metadata): number {
  if (!isProgressive) return 0
  if (format === 'jpeg') return 2 * channels
  return channels * (depth === 'ushort' ? 2 : 1)
}

/** `picture` as JPEG, without any metadata. `quality` 1 … 100. */
export async function encodeJpeg(picture: Picture, quality = 85): Promise<Buffer> {
  const { width, height, data } = picture
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer()
}

/** `picture` as WebP, without any metadata: drawings stay sharp in it. `quality` 1 … 100. */
export async function encodeWebp(picture: Picture, quality = 90): Promise<Buffer> {
  const { width, height, data } = picture
  return sharp(data, { raw: { width, height, channels: 3 } })
    .webp({ quality, smartSubsample: true })
    .toBuffer()
}

/**
 * What `box` shows, black beyond the edges, at most `maxSide` pixels on the longer side.
 */
export async function cropJpeg(picture: Picture, box: Box, maxSide: number): Promise<Buffer> {
  const cut = crop(picture, box)
  return sharp(cut.data, { raw: { width: cut.width, height: cut.height, channels: 3 } })
    .resize({ width: maxSide, height: maxSide, fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 85 })
    .toBuffer()
}

/** `picture` as JPEG, at most `maxSide` pixels on the longer side, quickly. `quality` 1 … 100. */
export async function smallJpeg(
  { width, height, data }: Picture,
  maxSide: number,
  quality: number,
): Promise<Buffer> {
  const image = sharp(data, { raw: { width, height, channels: 3 } })
  const large = Math.max(width, height) > maxSide
  const small = large
    ? image.resize({ width: maxSide, height: maxSide, fit: 'inside', kernel: 'linear' })
    : image
  return small.jpeg({ quality }).toBuffer()
}

/** A copy of what `box` shows, black beyond the edges, smaller by `scale` (below 1). */
export async function cropSmaller(picture: Picture, box: Box, scale: number): Promise<Picture> {
  const cut = crop(picture, box)
  const { data, info } = await sharp(cut.data, {
    raw: { width: cut.width, height: cut.height, channels: 3 },
  })
    .resize(
      Math.max(1, Math.round(cut.width * scale)),
      Math.max(1, Math.round(cut.height * scale)),
      {
        fit: 'fill',
        kernel: 'mitchell',
      },
    )
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, data }
}

/** A copy of what `box` (rounded to whole pixels) shows, black beyond the edges. */
export function crop(picture: Picture, box: Box): Picture {
  const [left, top] = [Math.round(box.x), Math.round(box.y)]
  const width = Math.max(1, Math.round(box.width))
  const height = Math.max(1, Math.round(box.height))
  const data = new Uint8Array(width * height * 3)
  const [from, to] = [Math.max(0, -left), Math.min(width, picture.width - left)]
  for (let y = Math.max(0, -top); y < Math.min(height, picture.height - top); y++) {
    if (from >= to) break
    const row = ((top + y) * picture.width + left) * 3
    data.set(picture.data.subarray(row + from * 3, row + to * 3), (y * width + from) * 3)
  }
  return { width, height, data }
}

function greyToColour(grey: Uint8Array): Uint8Array {
  const data = new Uint8Array(grey.length * 3)
  for (let i = 0; i < grey.length; i++) data.fill(grey[i]!, i * 3, i * 3 + 3)
  return data
}

function unreadable(cause: unknown): never {
  const message = cause instanceof Error ? cause.message : String(cause)
  if (/pixel limit/i.test(message)) {
    throw new Refusal('photo.too-many-pixels', message, {
      hint: `scale it below ${MAX_PIXELS / 1e6} million pixels`,
    })
  }
  throw new Refusal('photo.unreadable', `not a readable picture: ${message}`, {
    cause,
    hint: 'open the file in a picture viewer; if it shows, save it as JPEG and try again',
  })
}
