import process from 'node:process'
import { ProtocolFault } from '@vedette/shared/errors'
import { encodeMessage, parseFromAgent, parseFromServer } from '@vedette/shared/message'
import { scan } from '@vedette/shared/scan'
import fc from 'fast-check'
import { Packr, Unpackr } from 'msgpackr'
import { describe, expect, it } from 'vitest'
import { agentMessages, match, serverMessages } from '../support/shared-messages.ts'
import { encodeWide, fixstr, hex, nested, type Plain } from '../support/shared-msgpack.ts'
import { thrownBy } from '../support/thrown.ts'

const packr = new Packr({ useRecords: false, variableMapSize: true })
const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' })
const golden = [...agentMessages, ...serverMessages].map(encodeMessage)

describe('a hostile body', () => {
  it.each([
    ['50 bytes of nested array headers', hex('dd01ffffff'.repeat(10)), 'body.too-many-elements'],
    ['nested headers within the limit', hex('dd00001000'.repeat(10)), 'body.truncated'],
    ['nested map headers', hex('df00000020'.repeat(10)), 'body.truncated'],
    ['a megabyte of arrays in arrays', Buffer.alloc(1 << 20, 0x91), 'body.too-deep'],
    ['a quarter megabyte of maps in maps', hex('81a161'.repeat(87_381)), 'body.too-deep'],
  ] as const)('%s is refused within a millisecond and without allocation', (_what, body, code) => {
    const times: number[] = []
    const refuse = () => {
      const start = performance.now()
      const error = thrownBy(() => scan(body), ProtocolFault)
      times.push(performance.now() - start)
      return error.code
    }
    expect(refuse()).toBe(code)
    const before = process.memoryUsage.rss()
    for (let i = 0; i < 200; i++) refuse()
    expect(process.memoryUsage.rss() - before).toBeLessThan(32 << 20)
    expect(times.toSorted((a, b) => a - b)[100]).toBeLessThan(1)
  })

  it.each([
    ['a key given twice', hex('82 a161 01 a161 02'), { a: 2 }],
    ['NaN', hex('cb 7ff8000000000000'), Number.NaN],
    ['an integer that loses its last digit', hex('cf 0020000000000001'), 2 ** 53],
    ['a number as a key', hex('81 01 02'), { 1: 2 }],
    [
      'a renamed __proto__',
      Buffer.concat([hex('81'), fixstr('__proto__'), hex('01')]),
      { __proto_: 1 },
    ],
    ['invalid UTF-8', hex('a2 c328'), '\ufffd('],
    ['a timestamp', hex('d6 ff 00000001'), new Date(1000)],
  ])('is needed: the decoder alone makes a value of %s', (_what, body, value) => {
    expect(unpackr.unpack(body)).toEqual(value)
    thrownBy(() => scan(body), ProtocolFault)
  })

  it('is needed: the decoder alone accepts 0xC1 and any depth', () => {
    expect(unpackr.unpack(hex('c1'))).toBeDefined()
    expect(unpackr.unpack(nested(1000))).toHaveLength(1)
  })

  it('never throws anything but ProtocolFault, whatever the bytes', () => {
    const runs = { seed: 2, numRuns: 3000 }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), parsesOrFaults), runs)
  })

  it('never throws anything but ProtocolFault, however a message is damaged', () => {
    fc.assert(fc.property(damaged, parsesOrFaults), { seed: 3, numRuns: 20_000 })
  })
})

describe('scan and decoder', () => {
  it('agree: what is packed within the limits passes and comes back', () => {
    const comesBack = (value: Plain) => {
      const body = packr.pack(value)
      scan(body)
      expect(unpackr.unpack(body)).toEqual(value)
    }
    fc.assert(fc.property(plain, comesBack), { seed: 4, numRuns: 2000 })
  })

  it('agree: forms wider than need be mean the same', () => {
    const widths = fc.infiniteStream(fc.constantFrom(1 as const, 2 as const, 4 as const))
    const comesBack = (value: Plain, stream: Iterator<1 | 2 | 4>) => {
      const body = encodeWide(value, () => stream.next().value as 1 | 2 | 4)
      scan(body)
      expect(unpackr.unpack(body)).toEqual(value)
    }
    fc.assert(fc.property(plain, widths, comesBack), { seed: 5, numRuns: 1000 })
  })

  it('agree: every message with any one byte changed is refused, or decoded without an error', () => {
    const small = encodeMessage({ ...match, probe: new Uint8Array(4), chip: new Uint8Array(4) })
    const codes = new Set<string>()
    let decoded = 0
    for (const body of [...golden.filter(({ length }) => length < 300), small]) {
      for (let i = 0; i < body.length * 256; i++) {
        const changed = Buffer.from(body)
        changed[i >> 8] = i & 0xff
        try {
          scan(changed)
        } catch (error) {
          if (!(error instanceof ProtocolFault)) throw error
          codes.add(error.code)
          continue
        }
        unpackr.unpack(changed)
        decoded++
      }
    }
    expect(decoded).toBeGreaterThan(10_000)
    expect(codes.size).toBeGreaterThan(8)
  })
})

function parsesOrFaults(body: Uint8Array): void {
  for (const parse of [parseFromAgent, parseFromServer]) {
    try {
      parse(body)
    } catch (error) {
      if (!(error instanceof ProtocolFault)) throw error
    }
  }
  expect(Object.keys(Object.prototype)).toHaveLength(0)
}

/** What a fuzzer finds only after long: pieces that mean something to a decoder. */
const pieces = [
  ...['c1', 'c0', '80', '90', 'dd01ffffff', 'df01ffffff', 'db7fffffff', 'c6ffffffff'],
  ...['cb7ff8000000000000', 'cf8000000000000000', 'd6ff00000001', 'd40000', 'c1c1c1c1', 'a2c328'],
]
  .map(hex)
  .concat(['__proto__', 'constructor', 'toString', 'type', 'seq', '0'].map(fixstr))

/** A message with one to four bytes or pieces changed, put in, or cut out. */
const damaged = fc
  .tuple(
    fc.constantFrom(...golden),
    fc.array(
      fc.record({
        at: fc.nat(500),
        cut: fc.nat(3),
        piece: fc.oneof(fc.constantFrom(...pieces), fc.uint8Array({ maxLength: 2 })),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  )
  .map(([body, edits]) =>
    edits.reduce<Uint8Array>((bytes, { at, cut, piece }) => {
      const place = at % (bytes.length + 1)
      return Buffer.concat([bytes.subarray(0, place), piece, bytes.subarray(place + cut)])
    }, body),
  )

const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789']
const key = fc
  .tuple(fc.constantFrom(...letters.slice(0, 26)), fc.array(fc.constantFrom(...letters)))
  .map(([first, rest]) => [first, ...rest].join(''))
  .filter((name) => !(name in Object.prototype))

const leaf: fc.Arbitrary<Plain> = fc.oneof(
  fc.constantFrom(null, true, false),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  fc.string({ maxLength: 250, unit: 'binary' }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
)

const plain = fc.letrec<{ value: Plain }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 7, depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(key, tie('value'), { maxKeys: 10, noNullPrototype: true }),
  ),
})).value
