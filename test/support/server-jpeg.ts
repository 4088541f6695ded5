/** One segment of a JPEG: marker, length, content. Source: ITU-T T.81, annex B. */
export function segment(marker: number, content: Uint8Array): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(marker, 0)
  head.writeUInt16BE(content.length + 2, 2)
  return Buffer.concat([head, content])
}

/** A frame header with three components; `marker` C0 is baseline, C2 progressive. */
export function frameHeader(width: number, height: number, marker = 0xffc0): Buffer {
  const content = Buffer.from('080000000003012200021101031101', 'hex')
  content.writeUInt16BE(height, 1)
  content.writeUInt16BE(width, 3)
  return segment(marker, content)
}

export const JPEG_START = Buffer.from('ffd8', 'hex')

/** The least that says of itself that it is a JPEG of that size. */
export function jpegHeader(width: number, height: number): Buffer {
  const jfif = segment(0xffe0, Buffer.from('4a46494600010100000100010000', 'hex'))
  return Buffer.concat([JPEG_START, jfif, frameHeader(width, height), Buffer.from('ffd9', 'hex')])
}
