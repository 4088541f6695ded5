import { gzipSync } from 'node:zlib'
import sharp from 'sharp'
import {
  chunk,
  claiming,
  greyRows,
  manyScans,
  png,
  riff,
  segment,
  webpCanvas,
  withChunks,
  withSegments,
} from './parts.ts'

/** Words that must be nowhere once a picture has been read. */
export const SENTINEL = 'SENTINEL-9f27c1-must-not-be-stored'

/** A file that somebody may send instead of a photograph, and what must become of it. */
export type HostilePicture = {
  name: string
  bytes: Buffer
  /** The code of the refusal; `accepted`: it is a photograph all the same, and cleaned. */
  expected: string
  /** It must be refused by its header, at once. */
  bomb?: true
}

const MB = 2 ** 20
const mark = (before = '') => Buffer.from(`${before}${SENTINEL}`)

/** Every file is made here, around `face`: a JPEG of one person, which is enrolled. */
export async function corpus(face: Buffer): Promise<HostilePicture[]> {
  const picture = sharp(face).resize({ width: 500 })
  const jpeg = await picture.clone().jpeg({ quality: 90 }).toBuffer()
  const asPng = await picture.clone().png().toBuffer()
  const webp = await picture.clone().webp({ quality: 90 }).toBuffer()
  return [
    ...(await bombs(jpeg)),
    ...(await dressed(face, jpeg, asPng, webp)),
    ...(await broken(jpeg, asPng, webp)),
    ...(await others(jpeg)),
  ]
}

/** Small to send and large to decode. */
async function bombs(jpeg: Buffer): Promise<HostilePicture[]> {
  const tooMany = { expected: 'photo.too-many-pixels', bomb: true } as const
  const vp8 = await sharp({ create: { width: 16, height: 16, channels: 3, background: 'grey' } })
    .webp()
    .toBuffer()
  const frame = Buffer.from(vp8)
  frame.writeUInt16LE(16383, frame.indexOf(Buffer.of(0x9d, 0x01, 0x2a)) + 3)
  frame.writeUInt16LE(16383, frame.indexOf(Buffer.of(0x9d, 0x01, 0x2a)) + 5)
  const rgba16 = { width: 5000, height: 5000, depth: 16, colour: 6, interlaced: true }
  const still = await sharp({
    create: { width: 5000, height: 5000, channels: 3, background: 'grey' },
  })
    .jpeg({ quality: 40 })
    .toBuffer()
  const four = await sharp({
    create: { width: 5000, height: 5000, channels: 4, background: '#0000' },
  })
    .toColourspace('cmyk')
    .jpeg({ quality: 10, progressive: true, chromaSubsampling: '4:4:4' })
    .toBuffer()
  return [
    {
      name: 'png-16000x16000',
      bytes: png({ width: 16_000, height: 16_000 }, greyRows(16_000, 16_000)),
      ...tooMany,
    },
    {
      name: 'png-header-only-60000x60000',
      bytes: png({ width: 60_000, height: 60_000 }, greyRows(1, 1)),
      ...tooMany,
    },
    {
      name: 'png-2gigapixel-line',
      bytes: png({ width: 2_000_000_000, height: 1 }, greyRows(1, 1)),
      expected: 'photo.unreadable',
      bomb: true,
    },
    { name: 'png-interlaced-rgba16-25mpx', bytes: png(rgba16, greyRows(5000, 5000)), ...tooMany },
    { name: 'jpeg-claims-65500x65500', bytes: claiming(jpeg, 65_500, 65_500), ...tooMany },
    { name: 'jpeg-claims-5001x5000', bytes: claiming(jpeg, 5001, 5000), ...tooMany },
    { name: 'jpeg-progressive-cmyk-25mpx', bytes: four, ...tooMany },
    { name: 'webp-claims-16383x16383', bytes: frame, expected: 'photo.unreadable', bomb: true },
    {
      name: 'webp-canvas-16777216',
      bytes: riff(webpCanvas(0, 16_777_216, 16_777_216), ['VP8 ', vp8.subarray(20)]),
      expected: 'photo.unreadable',
      bomb: true,
    },
    { name: 'jpeg-25mpx', bytes: still, expected: 'photo.no-face' },
    {
      name: 'png-25mpx',
      bytes: png({ width: 5000, height: 5000 }, greyRows(5000, 5000)),
      expected: 'photo.no-face',
    },
    {
      name: 'png-deflate-of-deflate',
      bytes: withChunks(
        png({ width: 400, height: 300 }, greyRows(400, 300)),
        chunk('iCCP', Buffer.concat([Buffer.from('bomb\0\0'), gzipSync(Buffer.alloc(64 * MB))])),
      ),
      expected: 'photo.no-face',
    },
    {
      name: 'png-text-64mb',
      bytes: withChunks(png({ width: 400, height: 300 }, greyRows(400, 300)), ztxt(64 * MB)),
      expected: 'photo.no-face',
    },
    {
      name: 'file-of-8mb-and-1',
      bytes: Buffer.concat([jpeg, Buffer.alloc(8 * MB + 1 - jpeg.length)]),
      expected: 'photo.too-large',
      bomb: true,
    },
  ]
}

/** A progressive JPEG of one grey: its scans are short, however large it is. */
function flat(side: number): Promise<Buffer> {
  return sharp({ create: { width: side, height: side, channels: 3, background: 'grey' } })
    .jpeg({ quality: 40, progressive: true })
    .toBuffer()
}

/** A compressed text of a PNG that is much longer unpacked. */
function ztxt(bytes: number): Buffer {
  const packed = greyRows(bytes - 1, 1).subarray(8, -4)
  return chunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0'), packed]))
}

/** Photographs that carry something else along: all of that must go. */
async function dressed(
  face: Buffer,
  jpeg: Buffer,
  asPng: Buffer,
  webp: Buffer,
): Promise<HostilePicture[]> {
  const script = mark('<script>alert(1)</script>')
  const zip = Buffer.concat([
    Buffer.from('PK\x03\x04'),
    mark(),
    Buffer.from('PK\x05\x06'),
    Buffer.alloc(18),
  ])
  const gps = await sharp(jpeg)
    .withExif({
      IFD0: { Artist: SENTINEL, Copyright: SENTINEL },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 30/1 0/1' },
    })
    .jpeg({ quality: 90 })
    .toBuffer()
  const turned = await sharp(await sharp(jpeg).rotate(270).toBuffer())
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 90 })
    .toBuffer()
  const icc = segment(
    0xe2,
    Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01'), mark(), Buffer.alloc(60_000, 0xff)]),
  )
  const exif = segment(
    0xe1,
    Buffer.concat([
      Buffer.from('Exif\0\0MM\0*\0\0\0\x08\xff\xff', 'latin1'),
      mark(),
      Buffer.alloc(60_000, 0xff),
    ]),
  )
  const many = Array.from({ length: 60 }, () =>
    segment(0xfe, Buffer.concat([mark(), Buffer.alloc(60_000)])),
  )
  const cmyk = await sharp(face)
    .resize({ width: 500 })
    .toColourspace('cmyk')
    .jpeg({ quality: 90 })
    .toBuffer()
  const deep = await sharp(face).resize({ width: 400 }).toColourspace('rgb16').png().toBuffer()
  const laced = await sharp(face).resize({ width: 400 }).png({ progressive: true }).toBuffer()
  const clear = await sharp(face).resize({ width: 400 }).ensureAlpha(1).png().toBuffer()
  const grey = await sharp(face).resize({ width: 360 }).greyscale().jpeg({ quality: 90 }).toBuffer()
  const frames = await sharp(face).resize({ width: 300, height: 300 }).raw().toBuffer()
  const moving = await sharp(Buffer.concat([frames, frames, frames]), {
    raw: { width: 300, height: 900, channels: 3, pageHeight: 300 },
  })
    .webp({ quality: 90 })
    .toBuffer()
  const accepted = { expected: 'accepted' }
  return [
    { name: 'png-with-script-behind', bytes: Buffer.concat([asPng, script]), ...accepted },
    {
      name: 'png-with-script-in-text',
      bytes: withChunks(asPng, chunk('tEXt', Buffer.concat([Buffer.from('Comment\0'), script]))),
      ...accepted,
    },
    {
      name: 'png-that-says-it-moves',
      bytes: withChunks(asPng, chunk('acTL', Buffer.from([0, 0, 0xff, 0xff, 0, 0, 0, 0]))),
      ...accepted,
    },
    { name: 'jpeg-with-zip-behind', bytes: Buffer.concat([jpeg, zip]), ...accepted },
    {
      name: 'jpeg-with-php-in-comment',
      bytes: withSegments(jpeg, segment(0xfe, mark('<?php system($_GET["c"]); ?>'))),
      ...accepted,
    },
    {
      name: 'jpeg-that-is-javascript',
      bytes: withSegments(
        jpeg,
        segment(0xe0, Buffer.concat([Buffer.from('/*'), mark(), Buffer.from('*/=alert(1);/*')])),
      ),
      ...accepted,
    },
    {
      name: 'jpeg-with-html-behind',
      bytes: Buffer.concat([jpeg, mark('<html><img src=x onerror=alert(1)>')]),
      ...accepted,
    },
    { name: 'jpeg-with-gps', bytes: gps, ...accepted },
    { name: 'jpeg-turned-by-exif', bytes: turned, ...accepted },
    { name: 'jpeg-icc-of-nothing', bytes: withSegments(jpeg, icc), ...accepted },
    { name: 'jpeg-exif-of-nothing', bytes: withSegments(jpeg, exif), ...accepted },
    { name: 'jpeg-3.6mb-of-comments', bytes: withSegments(jpeg, ...many), ...accepted },
    { name: 'jpeg-cmyk', bytes: cmyk, ...accepted },
    { name: 'jpeg-grey', bytes: grey, ...accepted },
    { name: 'png-16-bit', bytes: deep, ...accepted },
    { name: 'png-interlaced', bytes: laced, ...accepted },
    { name: 'png-with-alpha', bytes: clear, ...accepted },
    { name: 'webp-with-xmp', bytes: await withXmp(webp), ...accepted },
    { name: 'webp-that-moves', bytes: moving, ...accepted },
  ]
}

async function withXmp(webp: Buffer): Promise<Buffer> {
  const { width = 0, height = 0 } = await sharp(webp).metadata()
  return riff(webpCanvas(4, width, height), ['VP8 ', webp.subarray(20)], ['XMP ', mark()])
}

/** Files that lie about themselves, or stop short. */
async function broken(jpeg: Buffer, asPng: Buffer, webp: Buffer): Promise<HostilePicture[]> {
  const unreadable = { expected: 'photo.unreadable' }
  const lying = Buffer.from(asPng)
  lying.writeUInt32BE(0xdeadbeef, lying.indexOf('IDAT', 0, 'latin1') + 4 + 100)
  const plain = { width: 300, height: 200 }
  const half = (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1)
  return [
    { name: 'jpeg-cut-in-half', bytes: half(jpeg), ...unreadable },
    { name: 'jpeg-of-2-bytes', bytes: jpeg.subarray(0, 2), expected: 'photo.wrong-type' },
    { name: 'jpeg-of-3-bytes', bytes: jpeg.subarray(0, 3), ...unreadable },
    { name: 'jpeg-of-0x0', bytes: claiming(jpeg, 0, 0), ...unreadable },
    { name: 'jpeg-wider-than-it-is', bytes: claiming(jpeg, 4000, 4000), expected: 'photo.no-face' },
    { name: 'jpeg-of-1500-scans', bytes: manyScans(await flat(4000), 1500), ...unreadable },
    { name: 'png-cut-in-half', bytes: half(asPng), ...unreadable },
    { name: 'png-of-0x0', bytes: png({ width: 0, height: 0 }, greyRows(1, 1)), ...unreadable },
    { name: 'png-checksum-lies', bytes: withoutSum(asPng), ...unreadable },
    { name: 'png-data-changed', bytes: lying, ...unreadable },
    {
      name: 'png-taller-than-it-is',
      bytes: png({ width: 300, height: 4000 }, greyRows(300, 20)),
      ...unreadable,
    },
    { name: 'png-without-data', bytes: png(plain), ...unreadable },
    {
      name: 'png-chunk-of-4gb',
      bytes: png(plain, Buffer.concat([Buffer.of(0xff, 0xff, 0xff, 0xff), Buffer.from('IDAT')])),
      ...unreadable,
    },
    { name: 'webp-cut-in-half', bytes: half(webp), ...unreadable },
    { name: 'webp-of-nothing', bytes: riff(), ...unreadable },
  ]
}

function withoutSum(file: Buffer): Buffer {
  const changed = Buffer.from(file)
  changed.writeUInt32BE(0x12345678, 29)
  return changed
}

/** What is no photograph at all, whatever it is called. */
async function others(jpeg: Buffer): Promise<HostilePicture[]> {
  const wrong = { expected: 'photo.wrong-type' }
  const svg = `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg" width="99999" height="99999"><text>&x;${SENTINEL}</text></svg>`
  const grey = sharp({ create: { width: 64, height: 64, channels: 3, background: 'grey' } })
  const gif = await grey.clone().gif().toBuffer()
  return [
    { name: 'svg-with-entity', bytes: Buffer.from(svg), ...wrong },
    { name: 'gif', bytes: gif, ...wrong },
    {
      name: 'gif-that-is-jpeg-too',
      bytes: Buffer.concat([Buffer.from('GIF89a/*'), jpeg]),
      ...wrong,
    },
    { name: 'tiff', bytes: await grey.clone().tiff().toBuffer(), ...wrong },
    { name: 'avif', bytes: await grey.clone().avif({ effort: 0 }).toBuffer(), ...wrong },
    {
      name: 'heic-by-its-head',
      bytes: Buffer.concat([Buffer.of(0, 0, 0, 24), Buffer.from('ftypheic'), mark()]),
      ...wrong,
    },
    {
      name: 'psd',
      bytes: Buffer.concat([Buffer.from('8BPS\0\x01'), Buffer.alloc(60), mark()]),
      ...wrong,
    },
    { name: 'pdf', bytes: Buffer.concat([Buffer.from('%PDF-1.7\n'), jpeg]), ...wrong },
    { name: 'bmp', bytes: Buffer.concat([Buffer.from('BM'), Buffer.alloc(200)]), ...wrong },
    { name: 'html', bytes: mark('<html>'), ...wrong },
    { name: 'text', bytes: mark('hello '), ...wrong },
    { name: 'empty', bytes: Buffer.alloc(0), expected: 'photo.unreadable' },
    {
      name: 'riff-that-is-sound',
      bytes: Buffer.concat([Buffer.from('RIFF\x24\0\0\0WAVEfmt '), Buffer.alloc(40)]),
      ...wrong,
    },
  ]
}
