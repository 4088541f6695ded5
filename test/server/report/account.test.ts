import { accountOf } from '@vedette/server/report/account'
import { type Accounted, type Fate, figuresOf, shareOf } from '@vedette/server/report/figures'
import { accountPage } from '@vedette/server/report/page'
import { describe, expect, it } from 'vitest'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const noon = Date.UTC(2026, 10, 10, 12)
const alert = (fate: Fate, more: Partial<Accounted> = {}): Accounted => ({
  list: 'wanted',
  agent: 'gate',
  camera: 'north',
  alerts: 1,
  hour: noon,
  fate,
  late: false,
  retrospective: false,
  ...more,
})
const times = (count: number, fate: Fate) => Array.from({ length: count }, () => alert(fate))

describe('figures', () => {
  it('has the interval that Wilson gives for 8 of 10', () => {
    const { value, low, high } = shareOf(8, 10)
    expect(value).toBe(0.8)
    expect(low).toBeCloseTo(0.4902, 4)
    expect(high).toBeCloseTo(0.9433, 4)
  })

  it('is not certain of a share that was never otherwise', () => {
    expect(shareOf(5, 5).low).toBeCloseTo(0.5655, 4)
    expect(shareOf(5, 5).high).toBe(1)
    expect(shareOf(0, 5).low).toBeCloseTo(0)
  })

  it('takes precision of what was judged, and says the worst that the rest may hide', () => {
    const alerts = [...times(6, 'true'), ...times(2, 'false'), ...times(3, 'unjudged')]
    const figures = figuresOf(
      [...alerts, ...times(1, 'unresolved'), ...times(4, 'withdrawn')],
      2000,
    )
    expect(figures).toMatchObject({ alerts: 16, true: 6, false: 2, unjudged: 3, withdrawn: 4 })
    expect(figures.precision!.value).toBe(0.75)
    expect(figures.worstPrecision).toBe(0.5)
    expect(figures.falsePerThousand!.value).toBe(1)
    // Garwood's interval of 2 is 0.242 to 7.225.
    expect(figures.falsePerThousand!.low).toBeCloseTo(0.1211, 3)
    expect(figures.falsePerThousand!.high).toBeCloseTo(3.6123, 3)
  })

  it('says of nothing that it is not known', () => {
    const figures = figuresOf([], 0)
    expect(figures).toMatchObject({ precision: null, worstPrecision: null, falsePerThousand: null })
    expect(figuresOf([], 1000).falsePerThousand).toMatchObject({ value: 0, low: 0 })
    expect(figuresOf([], 1000).falsePerThousand!.high).toBeCloseTo(3.6889, 3)
  })
})

const used = (hour: number, camera: string, walks: number) => {
  return { hour, agent: 'gate', camera, walks, searches: 3 * walks, watchedMs: HOUR }
}
const period = {
  from: noon - DAY / 2,
  to: noon + 1.5 * DAY,
  madeAt: noon + 2 * DAY,
  by: 'ines',
  timeZone: 'UTC',
  usage: [used(noon, 'north', 30), used(noon, 'south/a', 5), used(noon + DAY, 'north', 70)],
  sizes: [
    { hour: noon, list: 'wanted', entries: 12 },
    { hour: noon + DAY, list: 'wanted', entries: 9 },
  ],
  lists: new Map([
    ['wanted', 10],
    ['missing', 2],
  ]),
  alerts: [alert('true'), alert('false', { hour: noon + DAY, late: true })],
}

describe('an account', () => {
  it('is by camera, by list and by day, and each sums up to the whole', () => {
    const { total, cameras, lists, days } = accountOf(period)
    expect(total).toMatchObject({
      walks: 105,
      searches: 315,
      watchedMs: 3 * HOUR,
      alerts: 2,
      late: 1,
    })
    expect(cameras).toMatchObject([
      { agent: 'gate', camera: 'north', walks: 100, true: 1, false: 1 },
      { agent: 'gate', camera: 'south/a', walks: 5, alerts: 0, precision: null },
    ])
    expect(lists).toMatchObject([
      { list: 'missing', fewest: null, most: null, now: 2, alerts: 0 },
      { list: 'wanted', fewest: 9, most: 12, now: 10, alerts: 2 },
    ])
    expect(days).toMatchObject([
      { day: '2026-11-10', walks: 35, true: 1, false: 0 },
      { day: '2026-11-11', walks: 70, true: 0, false: 1 },
    ])
  })

  it('counts a day by the clock of the place, through a change of the clock', () => {
    // In Berlin 25 October 2026 has 25 hours.
    const from = Date.parse('2026-10-24T22:00Z')
    const usage = [used(Date.parse('2026-10-25T22:00Z'), 'north', 1)]
    const { days } = accountOf({
      ...{ ...period, from, to: from + 25 * HOUR, usage, alerts: [] },
      timeZone: 'Europe/Berlin',
    })
    expect(days.map(({ day, walks }) => [day, walks])).toEqual([['2026-10-25', 1]])
  })

  it('is a page that fetches nothing, runs nothing and escapes what it is told', async () => {
    const by = '<script>alert(1)</script>'
    const page = await accountPage(accountOf({ ...period, by }))
    expect(page).not.toMatch(/<script|src=|href=|@import|url\((?!#)/)
    expect(page).toContain('&lt;script&gt;')
    expect(page.match(/<svg/g)).toHaveLength(3)
    expect(page).toMatch(/<b>105<\/b>/)
  })

  it('is a page where nothing was judged and nobody came', async () => {
    const page = await accountPage(accountOf({ ...period, usage: [], sizes: [], alerts: [] }))
    expect(page.match(/<svg/g)).toHaveLength(1)
    expect(page).toContain('<b>–</b>')
  })
})
