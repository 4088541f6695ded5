import { checkChip } from '@vedette/server/gate/chip'
import { ProtocolFault } from '@vedette/shared/errors'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { frameHeader, JPEG_START, jpegHeader, segment } from '../../support/server-jpeg.ts'
import { plain } from '../../support/server-photos.ts'
import { thrownBy } from '../../support/thrown.ts'

const refused = (bytes: Uint8Array) => thrownBy(() => checkChip(bytes), ProtocolFault).code

const exif = segment(0xffe1, Buffer.concat([Buffer.from('Exif\0\0'), Buffer.alloc(5000, 0xff)]))

describe('a chip', () => {
  it.each([
    ['baseline', () => plain(300, 200).jpeg()],
    ['progressive', () => plain(300, 200).jpeg({ progressive: true })],
    ['with optimised coding', () => plain(300, 200).jpeg({ mozjpeg: true })],
    ['grey', () => plain(300, 200).greyscale().jpeg()],
    [
      'with EXIF',
      () =>
        plain(300, 200)
          .withExif({ IFD0: { Artist: 'x'.repeat(3000) } })
          .jpeg(),
    ],
    ['with a colour profile', () => plain(300, 200).withIccProfile('srgb').jpeg()],
    ['of the largest size', () => plain(512, 512).jpeg()],
    ['of one pixel', () => plain(1, 1).jpeg()],
  ])('is taken as JPEG: %s', async (_what, image) => {
    const bytes = await image().toBuffer()
    expect(() => checkChip(bytes)).not.toThrow()
    const around = Buffer.concat([Buffer.alloc(7), bytes])
    expect(() => checkChip(around.subarray(7))).not.toThrow()
  })

  it.each([0xffc0, 0xffc1, 0xffc2, 0xffc3, 0xffc5, 0xffc9, 0xffcf])(
    'is taken by frame header %i',
    (marker) => {
      const jpeg = Buffer.concat([JPEG_START, exif, frameHeader(512, 1, marker)])
      expect(() => checkChip(jpeg)).not.toThrow()
    },
  )

  it.each([
    ['wide', 513, 10],
    ['high', 10, 513],
    ['large', 65_535, 65_535],
  ])('is too %s at %i×%i', (_what, width, height) => {
    expect(refused(jpegHeader(width, height))).toBe('chip.too-large')
  })

  it.each([
    [0, 10],
    [10, 0],
    [0, 0],
  ])('is none at %i×%i', (width, height) => {
    expect(refused(jpegHeader(width, height))).toBe('chip.not-jpeg')
  })

  it('is none when it is cut off anywhere before its size', () => {
    const whole = Buffer.concat([
      JPEG_START,
      exif.subarray(0, 0),
      segment(0xffe0, Buffer.alloc(14)),
      frameHeader(20, 20),
    ])
    const sizeEnds = whole.length - 15 + 5
    for (let length = 0; length < whole.length; length++) {
      const cut = whole.subarray(0, length)
      if (length < sizeEnds) expect([length, refused(cut)]).toEqual([length, 'chip.not-jpeg'])
      else expect(() => checkChip(cut)).not.toThrow()
    }
  })

  it.each<[string, () => Uint8Array | Promise<Uint8Array>]>([
    ['nothing', () => Buffer.alloc(0)],
    ['a PNG', () => plain(20, 20).png().toBuffer()],
    ['a WebP', () => plain(20, 20).webp().toBuffer()],
    ['a GIF', () => plain(20, 20).gif().toBuffer()],
    ['a text', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['noughts', () => Buffer.alloc(5000)],
    ['ones', () => Buffer.alloc(5000, 0xff)],
    [
      'a scan without a frame',
      () => Buffer.concat([JPEG_START, segment(0xffda, Buffer.alloc(10))]),
    ],
    ['an end without a frame', () => Buffer.concat([JPEG_START, Buffer.from('ffd9', 'hex')])],
    [
      'tables alone',
      () =>
        Buffer.concat([
          JPEG_START,
          segment(0xffc4, Buffer.alloc(20)),
          segment(0xffcc, Buffer.alloc(20)),
        ]),
    ],
    [
      'a segment of length 0',
      () => Buffer.concat([JPEG_START, Buffer.from('ffe00000', 'hex'), frameHeader(9, 9)]),
    ],
    [
      'a segment of length 1',
      () => Buffer.concat([JPEG_START, Buffer.from('ffe00001', 'hex'), frameHeader(9, 9)]),
    ],
    [
      'a segment beyond the end',
      () => Buffer.concat([JPEG_START, Buffer.from('ffe0ffff', 'hex'), frameHeader(9, 9)]),
    ],
    [
      'a picture behind something else',
      async () => Buffer.concat([Buffer.from('GIF89a'), jpegHeader(9, 9)]),
    ],
    [
      'a thumbnail inside EXIF alone',
      () => Buffer.concat([JPEG_START, segment(0xffe1, jpegHeader(9, 9))]),
    ],
  ])('is none: %s', async (_what, bytes) => {
    expect(refused(await bytes())).toBe('chip.not-jpeg')
  })

  it('is judged by the frame that a decoder would show', async () => {
    const real = await plain(300, 200).jpeg().toBuffer()
    const both = Buffer.concat([
      real.subarray(0, 2),
      segment(0xffe1, jpegHeader(9999, 9999)),
      real.subarray(2),
    ])
    expect(() => checkChip(both)).not.toThrow()
    expect(await sharp(both).metadata()).toMatchObject({ width: 300, height: 200 })
  })

  it('of 64 KiB of segments is judged in no time', () => {
    const many = Buffer.concat([
      JPEG_START,
      ...new Array<Buffer>(16_000).fill(Buffer.from('ffe00002', 'hex')),
    ])
    const times = Array.from({ length: 5 }, () => {
      const started = performance.now()
      expect(refused(many)).toBe('chip.not-jpeg')
      return performance.now() - started
    })
    expect(Math.min(...times)).toBeLessThan(50)
  })
})
