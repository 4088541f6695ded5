import { fold, isMeant } from '@vedette/server/entries/search'
import { NOTHING_SAID } from '@vedette/server/store/entry-rows'
import { describe, expect, it } from 'vitest'

const entry = {
  ...NOTHING_SAID,
  id: '019a-77',
  name: 'Łukasz Øster-Größe',
  aliases: ['El Niño', 'Ἀλέξανδρος'],
  caseNumber: 'AZ 12/2026',
  note: 'left-handed',
  list: 'wanted',
  state: 'live' as const,
  expiresAt: 1,
  photos: 1,
  createdAt: 0,
  createdBy: 'anna',
  strictness: 1,
}

describe('a search', () => {
  it.each([
    'łukasz',
    'lukasz oster',
    'GROSSE',
    'große',
    'Oster-Größe  Łukasz',
    'el nino',
    'NIÑO',
    'αλεξανδρος',
    'az 12/2026',
    '019a-77',
    '',
    '   ',
  ])('for %j finds who is called so, or whose case that is', (text) => {
    expect(isMeant(text)(entry)).toBe(true)
  })

  it.each(['lukas y', 'nina', 'az 13', 'left-handed', 'anna'])('for %j does not', (text) => {
    expect(isMeant(text)(entry)).toBe(false)
  })

  it('takes a letter written in two ways for one', () => {
    expect(fold('e\u0301')).toBe(fold('\u00e9'))
  })
})
