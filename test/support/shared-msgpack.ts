/*
 * msgpack written by hand, so that what a decoder is shown does not depend on an encoder's manners.
 * Format: https://github.com/msgpack/msgpack/blob/master/spec.md
 */

export type Plain =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | Plain[]
  | { [key: string]: Plain }

/** The bytes written as hexadecimal digits; blanks are for the reader. */
export function hex(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(' ', ''), 'hex')
}

/** A tag, a count of `size` bytes, and what follows. */
export function headed(
  tag: number,
  size: 1 | 2 | 4,
  count: number,
  ...items: Uint8Array[]
): Buffer {
  const head = Buffer.alloc(1 + size, tag)
  head.writeUIntBE(count, 1, size)
  return Buffer.concat([head, ...items])
}

/** A value inside arrays of one, `depth` levels with itself. */
export function nested(depth: number, value = hex('01')): Buffer {
  return Buffer.concat([Buffer.alloc(depth - 1, 0x91), value])
}

/** A short string. */
export function fixstr(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Uint8Array.of(0xa0 | bytes.length), bytes])
}

/**
 * Encodes `value` with counts wider than need be: `width` says of each value how wide, so that the
 * forms the encoder of the protocol never picks are read too.
 */
export function encodeWide(value: Plain, width: () => 1 | 2 | 4): Buffer {
  if (value === null) return hex('c0')
  if (typeof value === 'boolean') return hex(value ? 'c3' : 'c2')
  if (typeof value === 'number') return encodeNumber(value)
  if (typeof value === 'string') {
    const bytes = Buffer.from(value)
    return sized({ 1: 0xd9, 2: 0xda, 4: 0xdb }, width(), bytes.length, bytes)
  }
  if (value instanceof Uint8Array) {
    return sized({ 1: 0xc4, 2: 0xc5, 4: 0xc6 }, width(), value.length, value)
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => encodeWide(item, width))
    return sized({ 1: 0xdc, 2: 0xdc, 4: 0xdd }, wide(width()), value.length, ...items)
  }
  const entries = Object.entries(value)
  const items = entries.flatMap(([key, item]) => [fixstr(key), encodeWide(item, width)])
  return sized({ 1: 0xde, 2: 0xde, 4: 0xdf }, wide(width()), entries.length, ...items)
}

function sized(
  tags: Record<1 | 2 | 4, number>,
  width: 1 | 2 | 4,
  count: number,
  ...items: Uint8Array[]
): Buffer {
  const size = width === 1 && count > 0xff ? 2 : width
  return headed(tags[size], size, count, ...items)
}

function wide(width: 1 | 2 | 4): 2 | 4 {
  return width === 1 ? 2 : width
}

function encodeNumber(value: number): Buffer {
  const bytes = Buffer.alloc(9)
  if (Number.isSafeInteger(value)) {
    bytes[0] = value < 0 ? 0xd3 : 0xcf
    bytes.writeBigInt64BE(BigInt(value), 1)
  } else {
    bytes[0] = 0xcb
    bytes.writeDoubleBE(value, 1)
  }
  return bytes
}
