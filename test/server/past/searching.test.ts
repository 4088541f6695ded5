import { type Hours, USUAL_POLICY } from '@vedette/server/lists/list'
import type { PolicyChange } from '@vedette/server/lists/policy'
import type { Question } from '@vedette/server/past/answer'
import { policiesOf } from '@vedette/server/past/policy'
import { describe, expect, it } from 'vitest'
import { probeLike, vectorLike } from '../../support/server-matching.ts'
import { ask, cameraOf, HOUR, PastBench } from '../../support/server-past.ts'
import { newPhoto, SPACE } from '../../support/server-store.ts'

/** Somebody asks for whoever looks like `seed`. */
function question(bench: PastBench, seed: number, more: Partial<Question> = {}): Question {
  const now = bench.bench.clock.now()
  return {
    likenesses: [{ space: SPACE, template: newPhoto(seed).template }],
    lists: ['wanted'],
    ...{ since: now - 24 * HOUR, until: now, near: false },
    asks: () => true,
    sees: () => true,
    ...more,
  }
}

describe('a search of the past', () => {
  it('says where and when, best first, against what was needed, and keeps nothing of who asked', async () => {
    await using bench = await PastBench.open()
    bench.cameras.push(cameraOf({ camera: 'south' }))
    await bench.walk(probeLike(1, 0.97))
    const first = bench.bench.clock.now()
    await bench.wait(HOUR)
    await bench.walk(probeLike(1, 0.99, { camera: 'south' }), probeLike(2, 0.99))
    const answer = await bench.past.ask(question(bench, 1))
    expect(answer).toMatchObject({ walks: 3, elsewhere: 0, more: false, alerts: [] })
    expect(answer.sightings).toMatchObject([
      { camera: 'south', score: expect.closeTo(0.99, 4), needed: 0.95, pictured: false },
      { camera: 'north', score: expect.closeTo(0.97, 4), from: first, at: first },
    ])
    expect(bench.keeper.size).toBe(3)
    expect(bench.told).toEqual([])
  })

  it('sees the time asked for, the cameras and the lists asked about, and nothing else', async () => {
    await using bench = await PastBench.open()
    await bench.walk(probeLike(1, 0.99))
    const early = bench.bench.clock.now()
    await bench.wait(2 * HOUR)
    await bench.walk(probeLike(1, 0.98, { camera: 'south' }))
    const scores = async (more: Partial<Question>) =>
      (await bench.past.ask(question(bench, 1, more))).sightings.map(({ score }) =>
        score.toFixed(2),
      )
    expect(await scores({})).toEqual(['0.99', '0.98'])
    expect(await scores({ since: early + HOUR })).toEqual(['0.98'])
    expect(await scores({ until: early + HOUR })).toEqual(['0.99'])
    expect(await scores({ asks: ({ camera }) => camera === 'south' })).toEqual(['0.98'])
    expect(await scores({ lists: [] })).toEqual([])
    expect(await scores({ lists: ['other'] })).toEqual([])
  })

  it('shows who comes near only when that is asked for', async () => {
    await using bench = await PastBench.open()
    await bench.walk(probeLike(1, 0.946))
    expect((await bench.past.ask(question(bench, 1))).sightings).toEqual([])
    const { sightings } = await bench.past.ask(question(bench, 1, { near: true }))
    expect(sightings).toMatchObject([{ score: expect.closeTo(0.946, 4), needed: 0.95 }])
  })

  it('finds who is walking past', async () => {
    await using bench = await PastBench.open()
    await bench.matching.consider(bench.now(probeLike(1, 0.99)))
    const { sightings } = await bench.past.ask(question(bench, 1))
    expect(sightings).toMatchObject([{ sighting: null, score: expect.closeTo(0.99, 4) }])
  })

  it('finds alerts of that time that look like it, whoever they are about, where they may be seen', async () => {
    await using bench = await PastBench.open()
    const alike = vectorLike(newPhoto(1).template, 0.96, 3)
    const entryId = await bench.bench.enrol(2, alike)
    await bench.matching.consider(bench.now(probeLike(1, 0.99, { probe: alike })))
    const answer = await bench.past.ask(question(bench, 1))
    expect(answer.alerts).toMatchObject([
      { entryId, list: 'wanted', score: expect.closeTo(0.96, 4) },
    ])
    expect((await bench.past.ask(question(bench, 5))).alerts).toEqual([])
    expect((await bench.past.ask(question(bench, 1, { sees: () => false }))).alerts).toEqual([])
    await bench.wait(25 * HOUR)
    expect((await bench.past.ask(question(bench, 1))).alerts).toEqual([])
  })

  it('says how many walks are of a model that nobody uses now', async () => {
    await using bench = await PastBench.open()
    await bench.walk(probeLike(1, 0.99))
    const { walks, elsewhere, sightings } = await bench.past.ask(
      question(bench, 1, { likenesses: [] }),
    )
    expect({ walks, elsewhere, sightings }).toEqual({ walks: 0, elsewhere: 1, sightings: [] })
  })

  it('has beside it how much of the time each camera could have seen a usable face', async () => {
    await using bench = await PastBench.open()
    const begin = bench.bench.clock.now()
    await bench.wait(6 * HOUR)
    await bench.says({ state: 'amber', why: 'away', connected: false })
    await bench.wait(3 * HOUR)
    await bench.says({ state: 'green', why: 'well', connected: true })
    await bench.wait(3 * HOUR)
    const { cameras, sightings } = await bench.past.ask(question(bench, 1, { since: begin }))
    expect(sightings).toEqual([])
    expect(cameras).toMatchObject([{ agent: 'gate-7', camera: 'north', share: 0.75 }])
    expect(
      cameras[0]!.stretches.map(({ from, to, gap }) => [from - begin, to - begin, gap]),
    ).toEqual([
      [0, 6 * HOUR, null],
      [6 * HOUR, 9 * HOUR, 'away'],
      [9 * HOUR, 12 * HOUR, null],
    ])
  })

  it('holds a camera for blind since its trouble began, and in doubt since its last test face', async () => {
    await using bench = await PastBench.open()
    const begin = bench.bench.clock.now()
    await bench.wait(HOUR)
    await bench.says({
      ...{ state: 'red', why: 'blind' },
      troubles: [{ kind: 'covered', since: begin + HOUR / 2 }],
    })
    await bench.wait(HOUR)
    await bench.says({ state: 'green', why: 'well', troubles: [] })
    await bench.wait(HOUR)
    const passedAt = begin + 2.5 * HOUR
    await bench.says({ state: 'red', why: 'no-canary', passedAt })
    await bench.wait(HOUR)
    const { cameras } = await bench.past.ask(question(bench, 1, { since: begin }))
    expect(cameras[0]!.stretches.map(({ from, gap }) => [(from - begin) / HOUR, gap])).toEqual([
      [0, null],
      [0.5, 'blind'],
      [2, null],
      [2.5, 'no-canary'],
    ])
  })

  it('knows that the server was away, to the beat, and what was not kept then or is destroyed now', async () => {
    await using bench = await PastBench.open((stored) => ask(stored, { keepFor: 0 }))
    const begin = bench.bench.clock.now()
    await bench.wait(HOUR)
    await bench.asks({ keepFor: 3 })
    await bench.wait(HOUR)
    await bench.restart(HOUR)
    await bench.wait(HOUR)
    const shown = async () => {
      const { cameras } = await bench.past.ask(question(bench, 1, { since: begin }))
      return cameras[0]!.stretches.map(({ from, gap }) => [(from - begin) / HOUR, gap])
    }
    expect(await shown()).toEqual([
      [0, 'not-kept'],
      [1, null],
      [2, 'server-away'],
      [3, null],
    ])
    await bench.wait(0.5 * HOUR)
    expect((await shown()).slice(0, 3)).toEqual([
      [0, 'not-kept'],
      [1, 'destroyed'],
      [1.5, null],
    ])
  })
})

describe('what a list asks for', () => {
  it('is asked of its cameras, all of an agent or one', () => {
    const watches = (cameras: string[] | null, agent: string, camera: string) => {
      const list = { ...USUAL_POLICY, name: 'l', id: 'l', createdAt: 0, version: 1, cameras }
      const [policy] = policiesOf({ all: [list], applies: () => true })
      return policy!.watches({ agent, camera })
    }
    expect(watches(null, 'a', 'x')).toBe(true)
    expect(watches(['a/*'], 'a', 'x')).toBe(true)
    expect(watches(['a/x'], 'a', 'x')).toBe(true)
    expect(watches(['a/y', 'b/*'], 'a', 'x')).toBe(false)
  })

  it('is asked of its hours, too', async () => {
    await using bench = await PastBench.open()
    const spans: Hours['spans'] = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '08:00', to: '20:00' }]
    await bench.asks({ hours: { zone: 'UTC', spans } } as PolicyChange)
    const at = new Date(bench.bench.clock.now())
    const until = (hour: number) => ((hour - at.getUTCHours() + 24) % 24 || 24) * HOUR
    await bench.wait(until(21))
    await bench.walk(probeLike(1, 0.99))
    expect(bench.keeper.size).toBe(0)
    await bench.wait(12 * HOUR)
    await bench.walk(probeLike(1, 0.99))
    expect(bench.keeper.size).toBe(1)
  })
})
