import { waitAfter } from '@vedette/server/channels/backing-off'
import type { Rules } from '@vedette/server/channels/channel'
import { nextUp } from '@vedette/server/channels/next-up'
import { type News, rulesSchema, tellsOf, tellsOfCamera } from '@vedette/server/channels/rules'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const rules = (more: Partial<Rules> = {}): Rules => ({ ...rulesSchema.parse({}), ...more })
const alert = {
  list: 'wanted',
  agent: 'gate-7',
  camera: 'north',
  certainty: 'provisional',
  state: 'open',
} as const
const news = (more: Partial<News> = {}): News => ({
  ...{ kind: 'raised', alert, priority: 3, told: false, now: Date.parse('2026-11-20T23:00:00Z') },
  ...more,
})
const night = {
  zone: 'UTC',
  spans: [{ days: [1, 2, 3, 4, 5, 6, 7] as const, from: '22:00', to: '06:00' }],
  urgent: 1,
}
const quiet = { ...night, spans: [{ ...night.spans[0]!, days: [...night.spans[0]!.days] }] }

describe('a channel is told of an alert', () => {
  it.each<[string, Partial<Rules>, Partial<News>, string | undefined]>([
    ['that is new', {}, {}, 'new'],
    ['on its lists', { lists: ['wanted'] }, {}, 'new'],
    ['on no other', { lists: ['missing'] }, {}, undefined],
    ['of its cameras', { cameras: ['gate-7/*'] }, {}, 'new'],
    ['of no other', { cameras: ['gate-7/south'] }, {}, undefined],
    ['urgent enough', { priority: 3 }, {}, 'new'],
    ['and no less urgent', { priority: 2 }, {}, undefined],
    ['whose list is gone as of the least', { priority: 4 }, { priority: undefined }, undefined],
    ['not in the quiet of the night', { quiet }, {}, undefined],
    ['at night where it is urgent', { quiet }, { priority: 1 }, 'new'],
    ['not before it is certain', { confirmed: true }, {}, undefined],
    [
      'as soon as it is',
      { confirmed: true },
      { kind: 'confirmed', alert: { ...alert, certainty: 'confirmed' } },
      'new',
    ],
    ['of no kind that it is not to be told', { kinds: ['escalated'] }, {}, undefined],
    ['that nobody answered', { kinds: ['escalated'] }, { kind: 'escalated' }, 'escalated'],
    ['not of what is done with', {}, { alert: { ...alert, state: 'resolved' } }, undefined],
    ['not of what is withdrawn', {}, { alert: { ...alert, certainty: 'withdrawn' } }, undefined],
    ['not of the end of what it never heard of', {}, { kind: 'withdrawn' }, undefined],
    ['that is better now: nothing', {}, { kind: 'improved', told: true }, undefined],
  ])('%s', (_name, own, said, expected) => {
    expect(tellsOf(rules(own), news(said))).toBe(expected)
  })

  it('is told of the end of what it was told of, at any hour and whatever its rules are now', () => {
    const narrow = rules({ quiet, priority: 1, lists: ['missing'], cameras: ['other/one'] })
    const told = { told: true, priority: 5 }
    const kinds = ['withdrawn', 'resolved', 'acknowledged', 'parked', 'affirmed'] as const
    expect(kinds.map((kind) => tellsOf(narrow, news({ ...told, kind })))).toEqual([
      'withdrawn',
      'resolved',
      'acknowledged',
      'acknowledged',
      'acknowledged',
    ])
    expect(tellsOf(narrow, news({ ...told, kind: 'escalated' }))).toBeUndefined()
  })

  it('that is open again: parked for long enough, disputed, taken back', () => {
    for (const kind of ['returned', 'disputed', 'reopened', 'undone'] as const) {
      expect(tellsOf(rules(), news({ kind, told: true }))).toBe('reopened')
    }
    const done = { ...alert, state: 'resolved' } as const
    expect(tellsOf(rules(), news({ kind: 'undone', told: true, alert: done }))).toBe('resolved')
  })

  it('and of cameras, in the quiet where that is urgent alone', () => {
    const at = news().now
    const camera = { agent: 'gate-7', camera: 'north' }
    expect(tellsOfCamera(rules(), 'camera', camera, at)).toBe(true)
    expect(tellsOfCamera(rules({ kinds: ['new'] }), 'camera', camera, at)).toBe(false)
    expect(tellsOfCamera(rules({ cameras: ['a/b'] }), 'canary', camera, at)).toBe(false)
    expect(tellsOfCamera(rules({ quiet }), 'camera', camera, at)).toBe(true)
    const silent = { ...quiet, urgent: null }
    expect(tellsOfCamera(rules({ quiet: silent }), 'camera', camera, at)).toBe(false)
  })
})

describe('what is told next', () => {
  const row = fc.record({
    alertId: fc.constantFrom('a', 'b', 'c'),
    priority: fc.integer({ min: 1, max: 5 }),
    notBefore: fc.constantFrom(0, 200),
    recipient: fc.constantFrom(null, 'x', 'y'),
  })
  const waiting = fc
    .array(row, { maxLength: 30 })
    .map((rows) => rows.map((one, seq) => ({ ...one, seq, id: String(seq), camera: null })))
  const way = fc.record({
    batch: fc.constantFrom(1, 3, 50),
    parallel: fc.constant(1),
    urgentFirst: fc.constant(false),
  })

  it('keeps the order of each alert, and nothing waits for another alert', () => {
    fc.assert(
      fc.property(waiting, way, (rows, how) => {
        const { groups, soonest } = nextUp(rows, how, 100)
        const next = groups.flat()
        for (const one of next) {
          const before = rows.filter(
            (other) =>
              other.seq < one.seq &&
              other.alertId === one.alertId &&
              other.recipient === one.recipient,
          )
          expect(before.every((other) => next.includes(other) && other.notBefore <= 100)).toBe(true)
        }
        const firsts = new Map(
          rows.toReversed().map((one) => [`${one.alertId}${one.recipient}`, one] as const),
        )
        const ready = [...firsts.values()].some(({ notBefore }) => notBefore <= 100)
        expect(next.length > 0).toBe(ready)
        if (!ready && rows.length > 0) expect(soonest).toBe(200)
      }),
      { seed: 40, numRuns: 500 },
    )
  })

  it('is what is most urgent, where that is asked for', () => {
    const rows = [3, 1, 2].map((priority, seq) => ({
      ...{ seq, id: String(seq), alertId: String(seq), camera: null, recipient: null },
      ...{ priority, notBefore: 0 },
    }))
    const how = { batch: 1, parallel: 1, urgentFirst: true }
    expect(nextUp(rows, how, 1).groups).toEqual([[rows[1]]])
  })
})

it('waits longer after each failure, up to a quarter of an hour, and anything below', () => {
  const all = [1, 2, 3, 5, 9, 40, 2000].map((failures) => waitAfter(failures, () => 1))
  expect(all).toEqual([2000, 4000, 8000, 32_000, 512_000, 900_000, 900_000])
  expect(waitAfter(9, () => 0)).toBe(0)
})
