import { crc32, deflateRawSync } from 'node:zlib'

export type Packed = {
  name: string
  bytes: Uint8Array
  /** Said instead of what is so. */
  says?: { size?: number; flags?: number }
  /** Has the data of the file before it as its own. */
  shares?: true
}

const LOCAL = 30
const CENTRAL = 46
const END = 22

/** A ZIP of `files`, honest or not. Source: PKWARE APPNOTE 4.3. */
export function zipOf(files: readonly Packed[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  let at = 0
  for (const { name, bytes, says, shares } of files) {
    const packed = deflateRawSync(bytes)
    const path = Buffer.from(name)
    const about = Buffer.alloc(26)
    about.writeUInt16LE(20, 0)
    about.writeUInt16LE((says?.flags ?? 0) | 0x800, 2)
    about.writeUInt16LE(8, 4)
    about.writeUInt32LE(crc32(bytes), 10)
    about.writeUInt32LE(packed.length, 14)
    about.writeUInt32LE(says?.size ?? bytes.length, 18)
    about.writeUInt16LE(path.length, 22)
    if (!shares) {
      at = offset
      const head = Buffer.concat([Buffer.from('PK\x03\x04'), about, path])
      parts.push(head, packed)
      offset += LOCAL + path.length + packed.length
    }
    const tail = Buffer.alloc(CENTRAL - 6 - about.length)
    tail.writeUInt32LE(at, tail.length - 4)
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), about, tail, path)
  }
  const listed = Buffer.concat(directory)
  const end = Buffer.alloc(END)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(Math.min(files.length, 0xffff), 8)
  end.writeUInt16LE(Math.min(files.length, 0xffff), 10)
  end.writeUInt32LE(listed.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, listed, end])
}
