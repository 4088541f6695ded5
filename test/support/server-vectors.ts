import type { Found } from '@vedette/server/gallery/matrix'
import { type Embedding, normalise, similarity } from '@vedette/shared/embedding'
import { expect } from 'vitest'

/** What two sums of the same float32 products may differ by: below it rows count as equals. */
const FLOAT32 = 1e-6

export type Random = () => number

/** Vectors in every direction: half of all similarities are negative. */
export function scattered(count: number, length: number, random: Random): Embedding[] {
  return Array.from({ length: count }, () =>
    normalise(Float32Array.from({ length }, () => bell(random))),
  )
}

/**
 * Vectors as an embedder of faces makes them: all in one cone, and `size` of each person so alike
 * that bytes cannot tell them apart.
 */
export function clustered(
  count: number,
  length: number,
  random: Random,
  { size = 20, spread = 0.002 } = {},
): Embedding[] {
  const [cone] = scattered(1, length, random)
  const near = (centre: Embedding, by: number) =>
    normalise(centre.map((value) => value + (by * bell(random)) / Math.sqrt(length)))
  const people = Array.from({ length: Math.ceil(count / size) }, () => near(cone!, 0.5))
  return Array.from({ length: count }, (_, i) => near(people[Math.floor(i / size)]!, spread))
}

/** One component and hardly anything else: further out than any row that is not like it. */
export function spike(length: number, at: number, sign = 1): Embedding {
  return normalise(new Float32Array(length).fill(0.01).fill(sign, at, at + 1))
}

/** A number that is about as often so far from 0 as the normal distribution says. */
function bell(random: Random): number {
  let sum = -6
  for (let i = 0; i < 12; i++) sum += random()
  return sum
}

/** Similarities of one probe to every row, in double precision: by row, and best first. */
export type Truth = { ofRow: ReadonlyMap<number, number>; ranked: Float64Array }

export function plainScores(rows: Iterable<[number, Embedding]>, probe: Embedding): Truth {
  const ofRow = new Map<number, number>()
  for (const [row, vector] of rows) ofRow.set(row, similarity(vector, probe))
  return { ofRow, ranked: Float64Array.from(ofRow.values()).sort().reverse() }
}

/**
 * Checks an answer against the plain loop: every row given has the score it must have, best first,
 * none twice, and no row left out is better than one given by more than float32 can tell.
 */
export function expectExact(found: Found, { ofRow, ranked }: Truth, k: number): void {
  expect(found.rows).toHaveLength(Math.min(k, ranked.length))
  expect(new Set(found.rows).size).toBe(found.rows.length)
  for (const [i, row] of found.rows.entries()) {
    const score = found.scores[i]!
    if (score !== ofRow.get(row)) expect.fail(`row ${row} has ${ofRow.get(row)}, not ${score}`)
    if (i > 0 && score > found.scores[i - 1]!) expect.fail(`${i} is better than the one before`)
    if (score < ranked[i]! - FLOAT32) expect.fail(`number ${i} is ${score}, not ${ranked[i]}`)
  }
}
