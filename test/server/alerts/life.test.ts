import {
  type AlertState,
  certaintyAfter,
  type EvidenceEvent,
  escalationDue,
  eventOf,
  type HumanEvent,
  next,
  type Outcome,
  type TimeEvent,
  verdictEvent,
} from '@vedette/server/alerts/life'
import { describe, expect, it } from 'vitest'

describe('what people do about an alert', () => {
  it.each<[AlertState, (HumanEvent | TimeEvent)[], (AlertState | undefined)[]]>([
    ['open', ['acknowledged', 'acknowledged'], ['acknowledged', undefined]],
    ['open', ['resolved', 'acknowledged'], ['resolved', undefined]],
    ['open', ['acknowledged', 'resolved', 'resolved'], ['acknowledged', 'resolved', undefined]],
    ['open', ['resolved', 'reopened', 'acknowledged'], ['resolved', 'open', 'acknowledged']],
    ['open', ['escalated', 'escalated', 'resolved'], ['open', 'open', 'resolved']],
    ['open', ['reopened'], [undefined]],
    ['open', ['taken'], [undefined]],
    ['acknowledged', ['taken', 'taken'], ['acknowledged', 'acknowledged']],
    ['open', ['parked', 'parked'], ['parked', 'parked']],
    ['open', ['parked', 'returned', 'escalated'], ['parked', 'open', 'open']],
    ['acknowledged', ['parked', 'acknowledged'], ['parked', 'acknowledged']],
    ['parked', ['escalated'], [undefined]],
    ['parked', ['resolved'], ['resolved']],
    ['open', ['returned'], [undefined]],
    ['open', ['affirmed', 'affirmed'], ['awaiting', undefined]],
    ['acknowledged', ['affirmed', 'resolved'], ['awaiting', 'resolved']],
    ['parked', ['affirmed', 'disputed'], ['awaiting', 'open']],
    ['awaiting', ['escalated', 'escalated'], ['awaiting', 'awaiting']],
    ['awaiting', ['acknowledged'], [undefined]],
    ['awaiting', ['parked'], [undefined]],
    ['open', ['disputed'], [undefined]],
    ['resolved', ['affirmed'], [undefined]],
    ['acknowledged', ['escalated'], [undefined]],
    ['resolved', ['escalated'], [undefined]],
    ['acknowledged', ['reopened'], [undefined]],
  ])('from %s through %j is %j', (start, events, expected) => {
    const states: (AlertState | undefined)[] = []
    let state: AlertState | undefined = start
    for (const event of events) {
      state = state && next(state, event)
      states.push(state)
    }
    expect(states).toEqual(expected)
  })
})

it.each<[AlertState, Outcome, 1 | 2, ReturnType<typeof verdictEvent>]>([
  ['open', 'true', 1, 'resolved'],
  ['open', 'true', 2, 'affirmed'],
  ['open', 'false', 2, 'resolved'],
  ['open', 'unresolved', 2, 'resolved'],
  ['awaiting', 'true', 2, 'resolved'],
  ['awaiting', 'true', 1, 'resolved'],
  ['awaiting', 'false', 2, 'disputed'],
  ['awaiting', 'unresolved', 2, 'disputed'],
])('%s, said to be %s where %d must say that it is somebody, is %s', (state, outcome, n, event) => {
  expect(verdictEvent(state, outcome, n)).toBe(event)
})

it.each([
  [0, 300_000],
  [1, 600_000],
  [2, undefined],
])('somebody is called again after the time that people have, twice: after %d times', (n, due) => {
  expect(escalationDue({ openSince: 0, escalations: n }, 300_000)).toBe(due)
})

describe('what one more frame makes of an alert', () => {
  const known = {
    state: 'open',
    certainty: 'provisional',
    track: 'walk',
    score: 0.96,
    rival: null,
    late: false,
  } as const
  const seen = {
    standing: 'reached',
    certain: false,
    score: 0.95,
    rival: null,
    probe: { track: 'walk', capturedAt: 60_000, receivedAt: 60_040 },
  } as const
  const elsewhere = { ...seen.probe, track: 'another walk' }
  const longAgo = { ...seen.probe, receivedAt: 70_001 }

  it.each<
    [
      string,
      Partial<Parameters<typeof eventOf>[0]>,
      Partial<Parameters<typeof eventOf>[1]>,
      EvidenceEvent | undefined,
    ]
  >([
    ['a worse shot is only noted', {}, {}, undefined],
    ['a better one improves it', {}, { score: 0.97 }, 'improved'],
    ['several that agree confirm it', {}, { certain: true }, 'confirmed'],
    ['confirmed once is enough', { certainty: 'confirmed' }, { certain: true }, undefined],
    ['what holds takes nothing back', {}, { standing: 'held', score: 0.945 }, undefined],
    ['what falls is withdrawn', {}, { standing: 'fallen', score: 0.9 }, 'withdrawn'],
    ['though it was confirmed', { certainty: 'confirmed' }, { standing: 'fallen' }, 'withdrawn'],
    ['not by another walk', {}, { standing: 'fallen', probe: elsewhere }, undefined],
    ['once', { certainty: 'withdrawn' }, { standing: 'fallen' }, undefined],
    ['one shot does not bring it back', { certainty: 'withdrawn' }, { score: 0.99 }, undefined],
    ['several do', { certainty: 'withdrawn' }, { certain: true }, 'confirmed'],
    ['a tie that is decided is news', { rival: 'other' }, {}, 'improved'],
    ['of what was, a sight of what is tells', { late: true }, {}, 'current'],
    ['another late one does not', { late: true }, { probe: longAgo }, undefined],
    [
      'what was may still be confirmed',
      { late: true },
      { probe: longAgo, certain: true },
      'confirmed',
    ],
    ['what is stays so', {}, { probe: longAgo }, undefined],
    ['what does not reach says nothing of now', { late: true }, { standing: 'held' }, undefined],
    ['what was resolved stays so', { state: 'resolved' }, { certain: true, score: 1 }, undefined],
  ])('%s', (_what, before, now, event) => {
    expect(eventOf({ ...known, ...before }, { ...seen, ...now })).toBe(event)
  })

  it.each<[EvidenceEvent, string]>([
    ['improved', 'provisional'],
    ['confirmed', 'confirmed'],
    ['withdrawn', 'withdrawn'],
    ['current', 'provisional'],
  ])('after %s a provisional one is %s', (event, after) => {
    expect(certaintyAfter('provisional', event)).toBe(after)
  })
})
