import type { Embedding } from '@vedette/shared/embedding'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  DECADE,
  MatchingBench,
  probeLike,
  THRESHOLD,
  vectorLike,
} from '../../support/server-matching.ts'
import { newEntry, newPhoto, SPACE } from '../../support/server-store.ts'

let bench: MatchingBench

beforeEach(async () => {
  bench = await MatchingBench.open()
  return () => bench[Symbol.asyncDispose]()
})

/** Everything that is on the disk. */
async function onDisk(): Promise<Record<string, string>> {
  const files = await bench.stored.files()
  return Object.fromEntries([...files].map(([name, bytes]) => [name, bytes.toString('base64')]))
}

const kinds = () => bench.told.map(({ kind, alert }) => [kind, alert.certainty])
const frames = async (id: string) =>
  (await bench.stored.store.alerts.frames(id)).map(({ shot, score }) => [
    shot,
    Number(score.toFixed(3)),
  ])

/** Asks about the chips of one walk, in turn; their scores against the template of `seed`. */
async function walk(seed: number, scores: readonly number[], track = 'walk'): Promise<void> {
  for (const [shot, score] of scores.entries()) {
    const capturedAt = 1_763_650_000_000 + 400 * shot
    await bench.matching.consider(probeLike(seed, score, { track, shot, capturedAt }))
  }
}

describe('a probe', () => {
  it('of nobody on the list leaves nothing behind: not a byte on the disk changes', async () => {
    await bench.enrol(1)
    const before = await onDisk()
    expect(Object.keys(before)).toContain('wanted.db-wal')
    for (const score of [0.9499, 0.9, 0.5, 0, -0.5, -1]) {
      await bench.matching.consider(probeLike(1, score))
    }
    for (let seed = 50; seed < 60; seed++) await bench.matching.consider(probeLike(seed, 1))
    expect(await onDisk()).toEqual(before)
  })

  it('is taken for somebody from the threshold on', async () => {
    const id = await bench.enrol(1)
    await bench.enrol(2)
    await bench.matching.consider(probeLike(1, 0.9499, { track: 'below' }))
    await bench.matching.consider(probeLike(1, 0.9501, { track: 'above' }))
    const found = await bench.found()
    expect(found).toMatchObject([
      {
        entryId: id,
        list: 'wanted',
        track: 'above',
        threshold: THRESHOLD,
        score: expect.closeTo(0.9501, 5),
        certainty: 'provisional',
        rival: null,
      },
    ])
    expect(found[0]!.runnerUp).toBeLessThan(0.5)
    const [template] = await bench.stored.store.entries.templates(SPACE)
    expect(found[0]).toMatchObject({ templateId: template!.id, space: SPACE })
  })

  it('of a small face is held against the photograph seen from afar, too', async () => {
    const far = newPhoto(2).template
    const photo = { ...newPhoto(1), far }
    const { store } = bench.stored
    const { templates } = await store.entries.add(newEntry(), [photo])
    await bench.gallery.add(templates)
    const ask = (track: string, side: number) =>
      bench.matching.consider(probeLike(2, 0.97, { track, box: [0, 0, side, side] }))
    await ask('near', 72)
    expect(await bench.found()).toEqual([])
    await ask('far', 71)
    expect(await bench.found()).toMatchObject([{ track: 'far', templateId: templates[0]!.id }])
    expect((await store.entries.templates(SPACE))[0]!.far).toEqual(far)
  })

  it.each([
    ['as usual where they are near', 'published', 0.95, 72, 0.9505],
    ['as usual where they are far', 'published', 0.95, 40, 0.9505],
    ['half a power of ten more where they are tiny', 'published', 0.95, 36, 0.9555],
    ['no more than a floor that is above that', 'floor', 0.94, 36, 0.9505],
    ['more than a floor that is a little below that', 'floor', 0.948, 36, 0.9535],
    ['what a camera that sees tiny ones measured', 'measured', 0.95, 36, 0.9505],
  ] as const)('asks of faces %s', async (_what, origin, wanted, side, enough) => {
    bench.verdict = { threshold: THRESHOLD, wanted, origin }
    await bench.enrol(1)
    const ask = (track: string, score: number) =>
      bench.matching.consider(probeLike(1, score, { track, box: [0, 0, side, side] }))
    await ask('below', enough - 0.001)
    expect(await bench.found()).toEqual([])
    await ask('above', enough)
    expect(await bench.found()).toHaveLength(1)
  })

  it('finds nobody on an empty list', async () => {
    await bench.matching.consider(probeLike(1, 1))
    expect(await bench.found()).toEqual([])
  })

  it('says that there is no second where the list has one entry', async () => {
    await bench.enrol(1)
    await bench.matching.consider(probeLike(1, 0.99))
    expect(await bench.found()).toMatchObject([{ runnerUp: null }])
  })

  it('of somebody who is removed meanwhile raises nothing', async () => {
    const id = await bench.enrol(1)
    const considering = bench.matching.consider(probeLike(1, 0.99))
    await bench.stored.erase(id)
    await considering
    expect(await bench.found()).toEqual([])
  })

  it('is done with only when its alert is on the disk', async () => {
    await bench.enrol(1)
    await bench.matching.consider(probeLike(1, 0.99))
    expect([bench.stored.rows('alerts'), bench.stored.rows('evidence')]).toEqual([1, 1])
  })
})

describe('a walk', () => {
  it('is provisional at its first good chip, and confirmed when three agree', async () => {
    await bench.enrol(1)
    await walk(1, [0.96, 0.96, 0.96, 0.96])
    expect(kinds()).toEqual([
      ['raised', 'provisional'],
      ['confirmed', 'confirmed'],
    ])
    expect(await bench.found()).toMatchObject([{ shots: 4, certainty: 'confirmed' }])
  })

  it('is withdrawn by the frame with which it no longer bears the alert out', async () => {
    await bench.enrol(1)
    await walk(1, [0.955, 0.93, 0.8])
    const [alert] = await bench.found()
    expect(kinds()).toEqual([
      ['raised', 'provisional'],
      ['withdrawn', 'withdrawn'],
    ])
    expect(bench.told.at(-1)!.frame).toEqual({ track: 'walk', shot: 2 })
    expect(alert).toMatchObject({ certainty: 'withdrawn', score: expect.closeTo(0.955, 4) })
    const scores = (await frames(alert!.id)).map(([, score]) => score!)
    expect(scores[1]).toBeGreaterThan(THRESHOLD - DECADE)
    expect(scores[2]).toBeLessThan(THRESHOLD - DECADE)
  })

  it('a little below its threshold takes nothing back', async () => {
    await bench.enrol(1)
    await walk(1, [0.951, 0.942, 0.945])
    expect(kinds()).toEqual([['raised', 'provisional']])
  })

  it('that was withdrawn is confirmed when more chips speak for it', async () => {
    await bench.enrol(1)
    await walk(1, [0.955, 0.8, 0.98, 0.99, 0.99, 0.99, 0.99])
    const [first, second, third] = kinds().map(([kind]) => kind)
    expect([first, second, third]).toEqual(['raised', 'withdrawn', 'confirmed'])
    expect(await bench.found()).toHaveLength(1)
  })

  it('that turns out to be somebody else is withdrawn, and raised as that person', async () => {
    const { template } = newPhoto(1)
    const alike = vectorLike(template, 0.97, 7)
    const first = await bench.enrol(1)
    const second = await bench.enrol(2, alike)
    const probe = (to: typeof alike, score: number, shot: number) => ({
      ...probeLike(1, 1, { track: 'walk', shot }),
      probe: vectorLike(to, score, 40 + shot),
    })
    await bench.matching.consider(probe(template, 0.985, 0))
    for (const shot of [1, 2, 3]) await bench.matching.consider(probe(alike, 0.999, shot))
    const found = await bench.found()
    expect(found.map(({ entryId, certainty }) => [entryId, certainty])).toEqual([
      [second, expect.stringMatching(/confirmed|provisional/)],
      [first, 'withdrawn'],
    ])
  })

  it('asked about again after a broken connection counts each chip once', async () => {
    await bench.enrol(1)
    const again = probeLike(1, 0.96, { track: 'walk', shot: 0 })
    for (let i = 0; i < 4; i++) await bench.matching.consider(again)
    expect(kinds()).toEqual([['raised', 'provisional']])
    expect(bench.stored.rows('evidence')).toBe(1)
  })

  it('of chips that differ must reach no less than one of a single chip', async () => {
    await bench.enrol(1)
    // Each is 0.945 from the template, in directions of their own: their sum is nearer to it.
    const [first, ...rest] = [11, 12, 13, 14].map((variant, shot) =>
      probeLike(1, 0.945, { track: 'walk', shot }, variant),
    )
    await bench.matching.consider(first!)
    expect(await bench.found()).toEqual([])
    for (const probe of rest) await bench.matching.consider(probe)
    const [alert] = await bench.found()
    expect(alert!.score).toBeGreaterThan(THRESHOLD)
    expect(alert!.score).toBeLessThan(0.975)
  })
})

describe('two entries that a face is as near to', () => {
  it('are one alert without a name, until more chips decide', async () => {
    const { template } = newPhoto(1)
    const first = await bench.enrol(1)
    const twin = await bench.enrol(2, vectorLike(template, 0.985, 7))
    const middle = vectorLike(template, 0.985, 7).map((value, i) => (value + template[i]!) / 2)
    const size = Math.hypot(...middle)
    const between = middle.map((value) => value / size)
    const ask = (probe: Embedding, shot: number) =>
      bench.matching.consider({ ...probeLike(1, 1, { track: 'walk', shot }), probe })
    await ask(between, 0)
    await ask(between, 1)
    await ask(between, 2)
    const found = await bench.found()
    expect(found).toHaveLength(1)
    expect([found[0]!.entryId, found[0]!.rival].toSorted()).toEqual([first, twin].toSorted())
    expect(found[0]!.certainty).toBe('provisional')
    for (let shot = 3; shot < 12; shot++) await ask(template, shot)
    const standing = (await bench.found()).filter(({ certainty }) => certainty !== 'withdrawn')
    expect(standing).toMatchObject([{ entryId: first, rival: null, certainty: 'confirmed' }])
  })
})

describe('a walk that is over', () => {
  /** Lets half a minute pass in which nothing is heard. */
  const quiet = () => bench.clock.advance(40_000)

  it('tells the nearest it came to somebody it was not taken for, and keeps nothing', async () => {
    await bench.enrol(1)
    const now = bench.clock.now()
    for (const [shot, score] of [0.93, 0.91].entries()) {
      await bench.matching.consider(probeLike(1, score, { track: 'walk', shot, receivedAt: now }))
    }
    expect(bench.walks).toEqual([])
    quiet()
    expect(bench.walks).toEqual([{ camera: 'north', score: expect.closeTo(0.93, 4), entries: 1 }])
  })

  it('that was an alert counts by the next entry only', async () => {
    await bench.enrol(1)
    await bench.enrol(2)
    const receivedAt = bench.clock.now()
    await bench.matching.consider(probeLike(1, 0.99, { receivedAt }))
    quiet()
    expect(bench.walks).toMatchObject([{ entries: 2 }])
    expect(bench.walks[0]!.score).toBeLessThan(0.5)
    expect(bench.nearMisses).toEqual([])
  })

  it('and whose alert was withdrawn counts as the stranger it was', async () => {
    await bench.enrol(1)
    const receivedAt = bench.clock.now()
    for (const [shot, score] of [0.955, 0.8, 0.8].entries()) {
      await bench.matching.consider(probeLike(1, score, { track: 'walk', shot, receivedAt }))
    }
    expect(kinds().map(([kind]) => kind)).toEqual(['raised', 'withdrawn'])
    quiet()
    expect(bench.walks).toMatchObject([{ score: expect.closeTo(0.955, 4) }])
  })

  it('is a near miss within a power of ten of its threshold', async () => {
    const id = await bench.enrol(1)
    const receivedAt = bench.clock.now()
    await bench.matching.consider(probeLike(1, 0.9405, { receivedAt }))
    await bench.matching.consider(probeLike(1, 0.9395, { receivedAt }))
    quiet()
    expect(bench.nearMisses).toMatchObject([{ entryId: id, score: expect.closeTo(0.9405, 4) }])
    expect(bench.walks).toHaveLength(2)
  })

  it('says nothing of what passes in general where it came late: nobody counted that time', async () => {
    await bench.enrol(1)
    const receivedAt = bench.clock.now()
    const capturedAt = receivedAt - 600_000
    const walk = { track: 'walk', receivedAt }
    await bench.matching.consider(probeLike(1, 0.9405, { ...walk, capturedAt, shot: 0 }))
    await bench.matching.consider(probeLike(1, 0.9, { ...walk, capturedAt: receivedAt, shot: 1 }))
    quiet()
    expect(bench.walks).toEqual([])
    expect(bench.nearMisses).toHaveLength(1)
  })

  it('is told of when the server stops, too', async () => {
    await bench.enrol(1)
    await bench.matching.consider(probeLike(1, 0.5))
    bench.matching.stop()
    expect(bench.walks).toHaveLength(1)
  })
})
