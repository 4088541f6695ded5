import {
  crop,
  cropJpeg,
  decodePicture,
  encodeJpeg,
  MAX_PIXELS,
  type Picture,
} from '@vedette/models/picture'
import { Refusal } from '@vedette/shared/errors'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { noise, paint } from '../support/models-resample.ts'
import { sampleFile } from '../support/models-samples.ts'
import { rejectionOf } from '../support/thrown.ts'

const RUST = { r: 200, g: 100, b: 50 }

/** A picture of one colour, 40×20, as sharp writes it. */
function rust(alpha?: number): Sharp {
  const channels = alpha === undefined ? 3 : 4
  const background = alpha === undefined ? RUST : { ...RUST, alpha }
  return sharp({ create: { width: 40, height: 20, channels, background } })
}

function pixel({ width, data }: Picture, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)]
}

async function codeOf(bytes: Uint8Array): Promise<string> {
  return (await rejectionOf(decodePicture(bytes), Refusal)).code
}

describe('decodePicture', () => {
  it.each([
    ['a JPEG', () => rust().jpeg(), [200, 100, 50], 3],
    ['a progressive JPEG', () => rust().jpeg({ progressive: true }), [200, 100, 50], 3],
    ['a PNG', () => rust().png(), [200, 100, 50], 0],
    ['a PNG with a palette', () => rust().png({ palette: true }), [200, 100, 50], 1],
    ['a WebP', () => rust().webp({ lossless: true }), [200, 100, 50], 0],
    ['a grey JPEG', () => rust().greyscale().jpeg(), [128, 128, 128], 2],
    ['a grey PNG', () => rust().greyscale().png(), [128, 128, 128], 2],
    ['a CMYK JPEG', () => rust().toColourspace('cmyk').jpeg(), [200, 100, 50], 40],
    ['a half transparent PNG', () => rust(0.5).png(), [100, 50, 25], 1],
    ['a transparent WebP', () => rust(0).webp({ lossless: true }), [0, 0, 0], 0],
    ['a grey transparent PNG', () => rust(0.5).toColourspace('b-w').png(), [64, 64, 64], 3],
    ['a PNG of 16 bits', () => rust().toColourspace('rgb16').png(), [200, 100, 50], 1],
  ] as const)('reads %s as three bytes a pixel', async (_what, file, colour, tolerance) => {
    const picture = await decodePicture(await file().toBuffer())
    expect(picture).toMatchObject({ width: 40, height: 20 })
    expect(picture.data).toHaveLength(40 * 20 * 3)
    for (const [i, value] of picture.data.entries()) {
      if (Math.abs(value - colour[i % 3]!) > tolerance) {
        expect.fail(`byte ${i} is ${value}, ${colour[i % 3]} expected`)
      }
    }
  })

  it('reads rows from the top left', async () => {
    const painted = noise(13, 7)
    const raw = { width: 13, height: 7, channels: 3 } as const
    const png = await sharp(painted.data, { raw }).png().toBuffer()
    const picture = await decodePicture(png)
    expect(Buffer.compare(picture.data, painted.data)).toBe(0)
  })

  /** For each EXIF orientation: the corner where the stored first pixel and first row's end belong. */
  const CORNERS = [
    [1, 'top left', 'top right'],
    [2, 'top right', 'top left'],
    [3, 'bottom right', 'bottom left'],
    [4, 'bottom left', 'bottom right'],
    [5, 'top left', 'bottom left'],
    [6, 'top right', 'bottom right'],
    [7, 'bottom right', 'top right'],
    [8, 'bottom left', 'top left'],
  ] as const

  it.each(CORNERS)('turns a photograph upright by EXIF orientation %i', async (o, first, end) => {
    const stored = paint(48, 32, (x, y) => {
      if (y >= 16 || (x >= 16 && x < 32)) return [0, 0, 0]
      return x < 16 ? [255, 0, 0] : [0, 0, 255]
    })
    const raw = { width: 48, height: 32, channels: 3 } as const
    const jpeg = await sharp(stored.data, { raw })
      .withMetadata({ orientation: o })
      .jpeg()
      .toBuffer()
    const upright = await decodePicture(jpeg)
    const { width, height } = upright
    expect([width, height]).toEqual(o < 5 ? [48, 32] : [32, 48])
    const at = (corner: string) =>
      pixel(
        upright,
        corner.endsWith('left') ? 4 : width - 5,
        corner.startsWith('top') ? 4 : height - 5,
      )
    expect(at(first)[0]).toBeGreaterThan(230)
    expect(at(end)[2]).toBeGreaterThan(230)
  })

  it.each<[string, () => Promise<Buffer>]>([
    ['GIF', () => rust().gif().toBuffer()],
    ['TIFF', () => rust().tiff().toBuffer()],
    ['AVIF', () => rust().avif().toBuffer()],
    [
      'SVG',
      async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    ],
    ['text', async () => Buffer.from('this is not a picture\n')],
    ['page of HTML', async () => Buffer.from('<!doctype html><html><body>photo</body></html>')],
    ['row of noughts', async () => Buffer.alloc(4096)],
  ])('refuses a %s', async (_what, file) => {
    expect(await codeOf(await file())).toBe('photo.wrong-type')
  })

  it.each([
    ['nothing', async () => Buffer.alloc(0)],
    ['the head of a PNG alone', async () => (await rust().png().toBuffer()).subarray(0, 20)],
    ['a JPEG cut in its head', async () => (await sampleFile(1)).subarray(0, 100)],
    ['a JPEG cut in the middle', async () => (await sampleFile(1)).subarray(0, 100_000)],
    ['a JPEG without its last bytes', async () => (await sampleFile(1)).subarray(0, -20)],
  ])('refuses %s as unreadable, with what to do', async (_what, file) => {
    const error = await rejectionOf(decodePicture(await file()), Refusal)
    expect(error.code).toBe('photo.unreadable')
    expect(error.hint).toContain('save it as JPEG')
  })

  it.each([
    ['JPEG', async () => withJpegSize(await rust().jpeg().toBuffer(), 65_500, 65_500)],
    [
      'PNG',
      () =>
        sharp({ create: canvas(5000, 5001) })
          .png({ compressionLevel: 1 })
          .toBuffer(),
    ],
    [
      'WebP',
      () =>
        sharp({ create: canvas(5001, 5000) })
          .webp({ effort: 0 })
          .toBuffer(),
    ],
  ])('refuses a %s of more than 25 million pixels', async (_what, file) => {
    expect(MAX_PIXELS).toBe(25_000_000)
    expect(await codeOf(await file())).toBe('photo.too-many-pixels')
  })

  it('judges the size on the header, before any pixel is decoded', async () => {
    const bomb = withJpegSize(await rust().jpeg().toBuffer(), 65_500, 65_500)
    const start = performance.now()
    await codeOf(bomb)
    expect(performance.now() - start).toBeLessThan(200)
  })
})

describe('crop', () => {
  const picture = paint(4, 3, (x, y) => [10 * x + 1, 10 * y + 1, 255])

  it('copies what the box shows', () => {
    const cut = crop(picture, { x: 1, y: 1, width: 2, height: 2 })
    expect(cut).toMatchObject({ width: 2, height: 2 })
    expect(pixel(cut, 0, 0)).toEqual([11, 11, 255])
    expect(pixel(cut, 1, 1)).toEqual([21, 21, 255])
  })

  it('is black beyond every edge', () => {
    const cut = crop(picture, { x: -2, y: -1, width: 8, height: 5 })
    for (let y = 0; y < 5; y++) {
      for (let x = 0; x < 8; x++) {
        const within = x >= 2 && x < 6 && y >= 1 && y < 4
        expect(pixel(cut, x, y)).toEqual(within ? pixel(picture, x - 2, y - 1) : [0, 0, 0])
      }
    }
  })

  it.each([
    [-10, 0],
    [10, 0],
    [0, -10],
    [0, 10],
  ])('is all black outside the picture, at %i, %i', (x, y) => {
    expect(crop(picture, { x, y, width: 3, height: 3 }).data.every((byte) => byte === 0)).toBe(true)
  })

  it('rounds to whole pixels and shows one at least', () => {
    const cut = crop(picture, { x: 1.4, y: 0.6, width: 0.2, height: 0.2 })
    expect(cut).toMatchObject({ width: 1, height: 1 })
    expect(pixel(cut, 0, 0)).toEqual([11, 11, 255])
  })

  it('keeps its own copy', () => {
    const cut = crop(picture, { x: 0, y: 0, width: 4, height: 3 })
    cut.data.fill(0)
    expect(pixel(picture, 0, 0)).toEqual([1, 1, 255])
  })
})

describe('a JPEG that is written', () => {
  it('carries no metadata of the photograph it came from', async () => {
    const file = await sampleFile(1)
    expect((await sharp(file).metadata()).exif).toBeDefined()
    const picture = await decodePicture(file)
    const box = { x: 300, y: 200, width: 300, height: 300 }
    for (const jpeg of [await encodeJpeg(picture), await cropJpeg(picture, box, 256)]) {
      const { format, exif, icc, iptc, xmp, comments } = await sharp(jpeg).metadata()
      expect(format).toBe('jpeg')
      expect([exif, icc, iptc, xmp, comments].every((part) => part === undefined)).toBe(true)
    }
  })

  it.each([
    [{ x: 0, y: 0, width: 300, height: 200 }, 150, [150, 100]],
    [{ x: 0, y: 0, width: 200, height: 300 }, 150, [100, 150]],
    [{ x: -50, y: -50, width: 600, height: 600 }, 512, [512, 512]],
    [{ x: 10, y: 10, width: 90, height: 60 }, 512, [90, 60]],
  ])('of the crop %o is at most %i pixels long', async (box, maxSide, size) => {
    const { width, height } = await sharp(await cropJpeg(noise(400, 400), box, maxSide)).metadata()
    expect([width, height]).toEqual(size)
  })

  it('shows what was cropped', async () => {
    const picture = paint(100, 100, (x) => (x < 50 ? [255, 0, 0] : [0, 0, 255]))
    const jpeg = await cropJpeg(picture, { x: 40, y: 40, width: 80, height: 40 }, 80)
    const shown = await decodePicture(jpeg)
    expect(pixel(shown, 3, 20)[0]).toBeGreaterThan(200)
    expect(pixel(shown, 30, 20)[2]).toBeGreaterThan(200)
    expect(Math.max(...pixel(shown, 75, 20))).toBeLessThan(20)
  })

  it('is worse and smaller at a lower quality', async () => {
    const picture = noise(100, 100)
    const [good, poor] = [await encodeJpeg(picture, 95), await encodeJpeg(picture, 20)]
    expect(poor.length).toBeLessThan(good.length / 2)
    expect(await decodePicture(poor)).toMatchObject({ width: 100, height: 100 })
  })
})

function canvas(width: number, height: number) {
  return { width, height, channels: 3, background: RUST } as const
}

/** The same JPEG with another size in its frame header. */
function withJpegSize(jpeg: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(jpeg)
  const frame = changed.indexOf(Buffer.of(0xff, 0xc0))
  changed.writeUInt16BE(height, frame + 5)
  changed.writeUInt16BE(width, frame + 7)
  return changed
}
