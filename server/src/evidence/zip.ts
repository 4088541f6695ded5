import { crc32 } from 'node:zlib'

/*
 * A ZIP file that any program opens, and that has one form only: parts stored as they are, one after
 * the other, no dates, nothing in between. Whatever is changed of it gives another file.
 *
 *   for each part    local header: Offset 0 "PK\3\4", 4 version, 6 flags, 8 method, 10 time, 12 date,
 *                    14 CRC-32, 18 size, 22 size, 26 length of name, 28 length of extra, 30 name; bytes
 *   for each part    central header: Offset 0 "PK\1\2", 4 version by, 6 … 32 as from 4 on above,
 *                    32 … 42 comment, disk, attributes, 42 offset of the local header, 46 name
 *   once             end: Offset 0 "PK\5\6", 8 and 10 parts, 12 size, 16 offset of the central headers
 *
 * Source: APPNOTE.TXT 6.3.10, PKWARE. Numbers are little-endian.
 */

export type Parts = ReadonlyMap<string, Uint8Array>

const [LOCAL, CENTRAL, END] = [0x04034b50, 0x02014b50, 0x06054b50]
const [LOCAL_BYTES, CENTRAL_BYTES, END_BYTES] = [30, 46, 22]
const VERSION = 20
/** Names are UTF-8. */
const FLAGS = 0x0800
/** 1 January 1980, the first day there is. */
const DATE = 0x0021

/** The file of `parts`, in their order. */
export function zipOf(parts: Parts): Buffer {
  const [locals, centrals]: [Buffer[], Buffer[]] = [[], []]
  let offset = 0
  for (const [name, bytes] of parts) {
    const path = Buffer.from(name)
    const common = commonOf(path, bytes)
    const local = Buffer.alloc(LOCAL_BYTES)
    local.writeUInt32LE(LOCAL, 0)
    common.copy(local, 4)
    const central = Buffer.alloc(CENTRAL_BYTES)
    central.writeUInt32LE(CENTRAL, 0)
    central.writeUInt16LE(VERSION, 4)
    common.copy(central, 6)
    central.writeUInt32LE(offset, 42)
    locals.push(local, path, Buffer.from(bytes))
    centrals.push(central, path)
    offset += LOCAL_BYTES + path.length + bytes.length
  }
  const directory = Buffer.concat(centrals)
  const end = Buffer.alloc(END_BYTES)
  end.writeUInt32LE(END, 0)
  end.writeUInt16LE(parts.size, 8)
  end.writeUInt16LE(parts.size, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, directory, end])
}

/**
 * The parts of `file`, as far as they can be made out, and whether it has the one form that it may
 * have; undefined where nothing can be.
 */
export function unzip(file: Buffer): { parts: Parts; whole: boolean } | undefined {
  const end = file.length - END_BYTES
  if (end < 0 || file.readUInt32LE(end) !== END) return undefined
  const count = file.readUInt16LE(end + 10)
  const parts = new Map<string, Uint8Array>()
  let at = file.readUInt32LE(end + 16)
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_BYTES > end || file.readUInt32LE(at) !== CENTRAL) return undefined
    const [size, nameBytes] = [file.readUInt32LE(at + 24), file.readUInt16LE(at + 28)]
    const name = file.toString('utf8', at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes)
    const from = file.readUInt32LE(at + 42) + LOCAL_BYTES + nameBytes
    if (from + size > end || parts.has(name)) return undefined
    parts.set(name, file.subarray(from, from + size))
    at += CENTRAL_BYTES + nameBytes
  }
  return { parts, whole: zipOf(parts).equals(file) }
}

/** What a local and a central header share. */
function commonOf(path: Buffer, bytes: Uint8Array): Buffer {
  const common = Buffer.alloc(26)
  common.writeUInt16LE(VERSION, 0)
  common.writeUInt16LE(FLAGS, 2)
  common.writeUInt16LE(DATE, 8)
  common.writeUInt32LE(crc32(bytes), 10)
  common.writeUInt32LE(bytes.length, 14)
  common.writeUInt32LE(bytes.length, 18)
  common.writeUInt16LE(path.length, 22)
  return common
}
