import { kinshipOf } from '@vedette/server/gallery/kinship'
import { describe, expect, it } from 'vitest'
import { vectorLike } from '../../support/server-matching.ts'

const LEVEL = 0.9
const me = new Float32Array(128).fill(128 ** -0.5)
const like = (seed: number) => vectorLike(me, 0.97, seed)
const stranger = (seed: number) => vectorLike(me, 0.5, seed)

describe('photographs of one enrolment', () => {
  it('are of one person where they hang together', () => {
    expect(kinshipOf([like(1), like(2), like(3)], LEVEL).odd).toEqual([])
    expect(kinshipOf([like(1)], LEVEL)).toEqual({ odd: [], agreement: [null] })
  })

  it('hang together through one another, too', () => {
    const between = vectorLike(me, 0.93, 4)
    expect(kinshipOf([me, between, vectorLike(between, 0.93, 5)], LEVEL).odd).toEqual([])
  })

  it('name the one that is of somebody else', () => {
    const { odd, agreement } = kinshipOf([like(1), stranger(9), like(2)], LEVEL)
    expect(odd).toEqual([2])
    expect(agreement[1]).toBeLessThan(0.7)
    expect(agreement[0]).toBeGreaterThan(LEVEL)
  })

  it('are all odd where nobody can say who is meant', () => {
    expect(kinshipOf([me, stranger(1)], LEVEL).odd).toEqual([1, 2])
    const other = stranger(3)
    const pairs = [like(1), like(2), other, vectorLike(other, 0.97, 6)]
    expect(kinshipOf(pairs, LEVEL).odd).toEqual([1, 2, 3, 4])
  })
})
