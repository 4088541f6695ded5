import { isQuiet, type QuietHours, quietHours } from '@vedette/server/channels/hours'
import { expect, it } from 'vitest'

const night: QuietHours = {
  zone: 'Europe/Berlin',
  spans: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '22:00', to: '06:00' }],
  urgent: 1,
}
const at = (text: string) => Date.parse(text)

it.each<[string, boolean]>([
  ['2026-11-20T21:59:59+01:00', false],
  ['2026-11-20T22:00:00+01:00', true],
  ['2026-11-21T05:59:59+01:00', true],
  ['2026-11-21T06:00:00+01:00', false],
  // Clocks are put back in this night, and on in that one.
  ['2026-10-25T02:30:00+02:00', true],
  ['2026-10-25T02:30:00+01:00', true],
  ['2026-10-25T06:00:00+01:00', false],
  ['2026-03-29T05:59:00+02:00', true],
  ['2026-03-29T06:00:00+02:00', false],
])('the night is quiet for what can wait, at %s: %s', (text, quiet) => {
  expect(isQuiet(night, 2, at(text))).toBe(quiet)
})

it('what is urgent enough is told at any hour, and what has no priority waits', () => {
  const midnight = at('2026-11-21T00:00:00+01:00')
  expect([1, 2, 5, undefined].map((priority) => isQuiet(night, priority, midnight))).toEqual([
    false,
    true,
    true,
    true,
  ])
  expect(isQuiet({ ...night, urgent: null }, 1, midnight)).toBe(true)
  expect(isQuiet({ ...night, urgent: 5 }, undefined, midnight)).toBe(false)
  expect(isQuiet(null, 5, midnight)).toBe(false)
})

it('what is no zone or no priority is refused', () => {
  expect(quietHours.parse({ zone: night.zone, spans: night.spans })).toEqual({
    ...night,
    urgent: null,
  })
  expect(quietHours.safeParse({ ...night, zone: 'Europe/Atlantis' }).success).toBe(false)
  expect(quietHours.safeParse({ ...night, urgent: 6 }).success).toBe(false)
})
