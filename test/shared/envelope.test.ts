import { EnvelopeReader, encodeEnvelope } from '@vedette/shared/envelope'
import { ProtocolFault } from '@vedette/shared/errors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { thrownBy } from '../support/thrown.ts'

const bodies = [Buffer.from('a'), Buffer.alloc(4096, 7), Buffer.from('third body')]
const stream = Buffer.concat(bodies.map((body) => encodeEnvelope(body)))

function readAll(chunks: Iterable<Uint8Array>, limit?: number): Buffer[] {
  const reader = new EnvelopeReader(limit)
  const read: Buffer[] = []
  for (const chunk of chunks) for (const body of reader.push(chunk)) read.push(Buffer.from(body))
  reader.finish()
  return read
}

function same(read: Buffer[], expected: Buffer[]): boolean {
  return read.length === expected.length && read.every((body, i) => body.equals(expected[i]!))
}

describe('EnvelopeReader', () => {
  it('reads the same bodies from every cut of the stream in two', () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      const read = readAll([stream.subarray(0, cut), stream.subarray(cut)])
      if (!same(read, bodies)) expect.fail(`cut at ${cut}`)
    }
  })

  it('reads the same bodies byte by byte and from random cuts', () => {
    expect(readAll([...stream].map((byte) => Uint8Array.of(byte)))).toEqual(bodies)
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 20 }), (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), stream.length]
        const chunks = edges.slice(1).map((edge, i) => stream.subarray(edges[i], edge))
        expect(same(readAll(chunks), bodies)).toBe(true)
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  it.each([
    [0, 'envelope.empty'],
    [4097, 'envelope.too-large'],
    [2 ** 31, 'envelope.too-large'],
    [2 ** 32 - 1, 'envelope.too-large'],
  ])('refuses a declared length of %i before any of the body arrives', (length, code) => {
    const header = Buffer.alloc(4)
    header.writeUInt32BE(length)
    expect(thrownBy(() => readAll([header]), ProtocolFault).code).toBe(code)
  })

  it('takes longer bodies once the limit is lifted', () => {
    const reader = new EnvelopeReader()
    const long = encodeEnvelope(Buffer.alloc(5000))
    expect(() => [...reader.push(long)]).toThrow(ProtocolFault)
    expect(readAll([long], 5000)).toHaveLength(1)
  })

  it('says that a stream ended inside an envelope', () => {
    for (const cut of [1, 4, 9, 10]) {
      const error = thrownBy(() => readAll([stream.subarray(0, cut)]), ProtocolFault)
      expect(error.code).toBe('envelope.truncated')
    }
  })
})
