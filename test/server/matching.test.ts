import { Alerts } from '@vedette/server/alerts/alerts'
import { Gallery } from '@vedette/server/gallery/gallery'
import { Matching } from '@vedette/server/matching'
import { Thresholds } from '@vedette/server/thresholds/thresholds'
import { normalise, similarity } from '@vedette/shared/embedding'
import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../support/agent-clock.ts'
import { seeded } from '../support/agent-random.ts'
import { LogBook } from '../support/server-log.ts'
import { sightingOf } from '../support/server-sightings.ts'
import { newEntry, newPhoto, SPACE, TemporaryStore } from '../support/server-store.ts'
import { scattered } from '../support/server-vectors.ts'

const FLOOR = 0.95
const MINUTE = 60_000
const calibration = [
  { falseMatchRate: 1e-2, similarity: 0.9 },
  { falseMatchRate: 1e-4, similarity: 0.94 },
  { falseMatchRate: 1e-6, similarity: 0.98 },
]

let stored: TemporaryStore
let gallery: Gallery
let alerts: Alerts
let clock: ManualClock
let thresholds: Thresholds
let matching: Matching

beforeEach(async () => {
  stored = await TemporaryStore.make()
  gallery = await Gallery.open(SPACE, { length: 128, threads: 1 }, [])
  const { agents, entries, alerts: store, thresholds: learned } = stored.store
  const { log } = new LogBook()
  clock = new ManualClock()
  alerts = new Alerts({ store, cooldown: 60_000, clock, log })
  thresholds = await Thresholds.open({
    store: learned,
    agents,
    space: SPACE,
    calibration,
    budget: 1,
    walks: 1000,
    floor: FLOOR,
    entries: () => gallery.entries,
    clock,
    log,
  })
  matching = new Matching({ gallery, entries, alerts, thresholds, clock })
  return async () => {
    await gallery[Symbol.asyncDispose]()
    await stored[Symbol.asyncDispose]()
  }
})

async function enrol(seed: number, name = `person ${seed}`): Promise<string> {
  const { entry, templates } = await stored.store.entries.add(newEntry(name), [newPhoto(seed)])
  await gallery.add(templates)
  return entry.id
}

/** A probe whose similarity to the template of `seed` is `score`. */
function probeLike(seed: number, score: number, seen: { track?: string } = {}) {
  const { template } = newPhoto(seed)
  const [other] = scattered(1, 128, seeded(seed + 1000))
  const along = similarity(other!, template)
  const across = normalise(other!.map((value, i) => value - along * template[i]!))
  const probe = normalise(
    template.map((value, i) => score * value + Math.sqrt(1 - score ** 2) * across[i]!),
  )
  return sightingOf('', { probe: { probe, ...seen } }).probe
}

/** Everything that is on the disk. */
async function onDisk(): Promise<Record<string, string>> {
  const files = await stored.files()
  return Object.fromEntries([...files].map(([name, bytes]) => [name, bytes.toString('base64')]))
}

describe('a probe', () => {
  it('of nobody on the list leaves nothing behind: not a byte on the disk changes', async () => {
    await enrol(1)
    const before = await onDisk()
    expect(Object.keys(before)).toContain('wanted.db-wal')
    for (const score of [0.9499, 0.9, 0.5, 0, -0.5, -1])
      await matching.consider(probeLike(1, score))
    for (let seed = 50; seed < 60; seed++) await matching.consider(probeLike(seed, 1))
    expect(await onDisk()).toEqual(before)
  })

  it('is taken for somebody from the floor on', async () => {
    const id = await enrol(1)
    await enrol(2)
    await matching.consider(probeLike(1, 0.9499, { track: 'below' }))
    await matching.consider(probeLike(1, 0.9501, { track: 'above' }))
    const found = await stored.store.alerts.list({ limit: 10 })
    expect(found).toMatchObject([
      {
        entryId: id,
        list: 'wanted',
        track: 'above',
        threshold: FLOOR,
        score: expect.closeTo(0.9501, 5),
      },
    ])
    expect(found[0]!.runnerUp).toBeLessThan(0.5)
    const [template] = await stored.store.entries.templates(SPACE)
    expect(found[0]).toMatchObject({ templateId: template!.id, space: SPACE })
  })

  it('finds nobody on an empty list', async () => {
    await matching.consider(probeLike(1, 1))
    expect(await stored.store.alerts.list({ limit: 10 })).toEqual([])
  })

  it('says that there is no second where the list has one entry', async () => {
    await enrol(1)
    await matching.consider(probeLike(1, 0.99))
    expect(await stored.store.alerts.list({ limit: 10 })).toMatchObject([{ runnerUp: null }])
  })

  it('of somebody who is removed meanwhile raises nothing', async () => {
    const id = await enrol(1)
    const considering = matching.consider(probeLike(1, 0.99))
    await stored.store.entries.remove(id)
    await considering
    expect(await stored.store.alerts.list({ limit: 10 })).toEqual([])
  })

  it('is done with only when its alert is on the disk', async () => {
    await enrol(1)
    await matching.consider(probeLike(1, 0.99))
    expect(stored.rows('alerts')).toBe(1)
  })
})

describe('what a probe must reach', () => {
  it('is the floor on a short list, and more the longer the list is', async () => {
    await enrol(1)
    const at = { agent: 'gate-7', camera: 'north', list: 'wanted' }
    expect(thresholds.for(at)).toEqual({ threshold: FLOOR, origin: 'floor' })
    for (let seed = 2; seed <= 60; seed++) await enrol(seed)
    // 1 in 1000 / 60: beyond 1e-4 the similarity rises by 0.02 for each power of ten and two.
    const wanted = 0.94 + 0.02 * Math.log10(6)
    expect(thresholds.for(at)).toEqual({
      threshold: expect.closeTo(wanted, 10),
      origin: 'published',
    })
    await matching.consider(probeLike(1, wanted - 0.0001, { track: 'below' }))
    await matching.consider(probeLike(1, wanted + 0.0001, { track: 'above' }))
    const found = await stored.store.alerts.list({ limit: 10 })
    expect(found).toMatchObject([{ track: 'above', threshold: expect.closeTo(wanted, 10) }])
  })
})

describe('a walk', () => {
  const learned = async () => {
    await thresholds.flush()
    const [impostors] = await stored.store.thresholds.impostors(SPACE)
    return impostors?.scores
  }

  it('teaches its best score once, half a minute after it was last heard of', async () => {
    await enrol(1)
    await enrol(2)
    await matching.consider(probeLike(1, 0.9, { track: 'one' }))
    clock.advance(MINUTE / 3)
    await matching.consider(probeLike(1, 0.93, { track: 'one' }))
    await matching.consider(probeLike(1, 0.8, { track: 'two' }))
    clock.advance(MINUTE / 3)
    expect(await learned()).toBeUndefined()
    clock.advance(MINUTE / 3)
    const scores = await learned()
    expect(scores).toMatchObject({ walks: 2, squares: 8 })
    expect([...scores!.bins()].map(({ from }) => from)).toEqual([0.8, 0.93])
  })

  it('does not teach the score that made it an alert, but that of the next person', async () => {
    await enrol(1)
    await enrol(2)
    await matching.consider(probeLike(1, 0.99))
    clock.advance(MINUTE)
    const scores = await learned()
    expect(scores).toMatchObject({ walks: 1, squares: 1 })
    const [bin, ...others] = [...scores!.bins()]
    expect(bin!.from).toBeLessThan(0.5)
    expect(others).toEqual([])
  })

  it('past an empty list is counted without a score', async () => {
    await matching.consider(probeLike(1, 0.99))
    clock.advance(MINUTE)
    const scores = await learned()
    expect([scores!.walks, [...scores!.bins()]]).toEqual([1, []])
  })
})
