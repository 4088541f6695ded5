import { Matrix } from '@vedette/server/gallery/matrix'
import { MatrixMemory } from '@vedette/server/gallery/matrix-memory'
import { ByteProduct } from '@vedette/server/gallery/product-bytes'
import { FloatProduct } from '@vedette/server/gallery/product-floats'
import { type Embedding, normalise } from '@vedette/shared/embedding'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { seeded } from '../../support/agent-random.ts'
import {
  clustered,
  expectExact,
  plainScores,
  type Random,
  scattered,
  spike,
  type Truth,
} from '../../support/server-vectors.ts'

const K = 16
/** Numbers of probes; a matrix tries each product three times, so some have a matrix of their own. */
const PROBES = [
  [1, 2, 3, 4, 5, 8, 31, 32],
  [13, 30],
]
const SIZES = [0, 1, 3, 4, 5, 63, 64, 65, 4095, 4096, 8191, 8192, 8193, 20_000]

afterEach(() => vi.restoreAllMocks())

async function matrixOf(vectors: readonly Embedding[], length: number): Promise<Matrix> {
  const matrix = await Matrix.open(length)
  matrix.load(vectors)
  return matrix
}

/** Searches `times` times; tells how often each product multiplied. */
async function searchBoth(
  matrix: Matrix,
  probes: readonly Embedding[],
  truth: readonly Truth[],
  { k = K, times = 2 } = {},
) {
  const bytes = vi.spyOn(ByteProduct.prototype, 'multiply')
  const floats = vi.spyOn(FloatProduct.prototype, 'multiply')
  for (let i = 0; i < times; i++) {
    const answers = await matrix.search(probes, k)
    expect(answers).toHaveLength(probes.length)
    for (const [j, answer] of answers.entries()) expectExact(answer, truth[j]!, k)
  }
  return { bytes: bytes.mock.calls.length, floats: floats.mock.calls.length }
}

const truthOf = (rows: ReadonlyMap<number, Embedding>, probes: readonly Embedding[]) =>
  probes.map((probe) => plainScores(rows, probe))

const numbered = (vectors: readonly Embedding[]) => new Map(vectors.entries())

/** Vectors around one that is always the same, `spread` away from it. */
function cone(count: number, spread: number, random: Random): Embedding[] {
  const [centre] = scattered(1, 128, seeded(99))
  return scattered(count, 128, random).map((vector) =>
    normalise(vector.map((value, i) => centre![i]! + spread * value)),
  )
}

/** Near the rows, as a camera would see the same people; half of them strangers. */
function probesFor(rows: readonly Embedding[], count: number, length: number, random: Random) {
  const strangers = scattered(count, length, random)
  return strangers.map((stranger, i) => (i % 2 === 0 ? (rows[i * 7] ?? stranger) : stranger))
}

describe('a search of the matrix', () => {
  it.each(SIZES)(
    'finds in %i rows what a plain loop finds, for any number of probes',
    async (n) => {
      const random = seeded(n + 1)
      const vectors = clustered(n, 128, random)
      const probes = probesFor(vectors, 128, 128, random)
      const truth = truthOf(numbered(vectors), probes)
      for (const counts of PROBES) {
        const matrix = await matrixOf(vectors, 128)
        for (const count of counts) {
          const used = await searchBoth(matrix, probes.slice(0, count), truth)
          const worthBytes = n >= 4096 && count >= 8
          expect([used.bytes > 0, used.floats > 0]).toEqual([worthBytes, n > 0])
          vi.restoreAllMocks()
        }
      }
    },
  )

  it.each([128, 512])('finds in %i dimensions the best of rows on every side', async (length) => {
    const random = seeded(length)
    const vectors = scattered(5000, length, random)
    const probes = scattered(31, length, random)
    const rows = numbered(vectors)
    const matrix = await matrixOf(vectors, length)
    const used = await searchBoth(matrix, probes, truthOf(rows, probes), { times: 6 })
    expect(used).toEqual({ bytes: 3, floats: 3 })
  })

  it('finds rows whose every similarity is negative', async () => {
    const vectors = clustered(4100, 128, seeded(5))
    const probes = vectors.slice(0, 8).map((vector) => vector.map((value) => -value))
    const matrix = await matrixOf(vectors, 128)
    await searchBoth(matrix, probes, truthOf(numbered(vectors), probes))
    const [first] = await matrix.search(probes, 1)
    expect(first!.scores[0]).toBeLessThan(-0.5)
  })

  it.each([1, 8])('gives all rows, in order, when more are asked for: %i probes', async (count) => {
    const vectors = clustered(4500, 128, seeded(6))
    const matrix = await matrixOf(vectors, 128)
    const probes = vectors.slice(0, count)
    await searchBoth(matrix, probes, truthOf(numbered(vectors), probes), { k: 5000 })
  })

  it('finds rows put later that lie far outside what the bytes were fitted to', async () => {
    const random = seeded(7)
    const vectors = clustered(8190, 128, random)
    const matrix = await matrixOf(vectors, 128)
    const rows = numbered(vectors)
    const late = Array.from({ length: 64 }, (_, i) => spike(128, i * 2, i % 3 === 0 ? -1 : 1))
    for (const [i, vector] of late.entries()) {
      matrix.put(8190 + i, vector)
      rows.set(8190 + i, vector)
    }
    const probes = [...late.slice(0, 24), ...vectors.slice(0, 8)]
    const used = await searchBoth(matrix, probes, truthOf(rows, probes))
    expect(used.bytes).toBeGreaterThan(0)
    for (const [i, found] of (await matrix.search(late.slice(0, 32), 1)).entries()) {
      expect(found.rows[0]).toBe(8190 + i)
    }
  })

  it('finds in an empty matrix nothing, whatever is asked', async () => {
    const matrix = await matrixOf([], 128)
    const [found] = await matrix.search(scattered(1, 128, seeded(1)), K)
    expect(found).toEqual({ rows: new Int32Array(0), scores: new Float64Array(0) })
  })

  it('keeps up with rows that come, go and come again, as a sorted list would', async () => {
    const operation = fc.oneof(
      fc.record({ do: fc.constant('put' as const), row: fc.nat(300), seed: fc.nat(50) }),
      fc.record({ do: fc.constant('remove' as const), row: fc.nat(300) }),
      fc.record({
        do: fc.constant('search' as const),
        seed: fc.nat(50),
        k: fc.integer({ min: 1, max: 20 }),
      }),
    )
    const story = fc.tuple(
      fc.constantFrom(4, 8, 12, 128),
      fc.nat(70),
      fc.array(operation, { maxLength: 60 }),
    )
    await fc.assert(
      fc.asyncProperty(story, async ([length, loaded, operations]) => {
        const vector = (seed: number) => scattered(1, length, seeded(seed))[0]!
        const first = Array.from({ length: loaded }, (_, i) => vector(i))
        const matrix = await matrixOf(first, length)
        const rows = numbered(first)
        for (const step of operations) {
          if (step.do === 'put') {
            matrix.put(step.row, vector(step.seed))
            rows.set(step.row, vector(step.seed))
          } else if (step.do === 'remove') {
            matrix.remove(step.row)
            rows.delete(step.row)
          } else {
            const [found] = await matrix.search([vector(step.seed)], step.k)
            expectExact(found!, plainScores(rows, vector(step.seed)), step.k)
          }
          expect(matrix.size).toBe(rows.size)
        }
      }),
      { seed: 1, numRuns: 60 },
    )
  })
})

describe('a row that was removed', () => {
  it('is never found again, by either product', async () => {
    const vectors = clustered(4200, 128, seeded(8))
    const matrix = await matrixOf(vectors, 128)
    const rows = numbered(vectors)
    for (let row = 0; row < 4200; row += 3) {
      matrix.remove(row)
      rows.delete(row)
    }
    const probes = vectors.slice(0, 32)
    const used = await searchBoth(matrix, probes, truthOf(rows, probes))
    expect([used.bytes > 0, used.floats > 0]).toEqual([true, true])
    expect(matrix.size).toBe(2800)
  })

  it('may be put again, and is then found as what it is now', async () => {
    const vectors = clustered(4200, 128, seeded(9))
    const matrix = await matrixOf(vectors, 128)
    const rows = numbered(vectors)
    const fresh = spike(128, 3)
    for (const row of [0, 4199]) {
      matrix.remove(row)
      matrix.put(row, fresh)
      rows.set(row, fresh)
    }
    const probes = [fresh, ...vectors.slice(0, 9)]
    await searchBoth(matrix, probes, truthOf(rows, probes))
    const [found] = await matrix.search([fresh], 3)
    expect([...found!.rows.slice(0, 2)].sort()).toEqual([0, 4199])
  })

  it('leaves nothing of itself in memory: what it was makes no difference to a byte', async () => {
    const take = vi.spyOn(MatrixMemory.prototype, 'take')
    const others = clustered(70, 128, seeded(10))
    const afterRemoving = async (vector: Embedding) => {
      take.mockClear()
      const matrix = await matrixOf(others, 128)
      const memory = take.mock.contexts[0] as MatrixMemory
      const bytes = () => Buffer.from(memory.kernels.memory.buffer)
      matrix.put(33, vector)
      expect(bytes().includes(Buffer.from(vector.buffer, 0, 16))).toBe(true)
      matrix.remove(33)
      expect(bytes().includes(Buffer.from(vector.buffer, 0, 16))).toBe(false)
      return bytes()
    }
    const [one, other] = scattered(2, 128, seeded(11))
    const [left, right] = [await afterRemoving(one!), await afterRemoving(other!)]
    expect(left.equals(right)).toBe(true)
  })

  it('does not make the bytes less sure of the others', async () => {
    const vectors = cone(4200, 0.05, seeded(12))
    const probes = vectors.slice(0, 8)
    const floors = probes.map((probe) => plainScores(vectors.entries(), probe).ranked[K]!)
    const hits = async (removed: number) => {
      const memory = new MatrixMemory()
      const bytes = await ByteProduct.open(memory, 128)
      bytes.fit(vectors)
      bytes.grow()
      for (const [row, vector] of vectors.entries()) bytes.put(row, vector)
      for (let row = 0; row < removed; row++) bytes.wipe(row)
      bytes.begin(probes)
      for (const [probe, floor] of floors.entries()) bytes.floor(probe, floor)
      const found = memory.take(4 + 200 * 8 * 8)
      bytes.scan(await bytes.multiply(0, 4200), 4000, 4200, found, 200 * 8)
      return memory.integers(found, 1)[0]
    }
    expect(await hits(1)).toBe(await hits(0))
  })
})

describe('bytes that are multiplied', () => {
  /** The `early` rows, compared before all others, set the floors; each has a `late` one just above. */
  async function expectLateFound(early: Embedding[], late: Embedding[], probes: Embedding[]) {
    const others = scattered(2100, 128, seeded(15)).map(signs)
    const rest = [...others, ...others.map(negative)]
    const vectors = [...early, ...rest, ...late]
    const matrix = await matrixOf(vectors, 128)
    const truth = truthOf(numbered(vectors), probes)
    const used = await searchBoth(matrix, probes, truth, { k: 1 })
    expect(used.bytes).toBeGreaterThan(0)
    const found = (await matrix.search(probes, 1)).map(({ rows }) => rows[0])
    const first = early.length + rest.length
    expect(found).toEqual(probes.map((_, i) => first + i))
  }

  const signs = (vector: Embedding) => normalise(vector.map(Math.sign))
  const negative = (vector: Embedding) => vector.map((value) => -value)

  it('lose no row by what a row loses when it is written as bytes', async () => {
    const probes = scattered(32, 128, seeded(16)).map(signs) // bytes hold them exactly
    const noise = scattered(32, 128, seeded(17))
    const early = probes.map((probe, i) => normalise(probe.map((x, k) => x + noise[i]![k]! / 2)))
    const late = early.map((row, i) => normalise(row.map((x, k) => x + probes[i]![k]! / 2000)))
    await expectLateFound(early, late, probes)
  })

  it('lose no row by what a probe loses when it is written as bytes', async () => {
    const probes = scattered(32, 128, seeded(18))
    const late = probes.map(signs) // bytes hold them exactly, as they are as often one way as the other
    const early = probes.map((probe, i) => {
      const least = probe.reduce((at, x, k) => (Math.abs(x) < Math.abs(probe[at]!) ? k : at), 0)
      return late[i]!.with(least, -late[i]![least]!)
    })
    await expectLateFound(
      [...early, ...early.map(negative)],
      [...late, ...late.map(negative)],
      probes,
    )
  })

  it('lose no row that came later and is cut to what the bytes were fitted to', async () => {
    const [random, away] = [seeded(18), spike(128, 5)]
    const vectors = cone(4200, 0.02, random)
    const matrix = await matrixOf(vectors, 128)
    const rows = numbered(vectors)
    const late = (row: number, share: number) => {
      const vector = normalise(vectors[row]!.map((value, i) => value + share * away[i]!))
      matrix.put(row, vector)
      rows.set(row, vector)
    }
    for (let row = 0; row < 64; row++) late(row, 0.8) // these set the floors …
    for (let row = 4000; row < 4064; row++) late(row, 1) // … and these are better
    const probes = vectors.slice(100, 108).map((v) => normalise(v.map((x, i) => x + away[i]!)))
    const used = await searchBoth(matrix, probes, truthOf(rows, probes))
    expect(used.bytes).toBeGreaterThan(0)
    for (const { rows: found } of await matrix.search(probes, K)) {
      expect(found.every((row) => row >= 4000 && row < 4064)).toBe(true)
    }
  })

  it('never make two products too large for 16 bits, where some processors add them', async () => {
    const memory = new MatrixMemory()
    const codes = memory.take(0)
    const bytes = await ByteProduct.open(memory, 128)
    bytes.fit(scattered(10, 128, seeded(13)))
    bytes.begin([spike(128, 0), spike(128, 1, -1), ...scattered(6, 128, seeded(14))])
    const largest = memory
      .signedBytes(codes, 128 * 8)
      .reduce((most, code) => Math.max(most, Math.abs(code)), 0)
    expect(2 * 255 * largest).toBeLessThan(2 ** 15)
  })
})
