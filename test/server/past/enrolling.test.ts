import { announcer } from '@vedette/server/alerts/announcing'
import { FALSE_SEARCHES } from '@vedette/server/past/bar'
import { thresholdFor } from '@vedette/server/thresholds/published'
import { encodeEmbedding } from '@vedette/shared/embedding'
import { Refusal, Unavailable } from '@vedette/shared/errors'
import { describe, expect, it } from 'vitest'
import { CALIBRATION } from '../../support/models-installed.ts'
import { probeLike, vectorLike } from '../../support/server-matching.ts'
import { ask, HAND, HOUR, PastBench } from '../../support/server-past.ts'
import { newPhoto } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'
import { until } from '../../support/until.ts'

const NOTHING = { walks: 0, alerts: [], seen: [], fault: null }

describe('whoever is enrolled', () => {
  it('is looked for in what was kept, and each walk is an alert about the past', async () => {
    await using bench = await PastBench.open()
    const announced: string[] = []
    await bench.walk(probeLike(1, 0.99), probeLike(2, 0.99))
    const seenAt = bench.bench.clock.now()
    await bench.wait(3 * HOUR)
    const entryId = await bench.bench.enrol(1)
    const announce = announcer(({ id }) => announced.push(id))
    const found = await bench.past.onEnrolled(entryId, HAND)
    expect(found).toMatchObject({ walks: 2, alerts: [expect.any(String)] })
    expect(found.seen).toMatchObject([{ id: found.alerts[0], agent: 'gate-7', camera: 'north' }])
    expect(found.seen[0]!.score).toBeCloseTo(0.99, 3)
    const alert = await bench.stored.store.alerts.get(found.alerts[0]!)
    expect(alert).toMatchObject({
      entryId,
      ...{ late: true, retrospective: true, certainty: 'provisional', state: 'open' },
      capturedAt: seenAt,
      raisedAt: bench.bench.clock.now(),
      rival: null,
    })
    for (const change of bench.told) announce(change)
    expect([bench.told.length, announced]).toEqual([1, []])
  })

  it('is evidence of its entry from there on: found once, and gone with the entry', async () => {
    await using bench = await PastBench.open((stored) => ask(stored, { keepPictures: true }))
    const chip = Buffer.from('the picture of whoever it was')
    const probe = probeLike(1, 0.99, { chip })
    await bench.walk(probe)
    const entryId = await bench.bench.enrol(1)
    const { alerts } = await bench.past.onEnrolled(entryId, HAND)
    expect(alerts).toHaveLength(1)
    expect(bench.keeper.size).toBe(0)
    expect(bench.kept().prepare('SELECT count(*) FROM sightings').pluck().get()).toBe(0)
    expect(await bench.stored.store.alerts.chip(alerts[0]!)).toEqual(chip)
    expect(await bench.past.onEnrolled(entryId, HAND)).toEqual(NOTHING)
    const db = bench.stored.elsewhere()
    const row = db.prepare('SELECT chip, probe FROM alerts').get() as Record<string, Buffer>
    await bench.stored.erase(entryId)
    expect(await rejectionOf(bench.stored.store.alerts.chip(alerts[0]!), Refusal)).toBeDefined()
    expect(Object.values(row)).toHaveLength(2)
    expect(await bench.filesWith(encodeEmbedding(probe.probe))).toEqual([])
  })

  it('is raised once, when the server died before it could forget what it raised', async () => {
    await using bench = await PastBench.open()
    await bench.walk(probeLike(1, 0.99))
    const entryId = await bench.bench.enrol(1)
    const { remove } = bench.keeper
    bench.keeper.remove = async () => {}
    expect((await bench.past.onEnrolled(entryId, HAND)).alerts).toHaveLength(1)
    bench.keeper.remove = remove
    expect(bench.keeper.size).toBe(1)
    expect((await bench.past.onEnrolled(entryId, HAND)).alerts).toEqual([])
    expect([bench.told.length, bench.keeper.size]).toEqual([1, 0])
  })

  it('has its search recorded, with the reason and in numbers only', async () => {
    await using bench = await PastBench.open()
    await bench.walk(probeLike(1, 0.99), probeLike(2, 0.99))
    const entryId = await bench.bench.enrol(1)
    const { alerts } = await bench.past.onEnrolled(entryId, HAND)
    const acts = bench.stored
      .elsewhere()
      .prepare("SELECT body FROM acts JOIN actBodies USING (seq) WHERE kind = 'past.searched'")
      .pluck()
      .all()
      .map(String)
    expect(acts).toHaveLength(1)
    expect(acts[0]).toContain(entryId)
    expect(acts[0]).toContain(HAND.why)
    expect(acts[0]).toContain(alerts[0]!)
    expect(acts[0]).toContain('"walks":2')
  })

  it('finds nobody who is not alike enough, and they stay', async () => {
    await using bench = await PastBench.open()
    await bench.walk(probeLike(1, 0.949))
    const entryId = await bench.bench.enrol(1)
    expect((await bench.past.onEnrolled(entryId, HAND)).alerts).toEqual([])
    expect(bench.keeper.size).toBe(1)
  })

  it('must be the more alike the more walks are searched, and photographs held against them', async () => {
    await using bench = await PastBench.open()
    const { points } = CALIBRATION
    const lax = { threshold: -1, wanted: -1, origin: 'measured' } as const
    const strict = { ...lax, threshold: 1.1 }
    const [few, many] = [2, 102].map((walks) => thresholdFor(points, walks, FALSE_SEARCHES))
    const score = (few! + many!) / 2
    bench.bench.verdict = strict
    await bench.walk(probeLike(1, score), probeLike(2, 0.99))
    bench.bench.verdict = lax
    const entryId = await bench.bench.enrol(1)
    const { remove } = bench.keeper
    bench.keeper.remove = async () => {}
    const { seen } = await bench.past.onEnrolled(entryId, HAND)
    expect(seen).toMatchObject([{ needed: few, score: expect.closeTo(score, 4) }])
    bench.keeper.remove = remove
    bench.bench.verdict = strict
    const others = Array.from({ length: 100 }, (_, i) => probeLike(10 + i, 1, { camera: 'south' }))
    await bench.walk(...others)
    bench.bench.verdict = lax
    const again = await bench.bench.enrol(1)
    expect((await bench.past.onEnrolled(again, HAND)).seen).toEqual([])
  })

  it('is not told from somebody as likely: then the alert gives no name', async () => {
    await using bench = await PastBench.open()
    const other = vectorLike(newPhoto(1).template, 0.995, 5)
    await bench.walk(probeLike(1, 0.99))
    const rival = await bench.bench.enrol(2, other)
    const entryId = await bench.bench.enrol(1)
    const { alerts } = await bench.past.onEnrolled(entryId, HAND)
    expect(await bench.stored.store.alerts.get(alerts[0]!)).toMatchObject({ rival })
  })

  it('is not raised for a face that an operator told apart', async () => {
    await using bench = await PastBench.open()
    const entryId = await bench.bench.enrol(1)
    bench.bench.rejections.cover = () => true
    bench.bench.verdict = { ...bench.bench.verdict, threshold: 1 }
    await bench.walk(probeLike(1, 0.99))
    bench.bench.verdict = { ...bench.bench.verdict, threshold: 0.95 }
    expect((await bench.past.onEnrolled(entryId, HAND)).alerts).toEqual([])
  })

  it('is found while walking past, and the alert goes on when it is seen again', async () => {
    await using bench = await PastBench.open()
    const probe = probeLike(1, 0.99)
    await bench.matching.consider(bench.now(probe))
    const entryId = await bench.bench.enrol(1)
    const { alerts } = await bench.past.onEnrolled(entryId, HAND)
    expect(alerts).toHaveLength(1)
    await bench.matching.consider(bench.now({ ...probe, shot: 1 }))
    expect(bench.told.map(({ kind, alert }) => [kind, alert.id])).toEqual([
      ['raised', alerts[0]],
      ['current', alerts[0]],
    ])
    expect(await bench.stored.store.alerts.get(alerts[0]!)).toMatchObject({ late: false })
    bench.matching.stop()
    await bench.past.beat()
    expect(bench.keeper.size).toBe(0)
  })

  it('is looked for in what its own list had kept, and in nothing else', async () => {
    await using bench = await PastBench.open(async (stored) => {
      await ask(stored, { list: 'other', keepFor: 48 })
      await ask(stored, { keepFor: 24, cameras: ['gate-7/north'] })
    })
    const at = (camera: string) => probeLike(1, 0.99, { camera })
    await bench.walk(at('south'), at('north'), at('west'), probeLike(7, 0.99, { camera: 'north' }))
    expect(bench.keeper.size).toBe(4)
    const entryId = await bench.bench.enrol(1)
    const found = await bench.past.onEnrolled(entryId, HAND)
    expect(found.seen.map(({ camera }) => camera)).toEqual(['north'])
    await bench.wait(30 * HOUR)
    // The other list has it yet: for this one it is past its time.
    expect(bench.keeper.size).toBe(3)
    const later = await bench.bench.enrol(7)
    expect(await bench.past.onEnrolled(later, HAND)).toMatchObject({ walks: 0, alerts: [] })
  })

  it('is not looked for where its list has nothing kept', async () => {
    await using bench = await PastBench.open(async () => {})
    const entryId = await bench.bench.enrol(1)
    expect(await bench.past.onEnrolled(entryId, HAND)).toEqual(NOTHING)
    const acts = bench.stored.elsewhere().prepare('SELECT kind FROM acts').pluck().all()
    expect(acts).not.toContain('past.searched')
  })

  it('is looked for later, when the past could not be searched at once', async () => {
    await using bench = await PastBench.open()
    await bench.walk(probeLike(1, 0.99))
    const entryId = await bench.bench.enrol(1)
    const { get } = bench.keeper
    bench.keeper.get = () => Promise.reject(new Unavailable('store.busy', 'somebody else writes'))
    const found = await bench.past.onEnrolled(entryId, HAND)
    expect(found).toEqual({ ...NOTHING, fault: 'store.busy' })
    await bench.past.beat()
    expect(bench.told).toEqual([])
    bench.keeper.get = get
    await bench.past.beat()
    expect(bench.told).toMatchObject([{ kind: 'raised', alert: { entryId } }])
    await bench.past.beat()
    expect([bench.told.length, bench.keeper.size]).toEqual([1, 0])
  })

  it('is looked for after a restart, when the server died before it could', async () => {
    await using bench = await PastBench.open()
    await bench.walk(probeLike(1, 0.99), probeLike(2, 0.99))
    const entryId = await bench.bench.enrol(1)
    const searched = await bench.bench.enrol(2)
    await bench.past.onEnrolled(searched, HAND)
    expect(bench.told).toHaveLength(1)
    await bench.restart()
    await until(() => bench.acts().length === 2)
    expect(bench.told.map(({ alert }) => alert.entryId)).toEqual([searched, entryId])
    expect(bench.acts()).toEqual([searched, entryId])
  })
})
