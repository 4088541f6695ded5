import { rowsOf, vectorsOf } from '@vedette/server/gallery/centre'
import { centreOf, norm, similarity } from '@vedette/shared/embedding'
import { describe, expect, it } from 'vitest'
import { seeded } from '../../support/agent-random.ts'
import { clustered } from '../../support/server-vectors.ts'

const vectors = clustered(4, 128, seeded(1), { size: 4, spread: 0.3 })
const template = (entryId: string, i: number) => ({
  id: `${entryId}-${i}`,
  entryId,
  list: 'wanted',
  vector: vectors[i]!,
})

describe('centreOf', () => {
  it('lies between those that it is of', () => {
    const centre = centreOf(vectors)
    expect(norm(centre)).toBeCloseTo(1, 5)
    const among = vectors.map((vector) => similarity(vector, vectors[0]!)).slice(1)
    for (const vector of vectors) {
      expect(similarity(centre, vector)).toBeGreaterThan(Math.max(...among))
    }
    expect(centreOf([vectors[2]!])).toEqual(vectors[2])
  })
})

describe('rowsOf', () => {
  it('adds one for each entry of several, under the template nearest to it', () => {
    const given = [
      template('anna', 0),
      template('bert', 3),
      template('anna', 1),
      template('anna', 2),
    ]
    const all = rowsOf(given)
    expect(all.slice(0, 4)).toEqual(given)
    const [centre, ...more] = all.slice(4)
    expect([centre!.entryId, more]).toEqual(['anna', []])
    expect(centre!.vector).toEqual(centreOf([vectors[0]!, vectors[1]!, vectors[2]!]))
    const nearest = given
      .filter(({ entryId }) => entryId === 'anna')
      .toSorted(
        (p, q) => similarity(q.vector, centre!.vector) - similarity(p.vector, centre!.vector),
      )
    expect(centre!.id).toBe(nearest[0]!.id)
  })

  it('adds faces seen from afar, and their centre apart from that of the others', () => {
    const given = [
      { ...template('anna', 0), far: vectors[3]! },
      { ...template('anna', 1), far: vectors[2]! },
      template('bert', 2),
    ]
    const rows = rowsOf(given)
    expect(rows.map(({ entryId }) => entryId)).toEqual([
      'anna',
      'anna',
      'bert',
      ...Array(4).fill('anna'),
    ])
    expect(rows.some((row) => 'far' in row)).toBe(false)
    expect(rows[3]!.vector).toEqual(centreOf([vectors[0]!, vectors[1]!]))
    expect(rows.slice(4, 6).map(({ vector }) => vector)).toEqual([vectors[3], vectors[2]])
    expect(rows[6]!.vector).toEqual(centreOf([vectors[3]!, vectors[2]!]))
    expect(vectorsOf(given.slice(0, 2))).toHaveLength(6)
  })
})
