import type { Likeness } from '@vedette/server/evaluate/album-thread'
import { peopleOf, searchLists } from '@vedette/server/evaluate/search-lists'
import { normalise } from '@vedette/shared/embedding'
import { Refusal } from '@vedette/shared/errors'
import { describe, expect, it } from 'vitest'
import { thrownBy } from '../../support/thrown.ts'

const LENGTH = 32

/** A point near axis `person`, a little off it towards axis `towards`. */
function near(person: number, towards: number, share: number): Float32Array {
  const point = new Float32Array(LENGTH)
  point[person] = 1
  point[towards]! += share
  return normalise(point)
}

function likeness(person: number, towards = 31, share = 0.1): Likeness {
  const at = near(person, towards, share)
  return { template: at, far: undefined, probe: at, quality: 1, eyeDistance: 50, yaw: 0 }
}

describe('peopleOf', () => {
  it('takes folders for people', () => {
    const people = peopleOf(['b/1.jpg', 'a/2.jpg', 'loose.jpg', 'a/1.jpg', 'team/c/1.jpg'])
    expect([...people]).toEqual([
      ['a', ['a/1.jpg', 'a/2.jpg']],
      ['b', ['b/1.jpg']],
      ['team/c', ['team/c/1.jpg']],
    ])
  })

  it('refuses pictures that lie about', () => {
    expect(thrownBy(() => peopleOf(['1.jpg', '2.jpg']), Refusal).code).toBe('evaluate.too-few')
  })
})

describe('searchLists', () => {
  const files = ['a/1', 'a/2', 'b/1', 'b/2', 'c/1', 'd/1'].map((name) => `${name}.jpg`)
  const people = peopleOf(files)
  const once = { templates: 1, most: Number.POSITIVE_INFINITY }

  it('finds who is on the list and flags no stranger, where faces are as different as can be', () => {
    const album = new Map(files.map((file) => [file, likeness('abcd'.indexOf(file[0]!))]))
    const [list, ...more] = searchLists(album, people, once)
    expect(more).toEqual([])
    expect(list).toMatchObject({ size: 2, templates: 1, draws: 1, mated: 2, nonMated: 2, rank1: 1 })
    for (const { fnir } of list!.rates) expect(fnir).toBe(0)
  })

  it('counts a stranger who looks like somebody, and somebody who looks like another', () => {
    const album = new Map(files.map((file) => [file, likeness('abcd'.indexOf(file[0]!))]))
    album.set('c/1.jpg', likeness(0, 31, 0.05)) // as near to a as a's own second picture
    album.set('b/2.jpg', likeness(0, 1, 0.8)) // b, photographed like a
    const [list] = searchLists(album, people, once)
    expect(list!.rank1).toBe(0.5)
    expect(list!.rates.map(({ fpir, fnir }) => [fpir, fnir])).toEqual([
      [0.003, 0.5],
      [0.01, 0.5],
      [0.1, 0.5],
    ])
    const [strict] = list!.curve
    expect([strict!.fpir, strict!.fnir]).toEqual([0, 1])
  })

  it('counts failures: no template is a miss, no probe is a miss, a faceless stranger is no alarm', () => {
    const album = new Map<string, Likeness>(
      files.map((file) => [file, likeness('abcd'.indexOf(file[0]!))]),
    )
    album.set('a/1.jpg', { failure: 'photo.no-face' })
    album.set('b/2.jpg', { failure: 'photo.no-face' })
    album.set('c/1.jpg', { failure: 'photo.no-face' })
    const [list] = searchLists(album, people, once)
    expect(list).toMatchObject({ mated: 2, nonMated: 2, failures: 3, rank1: 0 })
    for (const { fnir } of list!.rates) expect(fnir).toBe(1)
  })

  it('enrols as many photographs as it is told, of those who have more, and no longer list', () => {
    const many = Array.from({ length: 30 }, (_, n) => n).flatMap((n) =>
      [1, 2, 3].map((i) => `p${n}/${i}.jpg`),
    )
    const all = peopleOf([...many, 's/1.jpg'])
    const album = new Map([...many, 's/1.jpg'].map((file, i) => [file, likeness(i % 30)] as const))
    const sizes = (templates: number, most: number) =>
      searchLists(album, all, { templates, most }).map(({ size, draws }) => [size, draws])
    expect(sizes(2, Number.POSITIVE_INFINITY)).toEqual([
      [10, 5],
      [20, 5],
      [30, 1],
    ])
    expect(sizes(1, 15)).toEqual([
      [10, 5],
      [15, 5],
    ])
    expect(sizes(3, 100)).toEqual([])
  })
})
