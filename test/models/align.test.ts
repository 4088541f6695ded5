import { align } from '@vedette/models/align'
import { apply, type Point, type Similarity, scaleOf } from '@vedette/models/geometry'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { similarityOf } from '../support/models-geometry.ts'
import { meanFace } from '../support/models-mean-face.ts'

const SIZE = 150
/** The mean face where it comes to lie in a chip. */
const inChip = meanFace.map(({ x, y }) => ({ x: 25 + 100 * x, y: 25 + 100 * y }))

const moved = (points: readonly Point[], similarity: Similarity) =>
  points.map((point) => apply(similarity, point))

function close(found: Similarity, expected: Similarity): void {
  expect(found.a).toBeCloseTo(expected.a, 8)
  expect(found.b).toBeCloseTo(expected.b, 8)
  expect(found.tx).toBeCloseTo(expected.tx, 5)
  expect(found.ty).toBeCloseTo(expected.ty, 5)
}

describe('align', () => {
  it('leaves the mean face where it lies', () => {
    const { toPicture, residual } = align(inChip, SIZE)
    close(toPicture, { a: 1, b: 0, tx: 0, ty: 0 })
    expect(residual).toBeLessThan(1e-9)
  })

  it('undoes any turn, size and place, and leaves nothing', () => {
    const undoes = (similarity: Similarity) => {
      const { toPicture, residual } = align(moved(inChip, similarity), SIZE)
      close(toPicture, similarity)
      expect(residual).toBeLessThan(1e-9)
    }
    fc.assert(fc.property(similarityOf(), undoes), { seed: 11, numRuns: 300 })
  })

  it('makes a chip of another size of the same face', () => {
    const { toPicture, residual } = align(inChip, 112)
    expect(scaleOf(toPicture)).toBeCloseTo(150 / 112, 8)
    expect(residual).toBeLessThan(1e-9)
  })

  it('does not follow jaw, brows and lower lip', () => {
    const talking = inChip.map(({ x, y }, i) =>
      i < 27 || (i >= 55 && i < 60) || i >= 65 ? { x: x + 7, y: y + 11 } : { x, y },
    )
    expect(align(talking, SIZE)).toEqual(align(inChip, SIZE))
  })

  it('measures how little a set of landmarks is a face, whatever its size', () => {
    const bent = inChip.map(({ x, y }, i) => ({ x: x + 3 * Math.sin(i * 2.3), y }))
    const { residual } = align(bent, SIZE)
    expect(residual).toBeGreaterThan(0.005)
    const large = moved(bent, { a: 6, b: 8, tx: 100, ty: -50 })
    expect(align(large, SIZE).residual).toBeCloseTo(residual, 9)
  })
})
