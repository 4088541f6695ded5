import { isUtf8 } from 'node:buffer'
import { ProtocolFault } from './errors.ts'

/** How large a received body may declare itself to be, judged before anything is allocated. */
export const LIMITS = {
  depth: 8,
  arrayElements: 4096,
  mapKeys: 32,
  stringBytes: 1024,
  binaryBytes: 64 * 1024,
} as const

const KEY = /^[a-z][A-Za-z0-9]{0,31}$/
const KEYS_OF_OBJECT_PROTOTYPE = new Set(Object.getOwnPropertyNames(Object.prototype))

/**
 * Reads the shape of one msgpack value without building it and throws ProtocolFault `body.*` where
 * it is hostile or ambiguous: declared sizes above the limits or the bytes at hand, depth,
 * extensions, 0xC1, NaN and infinities, integers beyond 2⁵³, invalid UTF-8, keys that are not plain
 * names, keys given twice, bytes after the value. A decoder may trust what passed.
 *
 * Format: https://github.com/msgpack/msgpack/blob/master/spec.md
 */
export function scan(body: Uint8Array): void {
  const end = new Scanner(body).value(0, 1)
  if (end !== body.length) {
    throw new ProtocolFault('body.trailing-bytes', `${body.length - end} bytes after the message`)
  }
}

class Scanner {
  readonly #bytes: Uint8Array
  readonly #view: DataView

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Checks the value that starts at `at` and returns the offset behind it. */
  value(at: number, depth: number): number {
    if (depth > LIMITS.depth) {
      throw new ProtocolFault('body.too-deep', `nesting deeper than ${LIMITS.depth}`)
    }
    this.#need(at, 1)
    const tag = this.#bytes[at]!
    if (tag <= 0x7f || tag >= 0xe0) return at + 1
    if (tag <= 0x8f) return this.#map(at + 1, tag & 0x0f, depth)
    if (tag <= 0x9f) return this.#array(at + 1, tag & 0x0f, depth)
    if (tag <= 0xbf) return this.#string(at + 1, tag & 0x1f)
    switch (tag) {
      case 0xc0:
      case 0xc2:
      case 0xc3:
        return at + 1
      case 0xc1:
        throw new ProtocolFault('body.reserved-byte', 'byte 0xC1 is never used')
      case 0xc4:
        return this.#binary(at + 2, this.#uint(at + 1, 1))
      case 0xc5:
        return this.#binary(at + 3, this.#uint(at + 1, 2))
      case 0xc6:
        return this.#binary(at + 5, this.#uint(at + 1, 4))
      case 0xca:
        return this.#float(at + 1, 4)
      case 0xcb:
        return this.#float(at + 1, 8)
      case 0xcc:
      case 0xd0:
        return this.#need(at + 1, 1)
      case 0xcd:
      case 0xd1:
        return this.#need(at + 1, 2)
      case 0xce:
      case 0xd2:
        return this.#need(at + 1, 4)
      case 0xcf:
        return this.#integer64(at + 1, false)
      case 0xd3:
        return this.#integer64(at + 1, true)
      case 0xd9:
        return this.#string(at + 2, this.#uint(at + 1, 1))
      case 0xda:
        return this.#string(at + 3, this.#uint(at + 1, 2))
      case 0xdb:
        return this.#string(at + 5, this.#uint(at + 1, 4))
      case 0xdc:
        return this.#array(at + 3, this.#uint(at + 1, 2), depth)
      case 0xdd:
        return this.#array(at + 5, this.#uint(at + 1, 4), depth)
      case 0xde:
        return this.#map(at + 3, this.#uint(at + 1, 2), depth)
      case 0xdf:
        return this.#map(at + 5, this.#uint(at + 1, 4), depth)
      default:
        throw new ProtocolFault('body.extension', 'extension types are not part of the protocol')
    }
  }

  /** Makes sure that `count` bytes stand at `at` and returns the offset behind them. */
  #need(at: number, count: number): number {
    if (at + count > this.#bytes.length) {
      throw new ProtocolFault('body.truncated', `${count} bytes declared, fewer there`)
    }
    return at + count
  }

  #uint(at: number, size: 1 | 2 | 4): number {
    this.#need(at, size)
    if (size === 1) return this.#view.getUint8(at)
    return size === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at)
  }

  #float(at: number, size: 4 | 8): number {
    const end = this.#need(at, size)
    const value = size === 4 ? this.#view.getFloat32(at) : this.#view.getFloat64(at)
    if (!Number.isFinite(value)) throw new ProtocolFault('body.not-finite', `a float is ${value}`)
    return end
  }

  #integer64(at: number, signed: boolean): number {
    const end = this.#need(at, 8)
    const value = signed ? this.#view.getBigInt64(at) : this.#view.getBigUint64(at)
    if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) {
      throw new ProtocolFault('body.unsafe-integer', 'an integer lies beyond 2^53')
    }
    return end
  }

  #binary(at: number, length: number): number {
    if (length > LIMITS.binaryBytes) {
      throw new ProtocolFault('body.binary-too-long', `binary of ${length} bytes`)
    }
    return this.#need(at, length)
  }

  #string(at: number, length: number): number {
    if (length > LIMITS.stringBytes) {
      throw new ProtocolFault('body.string-too-long', `string of ${length} bytes`)
    }
    const end = this.#need(at, length)
    for (let i = at; i < end; i++) {
      if (this.#bytes[i]! > 0x7f) {
        if (isUtf8(this.#bytes.subarray(at, end))) return end
        throw new ProtocolFault('body.not-utf8', 'a string is not UTF-8')
      }
    }
    return end
  }

  #array(at: number, count: number, depth: number): number {
    this.#elements(at, count, LIMITS.arrayElements)
    let next = at
    for (let i = 0; i < count; i++) next = this.value(next, depth + 1)
    return next
  }

  #map(at: number, count: number, depth: number): number {
    this.#elements(at, count * 2, LIMITS.mapKeys * 2)
    const seen = new Set<string>()
    let next = at
    for (let i = 0; i < count; i++) {
      next = this.#key(next, seen)
      next = this.value(next, depth + 1)
    }
    return next
  }

  /** A declared element costs at least one byte, so a count above the bytes at hand is a lie. */
  #elements(at: number, count: number, limit: number): void {
    if (count > limit) throw new ProtocolFault('body.too-many-elements', `${count} elements`)
    this.#need(at, count)
  }

  #key(at: number, seen: Set<string>): number {
    this.#need(at, 1)
    const tag = this.#bytes[at]!
    const isString = (tag >= 0xa0 && tag <= 0xbf) || (tag >= 0xd9 && tag <= 0xdb)
    if (!isString) throw new ProtocolFault('body.bad-key', 'a key is not a string')
    const end = this.value(at, 1)
    const head = tag <= 0xbf ? 1 : tag === 0xd9 ? 2 : tag === 0xda ? 3 : 5
    const key = String.fromCharCode(...this.#bytes.subarray(at + head, end))
    if (!KEY.test(key) || KEYS_OF_OBJECT_PROTOTYPE.has(key)) {
      throw new ProtocolFault('body.bad-key', 'a key is not a plain name')
    }
    if (seen.has(key)) throw new ProtocolFault('body.duplicate-key', `key ${key} given twice`)
    seen.add(key)
    return end
  }
}
