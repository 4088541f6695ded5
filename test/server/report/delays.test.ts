import { delayOf, delaysOf } from '@vedette/server/report/delays'
import { watchedOf } from '@vedette/server/report/watched'
import { expect, it } from 'vitest'

const HOUR = 3_600_000

it('gives delays that there were, at their ranks', () => {
  const delays = Array.from({ length: 100 }, (_, i) => 100 - i)
  expect(delayOf(delays)).toEqual({ count: 100, p50: 50, p90: 90, p99: 99, longest: 100 })
  expect(delayOf([7])).toEqual({ count: 1, p50: 7, p90: 7, p99: 7, longest: 7 })
  expect(delayOf([])).toBeNull()
})

it('holds what was late against nobody, and counts it', () => {
  const alert = { capturedAt: 0, receivedAt: 40, raisedAt: 100, past: false }
  const open = { acknowledgedAt: null, resolvedAt: null }
  const delays = delaysOf([
    { ...alert, acknowledgedAt: 600, resolvedAt: 1100 },
    { ...alert, ...open, capturedAt: -9_000_000, past: true },
    // Resolved without having been taken: that is when somebody took notice.
    { ...alert, acknowledgedAt: null, resolvedAt: 300 },
  ])
  expect(delays).toMatchObject({ past: 1, unacknowledged: 1, unresolved: 1 })
  expect(delays.alert).toMatchObject({ count: 2, p50: 100, longest: 100 })
  expect(delays.arrival?.p50).toBe(40)
  expect(delays.judging?.p50).toBe(60)
  expect(delays.acknowledged).toMatchObject({ p50: 200, longest: 500 })
  expect(delays.resolved).toMatchObject({ count: 2, longest: 1000 })
})

it('says for how long a camera could not be relied upon, and why, of the time it knows of', () => {
  const place = { agent: 'gate-7', camera: 'north', kept: false }
  const periods = [
    { ...place, why: 'well', begin: 2 * HOUR, end: 5 * HOUR },
    { ...place, why: 'blind', begin: 5 * HOUR, end: 6 * HOUR },
    { ...place, why: 'slow', begin: 8 * HOUR, end: 20 * HOUR },
  ]
  const [watched] = watchedOf({ from: 0, to: 10 * HOUR, periods, cameras: [] })
  expect(watched).toEqual({
    ...{ agent: 'gate-7', camera: 'north', canary: null },
    known: 8 * HOUR,
    well: 5 * HOUR,
    blind: { blind: HOUR, 'server-away': 2 * HOUR },
  })
})
