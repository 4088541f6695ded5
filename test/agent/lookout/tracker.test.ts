import { Tracker } from '@vedette/agent/lookout/tracker'
import type { Detection } from '@vedette/models/detection'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seeded } from '../../support/agent-random.ts'
import {
  boxAt,
  follow,
  hidden,
  jittered,
  straight,
  tracksOf,
  type Walker,
} from '../../support/agent-walks.ts'

const across = straight({ at: 0, x: 40, y: 200, size: 60 }, { at: 5, x: 600, y: 200, size: 60 })
const back = straight({ at: 0, x: 600, y: 205, size: 60 }, { at: 5, x: 40, y: 205, size: 60 })
const nearer = straight({ at: 0, x: 320, y: 150, size: 24 }, { at: 6, x: 360, y: 240, size: 200 })
const still = straight({ at: 0, x: 500, y: 90, size: 50 }, { at: 60, x: 500, y: 90, size: 50 })

/** The tracks that each walker was given. */
function walked(walkers: readonly Walker[], seconds: number): string[][] {
  return follow(walkers, { seconds }).ids.map(tracksOf)
}

describe('Tracker', () => {
  it.each<[string, Walker[], string[][]]>([
    ['one face crossing the picture', [across], [['t1']]],
    ['one face crossing it unsteadily', [jittered(across, seeded(1))], [['t1']]],
    ['two faces far apart', [across, still], [['t1'], ['t2']]],
    ['two faces that pass each other', [across, back], [['t1'], ['t2']]],
    [
      'two faces that pass each other unsteadily',
      [jittered(across, seeded(2), 0.05), jittered(back, seeded(3), 0.05)],
      [['t1'], ['t2']],
    ],
    ['one of them hidden while they pass', [across, hidden(back, 2, 3)], [['t1'], ['t2']]],
    [
      'a face that passes one that stands',
      [straight({ at: 0, x: 300, y: 95, size: 50 }, { at: 4, x: 640, y: 95, size: 50 }), still],
      [['t1'], ['t2']],
    ],
    ['a face that comes near', [nearer], [['t1']]],
    ['a face that comes near unsteadily', [jittered(nearer, seeded(4))], [['t1']]],
    ['a walking face lost for a second', [hidden(across, 1.9, 3.1)], [['t1']]],
    ['a standing face lost for a second', [hidden(still, 1.9, 3.1)], [['t1']]],
    ['a face lost for three seconds', [hidden(still, 1, 4.1)], [['t1', 't2']]],
    [
      'a jump across the picture',
      [(t) => ({ x: t < 2 ? 100 : 500, y: 200, size: 60 })],
      [['t1', 't2']],
    ],
    [
      'another face in the same place, three times as large',
      [(t) => ({ x: 300, y: 200, size: t < 2 ? 40 : 120 })],
      [['t1', 't2']],
    ],
    ['nobody', [() => undefined], [[]]],
  ])('follows %s', (_what, walkers, expected) => {
    expect(walked(walkers, 6)).toEqual(expected)
  })

  it('never starts a track with an unsure detection', () => {
    expect(walked([(t) => ({ ...still(t)!, score: 0.44 })], 5)).toEqual([[]])
  })

  it('starts one once it is sure, and goes on with unsure ones', () => {
    const score = (t: number) => (t === 1 ? 0.45 : 0.26)
    const { ids } = follow([(t) => ({ ...across(t)!, score: score(t) })], { seconds: 5 })
    expect(ids[0]!.slice(0, 5)).toEqual([undefined, undefined, undefined, undefined, undefined])
    expect(new Set(ids[0]!.slice(5))).toEqual(new Set(['t1']))
  })

  it('gives each detection one track, and each track one detection', () => {
    const tracker = new Tracker({ minScore: 0.45, newId: counter() })
    const twin = (x: number): Detection => ({ box: boxAt({ x, y: 100, size: 60 }), score: 0.9 })
    tracker.update([twin(100)], 0)
    const tracked = tracker.update([twin(104), twin(130)], 200)
    expect(tracked.map(({ track, detection }) => [track.id, detection.box.x])).toEqual([
      ['t1', 74],
      ['t2', 100],
    ])
  })

  it('tells when a track was first and last seen, how often, where and how fast', () => {
    const tracker = new Tracker({ minScore: 0.45, newId: counter() })
    for (let at = 0; at <= 2000; at += 200) {
      tracker.update([{ box: boxAt({ x: 100 + at / 10, y: 100, size: 60 }), score: 0.9 }], at)
    }
    expect(tracker.tracks).toHaveLength(1)
    const [track] = tracker.tracks
    expect(track).toMatchObject({ id: 't1', firstSeen: 0, lastSeen: 2000, sightings: 11 })
    expect(track!.box).toEqual({ x: 270, y: 70, width: 60, height: 60 })
    expect(track!.speed.x).toBeCloseTo(100, 0)
    expect(track!.speed.y).toBe(0)
  })

  it('forgets a track two seconds after it was seen', () => {
    const tracker = new Tracker({ minScore: 0.45, newId: counter() })
    tracker.update([{ box: boxAt({ x: 100, y: 100, size: 60 }), score: 0.9 }], 0)
    tracker.update([], 2000)
    expect(tracker.tracks).toHaveLength(1)
    tracker.update([], 2001)
    expect(tracker.tracks).toHaveLength(0)
  })

  it('keeps a face of a held scene, however long nothing moves', () => {
    for (const [holds, expected] of [
      [true, 't1'],
      [false, 't2'],
    ] as const) {
      const tracker = new Tracker({ minScore: 0.45, newId: counter() })
      const detection = { box: boxAt({ x: 100, y: 100, size: 60 }), score: 0.9 }
      tracker.update([detection], 0)
      for (let at = 200; holds && at <= 10_000; at += 200) tracker.hold(at)
      const [tracked] = tracker.update([detection], 10_200)
      expect(tracked!.track.id).toBe(expected)
    }
  })

  it('lets a face go that had left before nothing moved, so that the next one is asked about', () => {
    const tracker = new Tracker({ minScore: 0.45, newId: counter() })
    const detection = { box: boxAt({ x: 100, y: 100, size: 60 }), score: 0.9 }
    tracker.update([detection], 0)
    tracker.update([], 200)
    for (let at = 400; at <= 3000; at += 200) tracker.hold(at)
    expect(tracker.tracks).toEqual([])
    const [next] = tracker.update([detection], 3200)
    expect(next!.track.id).toBe('t2')
  })

  it('survives two looks at the same moment', () => {
    const tracker = new Tracker({ minScore: 0.45, newId: counter() })
    const detection = { box: boxAt({ x: 100, y: 100, size: 60 }), score: 0.9 }
    tracker.update([detection], 1000)
    const [tracked] = tracker.update(
      [{ ...detection, box: boxAt({ x: 102, y: 100, size: 60 }) }],
      1000,
    )
    expect(tracked!.track.id).toBe('t1')
  })

  it('keeps up with a face that crosses at five times its size a second', () => {
    const fast = straight({ at: 0, x: 0, y: 0, size: 40 }, { at: 6, x: 1200, y: 0, size: 40 })
    expect(walked([fast], 6)).toEqual([['t1']])
  })

  it('gives as many tracks as there are walkers on lanes of their own', () => {
    const person: fc.Arbitrary<Person> = fc.record({
      size: fc.integer({ min: 24, max: 80 }),
      start: fc.double({ min: 0, max: 4, noNaN: true }),
      lasts: fc.double({ min: 2, max: 8, noNaN: true }),
      pace: fc.double({ min: -3, max: 3, noNaN: true }),
      growth: fc.double({ min: 0.6, max: 2.5, noNaN: true }),
    })
    const oneTrackEach = (people: Person[], seed: number) => {
      const { tracks, ids } = follow(onLanes(people, seeded(seed)), { seconds: 12 })
      expect(tracks).toBe(people.length)
      expect(ids.every((walk) => tracksOf(walk).length === 1)).toBe(true)
    }
    const people = fc.array(person, { minLength: 1, maxLength: 6 })
    fc.assert(fc.property(people, fc.nat(), oneTrackEach), { seed: 30, numRuns: 200 })
  })
})

/** Somebody who walks: sizes in pixels, times in seconds, `pace` in face sizes a second. */
type Person = { size: number; start: number; lasts: number; pace: number; growth: number }

/** One walker for each person, each so far from the next that no two can be taken for one. */
function onLanes(people: readonly Person[], random: () => number): Walker[] {
  return people.map(({ size, start, lasts, pace, growth }, lane) => {
    const y = 500 * lane
    const walk = straight(
      { at: start, x: 1000, y, size },
      { at: start + lasts, x: 1000 + pace * size * lasts, y, size: size * growth },
    )
    return jittered(walk, random)
  })
}

function counter(): () => string {
  let count = 0
  return () => `t${++count}`
}
