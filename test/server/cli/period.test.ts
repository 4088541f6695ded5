import { expiryFrom } from '@vedette/server/cli/expiry'
import { beginning, end } from '@vedette/server/cli/period'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

beforeEach(() => void vi.useFakeTimers({ now: new Date(2026, 10, 21, 12), toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

it('takes a day from its beginning, and up to its end', () => {
  expect(beginning('2026-11-01')).toBe(new Date(2026, 10, 1).getTime())
  expect(end('2026-11-01')).toBe(new Date(2026, 10, 2).getTime())
  expect(end('2026-12-31')).toBe(new Date(2027, 0, 1).getTime())
})

it('takes a time as it is, and so long ago from now', () => {
  expect(beginning('2026-11-01T08:30:00Z')).toBe(Date.UTC(2026, 10, 1, 8, 30))
  expect(end('2026-11-01T08:30:00Z')).toBe(Date.UTC(2026, 10, 1, 8, 30))
  expect(beginning('12h')).toBe(new Date(2026, 10, 21).getTime())
  expect(Date.now() - beginning('90s')).toBe(90_000)
})

it('takes today and yesterday for the days that they are here', () => {
  expect(beginning('today')).toBe(new Date(2026, 10, 21).getTime())
  expect(beginning('yesterday')).toBe(new Date(2026, 10, 20).getTime())
  expect(end('yesterday')).toBe(beginning('today'))
})

it.each(['2026-02-30', '2026-13-01', 'tomorrow', '3', '2w', '', 'T'])('refuses %j', (text) => {
  expect(() => beginning(text)).toThrow('expected a day')
  expect(() => end(text)).toThrow('expected a day')
})

it('lets somebody stay to the last moment of a day that there is', () => {
  expect(expiryFrom('2027-01-31')).toBe(new Date(2027, 1, 1).getTime() - 1)
  expect(expiryFrom('30d')).toBe(Date.now() + 30 * 86_400_000)
  expect(() => expiryFrom('2027-02-30')).toThrow('expected how long')
})
