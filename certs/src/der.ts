import { IntegrityFault } from '@vedette/shared/errors'

/*
 * As much of the Distinguished Encoding Rules (X.690, clause 10) as a certificate revocation list
 * is written in.
 *
 *   Offset  Size       Field
 *   0       1          tag, always a low one here
 *   1       1 to 4     length: below 128 itself, else 0x80 + n and n bytes big-endian
 *   …       length     content
 */

export const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  context0: 0xa0,
} as const

/** One element; `whole` is its header and its content. */
export type Element = { tag: number; content: Buffer; whole: Buffer }

const YEAR_OF_GENERALIZED_TIME = 2050

/** An element of these contents, one after the other. */
export function element(tag: number, ...contents: Uint8Array[]): Buffer {
  const length = contents.reduce((sum, { byteLength }) => sum + byteLength, 0)
  return Buffer.concat([header(tag, length), ...contents])
}

/** A non-negative INTEGER from hexadecimal digits. */
export function integer(hex: string): Buffer {
  const digits = hex.replace(/^(?:00)+(?=..)/, '').padStart(Math.ceil(hex.length / 2) * 2, '0')
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex')
  return element(TAG.integer, ...(bytes[0]! > 0x7f ? [Buffer.of(0), bytes] : [bytes]))
}

/** A Time of RFC 5280, section 5.1.2.4, of whole seconds. */
export function time(epochMs: number): Buffer {
  const digits = new Date(epochMs).toISOString().slice(0, 19).replace(/[-:T]/g, '')
  if (Number(digits.slice(0, 4)) < YEAR_OF_GENERALIZED_TIME) {
    return element(TAG.utcTime, Buffer.from(`${digits.slice(2)}Z`, 'latin1'))
  }
  return element(TAG.generalizedTime, Buffer.from(`${digits}Z`, 'latin1'))
}

/** The elements of `bytes`, which hold nothing else. Throws IntegrityFault `crl.unreadable`. */
export function* elements(bytes: Buffer): Generator<Element> {
  let at = 0
  while (at < bytes.length) {
    const first = bytes[at + 1] ?? 0x80
    const size = first < 0x80 ? 0 : first - 0x80
    if (first === 0x80 || size > 3 || at + 2 + size > bytes.length) throw unreadable('length')
    const start = at + 2 + size
    const length = size === 0 ? first : bytes.readUIntBE(at + 2, size)
    if (start + length > bytes.length) throw unreadable('length')
    const end = start + length
    yield { tag: bytes[at]!, content: bytes.subarray(start, end), whole: bytes.subarray(at, end) }
    at = end
  }
}

/** The contents of `found` as an unsigned number in hexadecimal digits. */
export function readInteger(found: Element | undefined): string {
  const { content } = expect(found, TAG.integer)
  if (content.length === 0 || content[0]! > 0x7f) throw unreadable('integer')
  return content.subarray(content.length > 1 && content[0] === 0 ? 1 : 0).toString('hex')
}

/** Epoch milliseconds. */
export function readTime(found: Element | undefined): number {
  const text = found?.content.toString('latin1') ?? ''
  const century = Number(text.slice(0, 2)) < 50 ? '20' : '19'
  const digits = found?.tag === TAG.utcTime ? century + text : text
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits) ?? []
  const [year, month, day, ...clock] = parts
  const at = Date.parse(`${year}-${month}-${day}T${clock.join(':')}Z`)
  const isTime = found?.tag === TAG.utcTime || found?.tag === TAG.generalizedTime
  if (!isTime || Number.isNaN(at)) throw unreadable('time')
  return at
}

/** `found`, which must have `tag`. Throws IntegrityFault `crl.unreadable`. */
export function expect(found: Element | undefined, tag: number): Element {
  if (found === undefined || found.tag !== tag) throw unreadable(`tag ${found?.tag ?? 'missing'}`)
  return found
}

export function unreadable(what: string, cause?: unknown): IntegrityFault {
  return new IntegrityFault('crl.unreadable', `not a revocation list: ${what}`, { cause })
}

function header(tag: number, length: number): Buffer {
  if (length < 0x80) return Buffer.of(tag, length)
  const size = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3
  const bytes = Buffer.alloc(2 + size)
  bytes[0] = tag
  bytes[1] = 0x80 + size
  bytes.writeUIntBE(length, 2, size)
  return bytes
}
