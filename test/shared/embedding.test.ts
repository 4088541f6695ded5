import {
  decodeEmbedding,
  encodeEmbedding,
  norm,
  normalise,
  similarity,
} from '@vedette/shared/embedding'
import { ProtocolFault } from '@vedette/shared/errors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { thrownBy } from '../support/thrown.ts'

const LENGTH = 128
const unit = normalise(Float32Array.from({ length: LENGTH }, (_, i) => Math.cos(i * 1.7)))

function times(k: number, v: Float32Array): Float32Array {
  return v.map((x) => x * k)
}

function withComponent(value: number): Float32Array {
  const vector = Float32Array.from(unit)
  vector[77] = value
  return vector
}

describe('decodeEmbedding', () => {
  it('reads back what was encoded', () => {
    const read = decodeEmbedding(encodeEmbedding(unit), LENGTH)
    expect(read).toHaveLength(LENGTH)
    for (const [i, x] of read.entries()) expect(x).toBeCloseTo(unit[i]!, 6)
  })

  it('reads little-endian, four bytes a component', () => {
    expect(encodeEmbedding(Float32Array.of(1, -2))).toEqual(
      Uint8Array.of(0, 0, 128, 63, 0, 0, 0, 192),
    )
    expect(decodeEmbedding(Uint8Array.of(0, 0, 0, 0, 0, 0, 128, 63), 2)).toEqual(
      Float32Array.of(0, 1),
    )
  })

  it.each([0, 4, 511, 513, 508, 516, 1024])('refuses %i bytes for 128 components', (count) => {
    const error = thrownBy(() => decodeEmbedding(new Uint8Array(count), LENGTH), ProtocolFault)
    expect(error.code).toBe('embedding.wrong-length')
  })

  it.each([
    ['NaN', withComponent(Number.NaN), 'embedding.not-finite'],
    ['infinity', withComponent(Number.POSITIVE_INFINITY), 'embedding.not-finite'],
    ['minus infinity', withComponent(Number.NEGATIVE_INFINITY), 'embedding.not-finite'],
    ['the largest float', withComponent(3.4e38), 'embedding.not-unit'],
    ['nothing but zeros', new Float32Array(LENGTH), 'embedding.not-unit'],
    ['nothing but denormals', new Float32Array(LENGTH).fill(1e-45), 'embedding.not-unit'],
    ['norm a million', times(1e6, unit), 'embedding.not-unit'],
    ['norm 1.002', times(1.002, unit), 'embedding.not-unit'],
    ['norm 0.998', times(0.998, unit), 'embedding.not-unit'],
  ])('refuses a vector with %s', (_what, vector, code) => {
    const bytes = encodeEmbedding(vector)
    expect(thrownBy(() => decodeEmbedding(bytes, LENGTH), ProtocolFault).code).toBe(code)
  })

  it('never lets a scale inflate a score', () => {
    const component = fc.float({ min: -1, max: 1, noNaN: true })
    const vector = fc
      .array(component, { minLength: LENGTH, maxLength: LENGTH })
      .filter((values) => values.some((value) => Math.abs(value) > 0.01))
      .map((values) => normalise(Float32Array.from(values)))
    const scale = fc.double({ min: 0.9991, max: 1.0009, noNaN: true })
    const keepsScore = (x: Float32Array, y: Float32Array, k: number) => {
      const read = decodeEmbedding(encodeEmbedding(times(k, x)), LENGTH)
      expect(Math.abs(norm(read) - 1)).toBeLessThan(2e-7)
      expect(Math.abs(similarity(read, y) - similarity(x, y))).toBeLessThan(1e-6)
    }
    fc.assert(fc.property(vector, vector, scale, keepsScore), { seed: 7, numRuns: 300 })
  })

  it('keeps its own copy', () => {
    const bytes = encodeEmbedding(unit)
    const read = decodeEmbedding(bytes, LENGTH)
    const before = Float32Array.from(read)
    bytes.fill(0xff)
    expect(read).toEqual(before)
  })

  it('reads from any place in a buffer', () => {
    for (let offset = 0; offset < 8; offset++) {
      const buffer = Buffer.concat([Buffer.alloc(offset, 0xff), encodeEmbedding(unit)])
      const bytes = new Uint8Array(buffer.buffer, buffer.byteOffset + offset, LENGTH * 4)
      expect(decodeEmbedding(bytes, LENGTH)).toEqual(decodeEmbedding(encodeEmbedding(unit), LENGTH))
    }
  })
})

describe('similarity', () => {
  it('is 1 with itself, −1 with its opposite and 0 at a right angle', () => {
    expect(similarity(unit, unit)).toBeCloseTo(1, 6)
    expect(similarity(unit, times(-1, unit))).toBeCloseTo(-1, 6)
    expect(similarity(Float32Array.of(1, 0), Float32Array.of(0, 1))).toBe(0)
  })
})

describe('normalise', () => {
  it('keeps the direction and leaves its argument alone', () => {
    const given = Float32Array.of(3, 4)
    expect(normalise(given)).toEqual(Float32Array.of(3 / 5, 4 / 5))
    expect(given).toEqual(Float32Array.of(3, 4))
  })
})
