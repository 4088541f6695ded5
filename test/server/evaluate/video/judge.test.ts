import type { Event } from '@vedette/server/evaluate/video/control-room'
import { judgeVideo, type Shown } from '@vedette/server/evaluate/video/judge'
import type { Appearance } from '@vedette/server/evaluate/video/truth'
import { describe, expect, it } from 'vitest'

const END = Number.POSITIVE_INFINITY

/** What becomes of alert `id` about `entryId`, which is also the person's name here. */
function alert(id: string, entryId: string, ...happens: [Event['kind'], number][]): Event[] {
  let certainty: Event['alert']['certainty'] = 'provisional'
  return happens.map(([kind, seconds]) => {
    if (kind === 'confirmed' || kind === 'withdrawn') certainty = kind
    const state = { id, entryId, rival: null, certainty, score: 0.96, threshold: 0.95 }
    return { kind, seconds, alert: state }
  })
}

const shown = (clip: string, ...events: Event[][]): Shown => ({
  clip,
  seconds: 1800,
  questions: 9,
  walks: 3,
  events: events.flat(),
})

const judged = (clips: Shown[], truth?: Record<string, Appearance[]>) =>
  judgeVideo(clips, truth && new Map(Object.entries(truth)), (id) => id)

describe('judgeVideo', () => {
  it('counts hits, misses, false alerts in a camera-hour, and how long it took', () => {
    const clips = [
      shown(
        'a',
        alert('1', 'jane', ['raised', 12], ['confirmed', 14]),
        alert('2', 'joe', ['raised', 40]),
      ),
      shown('b', alert('3', 'jane', ['raised', 5]), alert('4', 'jane', ['raised', 300])),
    ]
    const { judged: found, ...sums } = judged(clips, {
      a: [{ name: 'jane', from: 10, to: 20 }],
      b: [
        { name: 'jane', from: 1, to: END },
        { name: 'joe', from: 0, to: END },
      ],
    })
    expect(sums).toMatchObject({
      cameraHours: 1,
      walks: 6,
      alerts: 4,
      certainty: { provisional: 3, confirmed: 1, withdrawn: 0 },
      alertsPerWalk: 1.5,
    })
    expect(found).toMatchObject({ hits: 2, misses: 1, falseAlerts: 1, falsePerCameraHour: 1 })
    expect(found!.people).toEqual([
      { name: 'jane', appearances: 2, hits: 2, timeToAlert: 4 },
      { name: 'joe', appearances: 1, hits: 0, timeToAlert: null },
    ])
    const [low, high] = found!.falsePerCameraHourInterval
    expect([low, high]).toEqual([expect.closeTo(0.051, 2), expect.closeTo(4.744, 2)])
    const [a, b] = sums.clips
    expect(a!.alerts.map(({ name, right }) => [name, right])).toEqual([
      ['jane', true],
      ['joe', false],
    ])
    expect(a!.alerts[0]).toMatchObject({ raisedAt: 12, confirmedAt: 14, withdrawnAt: null })
    expect(b!.appearances!.map(({ to, hit }) => [to, hit])).toEqual([
      [1800, true],
      [1800, false],
    ])
  })

  it('allows a second for labels made by hand, and no more', () => {
    const one = [{ name: 'jane', from: 10, to: 20 }]
    const rights = [8.9, 9, 21, 21.1].map((at) => {
      const { clips } = judged([shown('a', alert('1', 'jane', ['raised', at]))], { a: one })
      return clips[0]!.alerts[0]!.right
    })
    expect(rights).toEqual([false, true, true, false])
  })

  it('finds a person again by what becomes of the first alert', () => {
    const events = alert('1', 'jane', ['raised', 5], ['improved', 31])
    const { judged: found } = judged([shown('a', events)], {
      a: [
        { name: 'jane', from: 4, to: 8 },
        { name: 'jane', from: 30, to: 34 },
        { name: 'jane', from: 50, to: 54 },
      ],
    })
    expect(found).toMatchObject({ hits: 2, misses: 1, falseAlerts: 0, timeToAlert: 1 })
  })

  it('counts an alert that was taken back as no hit, and a false one as taken back', () => {
    const back: [Event['kind'], number][] = [
      ['raised', 5],
      ['withdrawn', 6],
    ]
    const clips = [shown('a', alert('1', 'jane', ...back), alert('2', 'joe', ...back))]
    const { certainty, judged: found } = judged(clips, { a: [{ name: 'jane', from: 0, to: END }] })
    expect(certainty).toEqual({ provisional: 0, confirmed: 0, withdrawn: 2 })
    expect(found).toMatchObject({ hits: 0, misses: 1, falseAlerts: 1, falseWithdrawn: 1 })
  })

  it('takes an alert that cannot tell two apart for no hit, and for false only without both', () => {
    const events = alert('1', 'jane', ['raised', 5]).map(({ alert: state, ...event }) => ({
      ...event,
      alert: { ...state, rival: 'joe' },
    }))
    const outcome = (name: string) =>
      judged([shown('a', events)], { a: [{ name, from: 0, to: END }] }).judged
    expect(outcome('joe')).toMatchObject({ hits: 0, misses: 1, falseAlerts: 0 })
    expect(outcome('jim')).toMatchObject({ hits: 0, misses: 1, falseAlerts: 1 })
  })

  it('judges nothing without truth, and counts', () => {
    const clips = [
      shown('a', alert('1', 'jane', ['raised', 5]), alert('2', 'jane', ['raised', 90])),
    ]
    const result = judged(clips)
    expect(result).toMatchObject({ alerts: 2, alertsPerWalk: 2 })
    expect(result.judged).toBeUndefined()
    expect(result.clips[0]!.alerts[0]!.right).toBeUndefined()
    expect(judged([shown('a')]).alertsPerWalk).toBeNull()
  })
})
