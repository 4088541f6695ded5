import { ProtocolFault } from '@vedette/shared/errors'
import { encodeMessage } from '@vedette/shared/message'
import { LIMITS, scan } from '@vedette/shared/scan'
import { describe, expect, it } from 'vitest'
import { agentMessages, serverMessages } from '../support/shared-messages.ts'
import { fixstr, headed, hex, nested } from '../support/shared-msgpack.ts'
import { thrownBy } from '../support/thrown.ts'

const golden = [...agentMessages, ...serverMessages].map(encodeMessage)

function codeOf(body: Uint8Array): string {
  return thrownBy(() => scan(body), ProtocolFault).code
}

const nils = (count: number) => Buffer.alloc(count, 0xc0)
const entries = (count: number) =>
  Array.from({ length: count }, (_, i) => Buffer.concat([fixstr(`k${i}`), nils(1)]))
const array = (count: number) => headed(0xdc, 2, count, nils(count))
const array32 = (count: number) => headed(0xdd, 4, count, nils(count))
const map = (count: number) => headed(0xde, 2, count, ...entries(count))
const map32 = (count: number) => headed(0xdf, 4, count, ...entries(count))
const string = (count: number) => headed(0xda, 2, count, Buffer.alloc(count, 'a'))
const string32 = (count: number) => headed(0xdb, 4, count, Buffer.alloc(count, 'a'))
const binary = (count: number) => headed(0xc6, 4, count, nils(count))
const maps = (depth: number) =>
  Buffer.concat([...Array.from({ length: depth - 1 }, () => hex('81 a161')), hex('80')])

describe('scan', () => {
  it('passes every message of the protocol', () => {
    for (const body of golden) scan(body)
  })

  it.each([
    ['arrays in arrays', nested, LIMITS.depth, 'body.too-deep'],
    ['maps in maps', maps, LIMITS.depth, 'body.too-deep'],
    ['elements of an array', array, LIMITS.arrayElements, 'body.too-many-elements'],
    ['elements of a 32-bit array', array32, LIMITS.arrayElements, 'body.too-many-elements'],
    ['keys of a map', map, LIMITS.mapKeys, 'body.too-many-elements'],
    ['keys of a 32-bit map', map32, LIMITS.mapKeys, 'body.too-many-elements'],
    ['bytes of a string', string, LIMITS.stringBytes, 'body.string-too-long'],
    ['bytes of a 32-bit string', string32, LIMITS.stringBytes, 'body.string-too-long'],
    ['bytes of a binary', binary, LIMITS.binaryBytes, 'body.binary-too-long'],
  ] as const)('bounds %s', (_what, build, limit, code) => {
    scan(build(limit))
    expect(codeOf(build(limit + 1))).toBe(code)
  })

  it('has the limits that the protocol names', () => {
    expect(LIMITS).toEqual({
      depth: 8,
      arrayElements: 4096,
      mapKeys: 32,
      stringBytes: 1024,
      binaryBytes: 65_536,
    })
  })

  it.each([
    ['array', 'dc 1001', 'body.too-many-elements'],
    ['32-bit array', 'dd ffffffff', 'body.too-many-elements'],
    ['map', 'de 0021', 'body.too-many-elements'],
    ['32-bit map', 'df ffffffff', 'body.too-many-elements'],
    ['string', 'da 0401', 'body.string-too-long'],
    ['32-bit string', 'db ffffffff', 'body.string-too-long'],
    ['binary', 'c6 00010001', 'body.binary-too-long'],
    ['32-bit binary', 'c6 ffffffff', 'body.binary-too-long'],
  ])('judges the length of a %s on its header alone', (_what, digits, code) => {
    expect(codeOf(hex(digits))).toBe(code)
  })

  it.each([
    ['an array within the limit', 'dc 1000 01'],
    ['a map within the limit', '8f a161 01'],
    ['a string', 'a5 6162'],
    ['a binary', 'c4 05 00'],
    ['a float', 'cb 3ff0'],
    ['an integer', 'ce 0000'],
    ['nothing at all', ''],
  ])('refuses %s that declares more than is there', (_what, digits) => {
    expect(codeOf(hex(digits))).toBe('body.truncated')
  })

  it.each([
    ['fixext 1', 'd4 01 00'],
    ['fixext 2', 'd5 01 0000'],
    ['fixext 4, a timestamp', 'd6 ff 00000001'],
    ['fixext 8', 'd7 ff 0000000000000001'],
    ['fixext 16', `d8 01 ${'00'.repeat(16)}`],
    ['ext 8', 'c7 01 05 00'],
    ['ext 16', 'c8 0001 05 00'],
    ['ext 32', 'c9 00000001 05 00'],
    ['ext 32 of four gigabytes', 'c9 ffffffff 05'],
  ])('refuses the extension type %s', (_what, digits) => {
    expect(codeOf(hex(digits))).toBe('body.extension')
  })

  it.each([
    ['0xC1', 'c1', 'body.reserved-byte'],
    ['0xC1 as a key', '81 c1 01', 'body.bad-key'],
    ['0xC1 as a value', '81 a161 c1', 'body.reserved-byte'],
    ['NaN in 32 bits', 'ca 7fc00000', 'body.not-finite'],
    ['infinity in 32 bits', 'ca 7f800000', 'body.not-finite'],
    ['minus infinity in 32 bits', 'ca ff800000', 'body.not-finite'],
    ['NaN in 64 bits', 'cb 7ff8000000000000', 'body.not-finite'],
    ['a signalling NaN', 'cb 7ff0000000000001', 'body.not-finite'],
    ['infinity in 64 bits', 'cb 7ff0000000000000', 'body.not-finite'],
    ['minus infinity in 64 bits', 'cb fff0000000000000', 'body.not-finite'],
    ['2^53', 'cf 0020000000000000', 'body.unsafe-integer'],
    ['2^64 − 1', 'cf ffffffffffffffff', 'body.unsafe-integer'],
    ['2^53, signed', 'd3 0020000000000000', 'body.unsafe-integer'],
    ['−2^53', 'd3 ffe0000000000000', 'body.unsafe-integer'],
    ['−2^63', 'd3 8000000000000000', 'body.unsafe-integer'],
  ])('refuses %s', (_what, digits, code) => {
    expect(codeOf(hex(digits))).toBe(code)
  })

  it.each([
    ['2^53 − 1', 'cf 001fffffffffffff'],
    ['2^53 − 1, signed', 'd3 001fffffffffffff'],
    ['1 − 2^53', 'd3 ffe0000000000001'],
    ['the largest double', 'cb 7fefffffffffffff'],
    ['the smallest denormal', 'cb 0000000000000001'],
    ['one, in eight bytes', 'cf 0000000000000001'],
    ['a short string with a long head', 'db 00000001 61'],
    ['a short array with a long head', 'dd 00000001 01'],
    ['nil', 'c0'],
  ])('accepts %s', (_what, digits) => {
    scan(hex(digits))
  })

  it.each([
    ['a lone continuation byte', 'a1 80'],
    ['a cut sequence', 'a1 c3'],
    ['an overlong slash', 'a2 c0af'],
    ['a surrogate', 'a3 eda080'],
    ['a point beyond U+10FFFF', 'a4 f4908080'],
    ['0xFF', 'a2 61ff'],
  ])('refuses %s as not UTF-8', (_what, digits) => {
    expect(codeOf(hex(digits))).toBe('body.not-utf8')
  })

  it.each([
    '__proto__',
    'constructor',
    'prototype.x',
    'toString',
    'valueOf',
    'hasOwnProperty',
    '0',
    '42',
    '-1',
    '',
    'Type',
    'a b',
    'ключ',
    'k'.repeat(31).concat('!'),
  ])('refuses the key "%s"', (key) => {
    const body = Buffer.concat([
      hex('81'),
      headed(0xd9, 1, Buffer.byteLength(key), Buffer.from(key)),
      hex('01'),
    ])
    expect(codeOf(body)).toBe('body.bad-key')
  })

  it.each([
    ['an integer', '81 01 02'],
    ['nil', '81 c0 02'],
    ['a binary', '81 c4 01 61 02'],
    ['a map', '81 80 02'],
    ['an array', '81 90 02'],
    ['a float', '81 cb 3ff0000000000000 02'],
    ['a string longer than any name', `81 d9 21 ${'61'.repeat(33)} 02`],
  ])('refuses %s as a key', (_what, digits) => {
    expect(codeOf(hex(digits))).toBe('body.bad-key')
  })

  it('refuses a key given twice, in whatever width', () => {
    expect(codeOf(hex('82 a161 01 a161 02'))).toBe('body.duplicate-key')
    expect(codeOf(hex('82 a161 01 d901 61 02'))).toBe('body.duplicate-key')
    expect(codeOf(hex('82 da0001 61 01 db00000001 61 01'))).toBe('body.duplicate-key')
    scan(hex('82 a161 81 a161 01 a162 81 a161 02'))
  })

  it('refuses bytes after the value', () => {
    expect(codeOf(hex('01 02'))).toBe('body.trailing-bytes')
    for (const body of golden)
      expect(codeOf(Buffer.concat([body, body]))).toBe('body.trailing-bytes')
  })

  it('refuses every message cut short anywhere', () => {
    for (const body of golden) {
      for (let cut = 0; cut < body.length; cut++) {
        if (codeOf(body.subarray(0, cut)) !== 'body.truncated') expect.fail(`cut at ${cut}`)
      }
    }
  })

  it('reads a body that stands at an odd place in its buffer', () => {
    for (const body of golden) {
      const shifted = Buffer.concat([hex('c1'), body]).subarray(1)
      scan(new Uint8Array(shifted.buffer, shifted.byteOffset, shifted.byteLength))
    }
  })
})
