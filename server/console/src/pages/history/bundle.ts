const ENCODER = new TextEncoder()
const SIGNATURE = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50 }
/** Names are UTF-8. */
const FLAGS = 0x0800
const VERSION = 20

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1
  return value >>> 0
})

/**
 * One ZIP of `files`, by name, stored as they are: each can be taken out and stands by itself. Below 4 GiB.
 * Source: PKWARE APPNOTE 6.3.10.
 */
export function bundle(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): Blob {
  const parts: Uint8Array<ArrayBuffer>[] = []
  const central: Uint8Array<ArrayBuffer>[] = []
  let at = 0
  for (const [name, bytes] of files) {
    const label = ENCODER.encode(name)
    const common = [FLAGS, 0, 0, 0x21] as const
    const sizes = [crcOf(bytes), bytes.length, bytes.length] as const
    const local = record(
      30,
      [
        [SIGNATURE.local, 4],
        [VERSION, 2],
      ],
      common,
      sizes,
      [
        [label.length, 2],
        [0, 2],
      ],
    )
    central.push(
      record(
        46,
        [
          [SIGNATURE.central, 4],
          [VERSION, 2],
          [VERSION, 2],
        ],
        common,
        sizes,
        [[label.length, 2], ...Array.from({ length: 4 }, (): Field => [0, 2]), [0, 4], [at, 4]],
      ),
      label,
    )
    parts.push(local, label, bytes)
    at += local.length + label.length + bytes.length
  }
  const size = central.reduce((sum, part) => sum + part.length, 0)
  const end = fieldsOf(22, [
    [SIGNATURE.end, 4],
    [0, 2],
    [0, 2],
    [files.size, 2],
    [files.size, 2],
    [size, 4],
    [at, 4],
    [0, 2],
  ])
  return new Blob([...parts, ...central, end], { type: 'application/zip' })
}

/** A value and its width, bytes. */
type Field = readonly [number, 2 | 4]

/** A header: its beginning, flags, method, time and date, CRC and both sizes, its end. */
function record(
  size: number,
  begin: readonly Field[],
  common: readonly number[],
  sizes: readonly number[],
  end: readonly Field[],
): Uint8Array<ArrayBuffer> {
  const shorts = common.map((value): Field => [value, 2])
  const longs = sizes.map((value): Field => [value, 4])
  return fieldsOf(size, [...begin, ...shorts, ...longs, ...end])
}

function fieldsOf(size: number, fields: readonly Field[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(size))
  let at = 0
  for (const [value, width] of fields) {
    if (width === 2) view.setUint16(at, value, true)
    else view.setUint32(at, value, true)
    at += width
  }
  return new Uint8Array(view.buffer)
}

function crcOf(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}
