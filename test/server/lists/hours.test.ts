import { holds } from '@vedette/server/lists/hours'
import type { Hours, Span, Weekday } from '@vedette/server/lists/list'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const ALL: Weekday[] = [1, 2, 3, 4, 5, 6, 7]
const berlin = (days: Weekday[], from: string, to: string): Hours => ({
  zone: 'Europe/Berlin',
  spans: [{ days, from, to }],
})
const at = (text: string) => Date.parse(text)

describe('hours of a day', () => {
  it.each<[string, boolean]>([
    ['2026-11-20T07:59:59+01:00', false],
    ['2026-11-20T08:00:00+01:00', true],
    ['2026-11-20T17:59:59.999+01:00', true],
    ['2026-11-20T18:00:00+01:00', false],
    ['2026-11-21T12:00:00+01:00', false],
    ['2026-07-17T07:59:59+02:00', false],
    ['2026-07-17T08:00:00+02:00', true],
  ])('of a Friday from 8 to 18: at %s %s', (text, expected) => {
    expect(holds(berlin([5], '08:00', '18:00'), at(text))).toBe(expected)
  })
})

describe('hours across midnight', () => {
  it.each<[string, boolean]>([
    ['2026-11-20T21:59:00+01:00', false],
    ['2026-11-20T22:00:00+01:00', true],
    ['2026-11-21T05:59:59+01:00', true],
    ['2026-11-21T06:00:00+01:00', false],
    ['2026-11-20T03:00:00+01:00', false],
    ['2026-11-21T22:00:00+01:00', false],
  ])('of a Friday from 22 to 6: at %s %s', (text, expected) => {
    expect(holds(berlin([5], '22:00', '06:00'), at(text))).toBe(expected)
  })

  it('of a Sunday end on Monday', () => {
    expect(holds(berlin([7], '22:00', '06:00'), at('2026-11-23T05:00:00+01:00'))).toBe(true)
    expect(holds(berlin([1], '22:00', '06:00'), at('2026-11-23T05:00:00+01:00'))).toBe(false)
  })

  it('from one time until the same are a whole day', () => {
    expect(holds(berlin([5], '06:00', '06:00'), at('2026-11-21T05:59:00+01:00'))).toBe(true)
    expect(holds(berlin([5], '06:00', '06:00'), at('2026-11-21T06:00:00+01:00'))).toBe(false)
    expect(holds(berlin([5], '00:00', '24:00'), at('2026-11-20T23:59:59+01:00'))).toBe(true)
    expect(holds(berlin([5], '00:00', '24:00'), at('2026-11-21T00:00:00+01:00'))).toBe(false)
  })
})

describe('when clocks are changed', () => {
  it('an hour that comes twice holds twice', () => {
    const hours = berlin(ALL, '02:30', '02:45')
    expect(holds(hours, at('2026-10-25T02:30:00+02:00'))).toBe(true)
    expect(holds(hours, at('2026-10-25T02:30:00+01:00'))).toBe(true)
    expect(holds(hours, at('2026-10-25T02:50:00+02:00'))).toBe(false)
  })

  it('an hour that is skipped does not come, and what goes on beyond it does', () => {
    const skipped = Array.from({ length: 24 * 60 }, (_, minute) =>
      holds(berlin(ALL, '02:15', '02:45'), at('2026-03-29T00:00:00+01:00') + minute * 60_000),
    )
    expect(skipped).not.toContain(true)
    expect(holds(berlin(ALL, '02:30', '04:00'), at('2026-03-29T03:00:00+02:00'))).toBe(true)
  })
})

/** The same, by another way: every minute of a week is written out as its zone shows it. */
function shown(zone: string, time: number): string {
  const options = { timeZone: zone, weekday: 'short', hour12: false } as const
  const clock = new Intl.DateTimeFormat('en-US', { ...options, hour: '2-digit', minute: '2-digit' })
  return clock.format(time).replace('24:', '00:')
}

function expectedAt(zone: string, { days, from, to }: Span, time: number): boolean {
  const names = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
  const [name = '', wall = ''] = shown(zone, time).split(/,? /)
  const day = names.indexOf(name) + 1
  const yesterday = day === 1 ? 7 : day - 1
  const begun = days.includes(day as Weekday) && wall >= from
  if (from < to) return begun && wall < to
  return begun || (days.includes(yesterday as Weekday) && wall < to)
}

describe('at any time, in any zone', () => {
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map((two) => two.map((part) => String(part).padStart(2, '0')).join(':'))
  const span = fc.record({
    days: fc.uniqueArray(fc.constantFrom(...ALL), { minLength: 1 }),
    from: time,
    to: time,
  })
  const zones = [
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'UTC',
  ]
  // Around the changes of 2026 in all of these.
  const moments = [
    '2026-03-08T07:00:00Z',
    '2026-03-29T01:00:00Z',
    '2026-04-04T15:00:00Z',
    '2026-10-03T15:30:00Z',
    '2026-10-25T01:00:00Z',
    '2026-11-01T06:00:00Z',
  ].map(at)

  it('holds what the clock on the wall says', () => {
    const near = fc
      .tuple(fc.constantFrom(...moments), fc.integer({ min: -3000, max: 3000 }))
      .map(([moment, minutes]) => moment + minutes * 60_000)
    fc.assert(
      fc.property(fc.constantFrom(...zones), span, near, (zone, one, moment) => {
        expect(holds({ zone, spans: [one] }, moment)).toBe(expectedAt(zone, one, moment))
      }),
      { numRuns: 2000, seed: 27 },
    )
  })

  it('of several spans one is enough', () => {
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 5 }), (spans) => {
        for (const moment of moments) {
          const apart = spans.some((one) => holds({ zone: 'Europe/Berlin', spans: [one] }, moment))
          expect(holds({ zone: 'Europe/Berlin', spans }, moment)).toBe(apart)
        }
      }),
      { numRuns: 100, seed: 27 },
    )
  })
})
