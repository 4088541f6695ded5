import { adviseOn, type Troubles } from '@vedette/server/health/advice'
import { describe, expect, it } from 'vitest'

const levels = { stranger: 0.912, threshold: 0.95 }
const well: Troubles = {
  list: 'wanted',
  entryId: 'e1',
  name: 'Anna',
  photos: 3,
  strictness: 1,
  confirmed: 4,
  withdrawn: 0,
  judgedTrue: 0,
  judgedFalse: 0,
  nearMisses: 2,
  lookAlike: { entryId: 'e2', name: 'Bert', score: 0.93 },
  agreement: [0.97, 0.96, 0.98],
  blame: [0, 0, 0],
}

describe('what to do about an entry', () => {
  it('is nothing where there is no trouble', () => {
    expect(adviseOn(well, levels)).toEqual([])
  })

  it.each<[string, Partial<Troubles>, string, RegExp]>([
    [
      'a photograph of somebody else',
      { agreement: [0.97, 0.9, 0.96] },
      'remove-photo',
      /^vedette entries remove-photo e1 2$/,
    ],
    [
      'a photograph that most false alerts came by',
      { judgedFalse: 3, withdrawn: 1, confirmed: 9, blame: [0, 1, 3] },
      'remove-photo',
      /remove-photo e1 3$/,
    ],
    [
      'somebody on the list who looks the same',
      { lookAlike: { entryId: 'e2', name: 'Bert', score: 0.951 } },
      'duplicate',
      /entries show e2$/,
    ],
    [
      'more false alerts than true ones',
      { judgedFalse: 2, confirmed: 1, strictness: 10 },
      'tighten',
      /tighten e1 --factor 100$/,
    ],
    [
      'one photograph, always near and never sure',
      { photos: 1, agreement: [null], blame: [0], confirmed: 0, nearMisses: 5 },
      're-photograph',
      /enroll .* --name "Anna"$/,
    ],
  ])('with %s', (_what, troubles, kind, command) => {
    const [advice, ...more] = adviseOn({ ...well, ...troubles }, levels)
    expect([advice?.kind, more]).toEqual([kind, []])
    expect(advice?.command).toMatch(command)
    expect(advice?.words.length).toBeGreaterThan(10)
  })

  it.each<[string, Partial<Troubles>]>([
    ['one false alert', { judgedFalse: 1, confirmed: 0, blame: [1, 0, 0] }],
    [
      'false alerts by several photographs, and more true ones',
      { judgedFalse: 2, blame: [1, 1, 0] },
    ],
    ['near misses of somebody who is found, too', { photos: 1, nearMisses: 50, blame: [0] }],
    ['a single photograph without trouble', { photos: 1, agreement: [null], blame: [0] }],
  ])('is nothing for %s', (_what, troubles) => {
    expect(adviseOn({ ...well, ...troubles }, levels)).toEqual([])
  })
})
