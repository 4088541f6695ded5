import { WEEK_MS } from '@vedette/server/thresholds/budget'
import { Refusal, Unavailable } from '@vedette/shared/errors'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HAND } from '../../support/server-store.ts'
import { FLOOR, NORTH, TestThresholds } from '../../support/server-thresholds.ts'
import { rejectionOf } from '../../support/thrown.ts'

const SOUTH = { ...NORTH, camera: 'south' }
const SERVER = { scope: 'server', target: '' } as const
const CAMERA = { scope: 'camera', target: 'gate-7/north' } as const
const LIST = { scope: 'list', target: 'wanted' } as const
const at = (id = NORTH) => ({ ...id, list: 'wanted' })

let test: TestThresholds

beforeEach(async () => {
  test = await TestThresholds.open()
})

afterEach(async () => {
  vi.restoreAllMocks()
  await test[Symbol.asyncDispose]()
})

describe('thresholds', () => {
  it('are the published ones for each camera, until it has seen enough strangers', async () => {
    const before = test.thresholds.for(at())
    expect(before).toMatchObject({ threshold: test.thresholds.usual, origin: 'published' })
    await test.pass(400)
    expect(test.thresholds.for(at())).toEqual(before)
    await test.pass(1200)
    expect(test.thresholds.for(at()).origin).toBe('measured')
    expect(test.thresholds.for(at(SOUTH))).toEqual(before)
    expect(test.thresholds.measured).toBe(1)
  })

  it('follow the length of the list at once, and what was learned within a minute', async () => {
    await test.pass(1500)
    const { threshold } = test.thresholds.for(at())
    test.entries = 300
    expect(test.thresholds.for(at()).threshold).toBeGreaterThan(threshold)
    test.entries = 100
    expect(test.thresholds.for(at()).threshold).toBe(threshold)
    test.thresholds.watching([NORTH], 52 * WEEK_MS)
    expect(test.thresholds.for(at()).threshold).toBe(threshold)
    test.clock.advance(60_000)
    expect(test.thresholds.for(at()).threshold).toBeLessThan(threshold)
  })

  it('are the floor on a short list', async () => {
    test.entries = 1
    expect(test.thresholds.for(at())).toMatchObject({ threshold: FLOOR, origin: 'floor' })
  })

  it('are explained with what operators judged, and keep it when the server starts again', async () => {
    await test.pass(100)
    for (const outcome of ['true', 'true', 'false', 'unresolved'] as const) {
      test.thresholds.alerted(NORTH)
      test.thresholds.judged(NORTH, outcome, 0.97)
    }
    const [report] = await test.thresholds.explain(NORTH)
    expect(report!.evidence).toMatchObject({ judgedTrue: 2, judgedFalse: 1, doubtful: 1 })
    expect(report!.why).toContain('3 alerts were judged: 2 true, 1 false.')
  })

  it('rise when operators say "not him", and fall when they take that back', async () => {
    await test.pass(1500)
    const { threshold } = test.thresholds.for(at())
    for (let i = 0; i < 10; i++) {
      test.thresholds.alerted(NORTH)
      test.thresholds.judged(NORTH, 'false', threshold + 0.01)
    }
    await test.thresholds.flush()
    const risen = test.thresholds.for(at()).threshold
    expect(risen).toBeGreaterThan(threshold + 0.001)
    for (let i = 0; i < 10; i++) test.thresholds.unjudged(NORTH, 'false', threshold + 0.01)
    await test.thresholds.flush()
    expect(test.thresholds.for(at()).threshold).toBeLessThan(risen)
  })

  it('survive a restart, of one embedding space each', async () => {
    await test.pass(1500)
    const { threshold } = test.thresholds.for(at())
    await test.start()
    expect(test.thresholds.for(at())).toMatchObject({ threshold, origin: 'measured' })
    await test.start({ space: 'another' })
    expect(test.thresholds.for(at()).origin).toBe('published')
    await test.start()
    expect(test.thresholds.for(at())).toMatchObject({ threshold, origin: 'measured' })
  })

  it('keep what could not be saved, say so, and save it later', async () => {
    await test.pass(10)
    test.thresholds.walk(NORTH, 0.5, 100)
    const save = vi.spyOn(test.stored.store.thresholds, 'saveImpostors')
    save.mockRejectedValueOnce(new Unavailable('store.full', 'full'))
    await test.thresholds.flush()
    expect(test.book.of('thresholds.unsaved')).toMatchObject([{ code: 'store.full' }])
    await test.start()
    expect((await test.thresholds.reports())[0]?.seen.walks).toBe(11)
  })

  it('are learned for a few hundred cameras of an agent, however many it makes up', async () => {
    for (let i = 0; i < 300; i++) test.thresholds.walk({ ...NORTH, camera: `c${i}` }, 0.5, 100)
    test.thresholds.walk({ agent: 'hall', camera: 'door' }, 0.5, 100)
    const reports = await test.thresholds.reports()
    expect(reports.filter(({ agent }) => agent === 'gate-7')).toHaveLength(256)
    expect(reports.filter(({ agent }) => agent === 'hall')).toHaveLength(1)
  })
})

describe('what was learned', () => {
  it('is forgotten when an operator says so, on disk too, and begins anew', async () => {
    const before = test.thresholds.for(at())
    await test.pass(1500)
    await test.pass(1500, { id: SOUTH })
    await test.thresholds.forget(NORTH, HAND)
    expect(test.thresholds.for(at())).toEqual(before)
    expect(test.book.of('thresholds.forgotten')).toMatchObject([{ by: 'anna' }])
    await test.start()
    expect([test.thresholds.measured, test.thresholds.for(at())]).toEqual([1, before])
    await test.pass(1500)
    expect(test.thresholds.measured).toBe(2)
  })

  it('cannot be forgotten of a camera that nobody knows', async () => {
    const error = await rejectionOf(test.thresholds.forget(NORTH, HAND), Refusal)
    expect(error.code).toBe('camera.not-found')
  })
})

describe('budgets', () => {
  beforeEach(async () => {
    await test.announced('north', 'south')
    await test.enrolled(3)
  })

  it('are shown with what they would change, and nothing is saved by that', async () => {
    const before = test.thresholds.for(at())
    const changes = await test.thresholds.forecast(SERVER, 0.1)
    expect(changes.map(({ before, after }) => [before.camera, after.camera])).toEqual([
      ['north', 'north'],
      ['south', 'south'],
    ])
    for (const { before, after } of changes) {
      expect(after.threshold).toBeGreaterThan(before.threshold)
      expect(after.evidence.fit).toBeNull()
      expect(after.why.join('\n')).toContain('Not enough evidence yet')
    }
    expect(test.thresholds.for(at())).toEqual(before)
    expect(test.stored.rows('budgets')).toBe(0)
  })

  it('of the server hold where there is no other', async () => {
    expect(test.thresholds.budget).toBe(1)
    await test.thresholds.set(SERVER, 4, HAND)
    expect(test.thresholds.budget).toBe(4)
  })

  it('are set for a camera, and hold there only, after a restart too', async () => {
    const before = test.thresholds.for(at())
    const [change, ...others] = await test.thresholds.set(CAMERA, 0.1, HAND)
    expect(others).toEqual([])
    for (const _restart of [false, true]) {
      expect(test.thresholds.for(at()).threshold).toBe(change!.after.threshold)
      expect(test.thresholds.for(at(SOUTH))).toEqual(before)
      await test.start()
    }
    expect(test.book.of('budget.set')).toMatchObject([{ ...CAMERA, budget: 0.1, by: 'anna' }])
    await test.thresholds.unset(CAMERA, HAND)
    expect(test.thresholds.for(at())).toEqual(before)
    expect(test.stored.rows('budgets')).toBe(0)
  })

  it('of a list count its own entries, and do not touch cameras with their own', async () => {
    await test.thresholds.set(CAMERA, 5, HAND)
    const changes = await test.thresholds.set(LIST, 1, HAND)
    expect(changes.map(({ after: { camera, list, entries } }) => [camera, list, entries])).toEqual([
      ['south', 'wanted', 3],
    ])
    // Three entries of their own where all lists have a hundred.
    expect(test.thresholds.for(at(SOUTH)).threshold).toBeLessThan(
      test.thresholds.for({ ...SOUTH, list: 'another' }).threshold,
    )
    const rows = (await test.thresholds.reports()).map(({ camera, list, budget }) => [
      ...[camera, list, budget.scope],
    ])
    expect(rows).toEqual([
      ['north', null, 'camera'],
      ['south', null, 'file'],
      ['south', 'wanted', 'list'],
    ])
  })

  it('are measured only once enough was seen for so small a one, and say which', async () => {
    await test.pass(1500)
    const [own] = await test.thresholds.forecast(CAMERA, 1)
    expect(own!.after).toMatchObject({ origin: 'measured', evidence: { needed: 50 } })
    expect(own!.after.forecast.low).toBeLessThan(own!.after.forecast.expected)
    const [strict] = await test.thresholds.forecast(CAMERA, 0.05)
    expect(strict!.after).toMatchObject({ origin: 'published', forecast: { low: null } })
    expect(strict!.after.why.join('\n')).toMatch(/150,000 comparisons .* this budget takes/)
  })

  it.each([
    [
      'a camera that nobody knows',
      { scope: 'camera', target: 'gate-7/roof' },
      1,
      'camera.not-found',
    ],
    ['a list that nobody knows', { scope: 'list', target: 'lost' }, 1, 'list.not-found'],
    ['nothing', SERVER, 0, 'threshold.invalid'],
    ['less than nothing', SERVER, -1, 'threshold.invalid'],
    ['no number', SERVER, Number.NaN, 'threshold.invalid'],
    ['without end', SERVER, Infinity, 'threshold.invalid'],
    ['what was never set', CAMERA, undefined, 'threshold.not-found'],
  ] as const)('of %s are refused', async (_what, place, budget, code) => {
    expect((await rejectionOf(test.thresholds.forecast(place, budget), Refusal)).code).toBe(code)
    expect(test.stored.rows('budgets')).toBe(0)
  })
})

describe('an explanation', () => {
  it('goes from the budget to the threshold in words, with numbers that agree', async () => {
    await test.pass(1500)
    test.thresholds.watching([NORTH], 8.5 * WEEK_MS)
    test.thresholds.alerted(NORTH)
    await test.thresholds.flush()
    const [report] = await test.thresholds.explain(NORTH)
    expect(report!.week).toEqual({ walks: 150, measured: true })
    const words = report!.why.join('\n')
    for (const said of [
      'At most 1 false alert a week: server.yaml',
      '1,500 walks in 70.0 days of watching: 150 a week',
      'one walk in 150 may be taken for any of 100 entries: one comparison in 15,000',
      'generalised Pareto tail',
      report!.threshold.toFixed(4),
      '90 % confidence',
      '1 alert was not judged',
    ]) {
      expect(words).toContain(said)
    }
  })

  it('has the curves of a plot: counts that fall, and a forecast through the threshold', async () => {
    await test.pass(1500)
    const [{ curves, threshold, week }] = (await test.thresholds.explain(NORTH)) as [
      Awaited<ReturnType<typeof test.thresholds.explain>>[number],
    ]
    const sum = curves.histogram.reduce((total, { walks }) => total + walks, 0)
    expect(sum).toBeCloseTo(week.walks, 6)
    const alerts = curves.counted.map((point) => point.alerts)
    expect(alerts).toEqual(alerts.toSorted((p, q) => q - p))
    expect(curves.forecast[0]!.score).toBeLessThan(threshold)
    expect(curves.forecast.at(-1)!.score).toBeGreaterThan(threshold)
  })

  it('of a camera that nobody knows is refused', async () => {
    const error = await rejectionOf(test.thresholds.explain(NORTH), Refusal)
    expect([error.code, error.hint]).toEqual([
      'camera.not-found',
      expect.stringContaining('thresholds show'),
    ])
  })
})
