import type { Candidate } from '@vedette/server/gallery/gallery'
import { judge } from '@vedette/server/matching/verdict'
import { describe, expect, it } from 'vitest'

const rules = {
  applies: ({ list }: Candidate) => list !== 'resting',
  threshold: ({ list }: Candidate) => (list === 'strict' ? 0.97 : 0.95),
  margin: 0.005,
  slack: 0.01,
}

const candidates = (...scores: [string, number, string?][]): Candidate[] =>
  scores.map(([entryId, score, list = 'wanted']) => ({
    entryId,
    score,
    list,
    templateId: `${entryId}-1`,
  }))

const found = (of: Candidate[], taken: string[] = [], chips = 1) =>
  judge(of, new Set(taken), chips, rules).map((finding) => [
    finding.candidate.entryId,
    finding.standing,
    finding.certain,
    finding.rival,
  ])

describe('what candidates amount to', () => {
  it('is nothing where there are none, or none is near enough', () => {
    expect(found([])).toEqual([])
    expect(found(candidates(['anna', 0.9499]))).toEqual([])
  })

  it('is the best one, by the threshold of its own list', () => {
    expect(found(candidates(['anna', 0.96], ['bert', 0.9]))).toEqual([
      ['anna', 'reached', false, null],
    ])
    expect(found(candidates(['anna', 0.96, 'strict'], ['bert', 0.9]))).toEqual([])
  })

  it('is certain with three chips, and not before', () => {
    expect(found(candidates(['anna', 0.96]), [], 2)).toEqual([['anna', 'reached', false, null]])
    expect(found(candidates(['anna', 0.96]), [], 3)).toEqual([['anna', 'reached', true, null]])
  })

  it('is nobody for certain where two are equals, however many chips', () => {
    expect(found(candidates(['anna', 0.96], ['bert', 0.956]), [], 9)).toEqual([
      ['anna', 'reached', false, 'bert'],
    ])
    expect(found(candidates(['anna', 0.96], ['bert', 0.954]), [], 9)).toEqual([
      ['anna', 'reached', true, null],
    ])
  })

  it('leaves the alert with whom it has of two equals', () => {
    expect(found(candidates(['anna', 0.96], ['bert', 0.958]), ['bert'])).toEqual([
      ['bert', 'reached', false, 'anna'],
    ])
  })

  it('holds, or falls, by how far it is below', () => {
    expect(found(candidates(['anna', 0.941]), ['anna'])).toEqual([['anna', 'held', false, null]])
    expect(found(candidates(['anna', 0.939]), ['anna'])).toEqual([['anna', 'fallen', false, null]])
  })

  it('falls where the walk is clearly somebody else on the list', () => {
    expect(found(candidates(['bert', 0.98], ['anna', 0.96]), ['anna'])).toEqual([
      ['bert', 'reached', false, null],
      ['anna', 'fallen', false, null],
    ])
  })
})

describe('whoever is not looked for here and now', () => {
  it('raises nothing, and keeps their face from being taken for somebody else', () => {
    expect(found(candidates(['anna', 0.97, 'resting'], ['bert', 0.96]))).toEqual([])
  })

  it('is in nobody’s way with a face that is not theirs', () => {
    expect(found(candidates(['bert', 0.96], ['anna', 0.9, 'resting']))).toEqual([
      ['bert', 'reached', false, null],
    ])
  })

  it('leaves an equal who is looked for undecided, whichever of them is ahead', () => {
    expect(found(candidates(['anna', 0.962, 'resting'], ['bert', 0.96]))).toEqual([
      ['bert', 'reached', false, 'anna'],
    ])
    expect(found(candidates(['bert', 0.962], ['anna', 0.96, 'resting']))).toEqual([
      ['bert', 'reached', false, 'anna'],
    ])
  })

  it('does not lift an equal over a threshold that the equal does not reach', () => {
    expect(found(candidates(['anna', 0.952, 'resting'], ['bert', 0.949]))).toEqual([])
    expect(found(candidates(['anna', 0.969, 'resting'], ['bert', 0.968, 'strict']))).toEqual([])
  })

  it('takes an alert back that a walk of theirs was mistaken for', () => {
    const seen = candidates(['anna', 0.98, 'resting'], ['bert', 0.96])
    expect(found(seen, ['bert'])).toEqual([['bert', 'fallen', false, null]])
  })

  it('goes on with an alert that was raised while they were looked for', () => {
    expect(found(candidates(['anna', 0.97, 'resting']), ['anna'])).toEqual([
      ['anna', 'reached', false, null],
    ])
  })
})
