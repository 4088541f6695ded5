import { number, time } from '@vedette/server/thresholds/words'
import { describe, expect, it } from 'vitest'

describe('words for people', () => {
  it.each([
    [0, '0'],
    [0.004_567, '0.0046'],
    [0.98, '0.98'],
    [12.34, '12'],
    [99.96, '100'],
    [1234.5, '1,235'],
    [784_700, '784,700'],
  ])('say %d as %s', (value, words) => {
    expect(number(value)).toBe(words)
  })

  it.each([
    [90_000, '2 min'],
    [5_400_000, '1.5 h'],
    [8.64e7 * 9.3, '9.3 days'],
  ])('say %d milliseconds as %s', (ms, words) => {
    expect(time(ms)).toBe(words)
  })
})
