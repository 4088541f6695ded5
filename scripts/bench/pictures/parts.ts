import { crc32, deflateSync } from 'node:zlib'

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** A chunk of a PNG; `sum` instead of the right checksum. */
export function chunk(type: string, data = Buffer.alloc(0), sum?: number): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(sum ?? crc32(body))
  return Buffer.concat([length, body, check])
}

export type PngHeader = {
  width: number
  height: number
  depth?: number
  /** 0 grey, 2 colours, 6 colours and alpha. */
  colour?: number
  interlaced?: boolean
}

/** A PNG with this header, of chunks as they are given. */
export function png(
  { width, height, depth = 8, colour = 0, interlaced }: PngHeader,
  ...chunks: Buffer[]
) {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([depth, colour, 0, 0, interlaced ? 1 : 0], 8)
  return Buffer.concat([PNG_SIGNATURE, chunk('IHDR', header), ...chunks, chunk('IEND')])
}

/** `rows` of `width` grey pixels, all alike, as they lie in a PNG: a thousandth of their size. */
export function greyRows(width: number, rows: number): Buffer {
  return chunk('IDAT', deflateSync(Buffer.alloc((width + 1) * rows), { level: 9 }))
}

/** `png` with chunks put in before its first IDAT. */
export function withChunks(file: Buffer, ...chunks: Buffer[]): Buffer {
  const at = file.indexOf('IDAT', 0, 'latin1') - 4
  return Buffer.concat([file.subarray(0, at), ...chunks, file.subarray(at)])
}

/** A segment of a JPEG. */
export function segment(marker: number, data: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(data.length + 2, 2)
  return Buffer.concat([head, data])
}

/** `jpeg` with segments put in behind its first two bytes. */
export function withSegments(jpeg: Buffer, ...segments: Buffer[]): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)])
}

/** The same JPEG, saying of itself that it is of another size. */
export function claiming(jpeg: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(jpeg)
  const at = [0xc0, 0xc2]
    .map((marker) => changed.indexOf(Buffer.of(0xff, marker)))
    .filter((found) => found !== -1)
  const frame = Math.min(...at)
  changed.writeUInt16BE(height, frame + 5)
  changed.writeUInt16BE(width, frame + 7)
  return changed
}

/** A RIFF file, the outside of a WebP. */
export function riff(...chunks: readonly [string, Buffer][]): Buffer {
  const body = Buffer.concat(
    chunks.map(([type, data]) => {
      const size = Buffer.alloc(4)
      size.writeUInt32LE(data.length)
      const even = Buffer.alloc(data.length % 2)
      return Buffer.concat([Buffer.from(type, 'latin1'), size, data, even])
    }),
  )
  const size = Buffer.alloc(4)
  size.writeUInt32LE(body.length + 4)
  return Buffer.concat([Buffer.from('RIFF'), size, Buffer.from('WEBP'), body])
}

/** A canvas of a WebP with more than one part: its flags and size. */
export function webpCanvas(flags: number, width: number, height: number): [string, Buffer] {
  const data = Buffer.alloc(10)
  data.writeUInt32LE(flags, 0)
  data.writeUIntLE(width - 1, 4, 3)
  data.writeUIntLE(height - 1, 7, 3)
  return ['VP8X', data]
}

/**
 * A progressive JPEG whose last scan comes again and again: little to send, and every time all of the
 * picture is gone through. The whole file's entropy-coded scans are kept as they are.
 */
export function manyScans(progressive: Buffer, times: number): Buffer {
  const scans: number[] = []
  for (let at = progressive.indexOf(Buffer.of(0xff, 0xda)); at !== -1; ) {
    scans.push(at)
    at = progressive.indexOf(Buffer.of(0xff, 0xda), at + 2)
  }
  const last = progressive.subarray(scans.at(-1), progressive.length - 2)
  const repeated = Array.from({ length: times }, () => last)
  return Buffer.concat([
    progressive.subarray(0, progressive.length - 2),
    ...repeated,
    Buffer.of(0xff, 0xd9),
  ])
}
