import { SEALED } from '@vedette/server/store/changes/carrying'
import { Refusal } from '@vedette/shared/errors'
import { beforeEach, describe, expect, it } from 'vitest'
import { RegisterBench } from '../../support/server-register.ts'
import { HAND, newPhoto } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'

let bench: RegisterBench

beforeEach(async () => {
  bench = await RegisterBench.open()
  return () => bench[Symbol.asyncDispose]()
})

const codeOf = async (refused: Promise<unknown>) => (await rejectionOf(refused, Refusal)).code
const merge = (id: string, from: string) =>
  bench.register.change(id, { kind: 'entry.merge', from }, HAND)
const split = (id: string, photos: number[], name = 'Somebody Else') =>
  bench.register.change(id, { kind: 'entry.split', photos, name }, HAND)
const alertsOf = async (id: string) =>
  (await bench.bench.found()).filter(({ entryId }) => entryId === id)

describe('two entries that are one person', () => {
  it('are one, with all photographs, templates and names, found by any of them', async () => {
    const one = await bench.enrol([1, 2], { name: 'Jane Doe', caseNumber: 'A-1' })
    const two = await bench.enrol([3], { name: 'J. Roe', aliases: ['Janie'], reason: 'theft' })
    const pictures = [await bench.entries.photo(one.id, 1), await bench.entries.photo(two.id, 0)]
    const { entry } = await merge(one.id, two.id)
    expect(entry).toMatchObject({
      id: one.id,
      name: 'Jane Doe',
      aliases: ['J. Roe', 'Janie'],
      caseNumber: 'A-1',
      reason: 'theft',
      photos: 3,
    })
    expect(await codeOf(bench.entries.get(two.id))).toBe('entry.not-found')
    expect([await bench.entries.photo(one.id, 1), await bench.entries.photo(one.id, 2)]).toEqual(
      pictures,
    )
    for (const seed of [1, 2, 3]) expect(await bench.ask(seed)).toEqual([one.id])
    expect(bench.galleries.active.entries).toBe(1)
    expect(bench.acts('entry.merged')).toMatchObject([
      { about: { entry: one.id }, details: { from: two.id, photos: 1 } },
      { about: { entry: two.id }, details: { into: one.id } },
    ])
  })

  it('keep alerts with their pictures and probes, and what was told apart', async () => {
    const one = await bench.enrol(1)
    const two = await bench.enrol(2)
    await bench.ask(2)
    await bench.ask(2)
    const [newer, older] = await alertsOf(two.id)
    const { alerts } = bench.stored.store
    const before = [await alerts.chip(newer!.id), (await alerts.probe(newer!.id)).probe]
    await bench.bench.decisions.resolve(older!.id, 'false', HAND, 'his twin')
    expect(await bench.ask(2)).toEqual([])
    await merge(one.id, two.id)
    expect((await alertsOf(one.id)).map(({ id }) => id)).toEqual([newer!.id, older!.id])
    expect([await alerts.chip(newer!.id), (await alerts.probe(newer!.id)).probe]).toEqual(before)
    expect((await alerts.frames(newer!.id)).length).toBeGreaterThan(0)
    expect(JSON.stringify(await alerts.life(older!.id))).toContain('his twin')
    expect(await bench.ask(2)).toEqual([])
    expect(await bench.ask(1)).toEqual([one.id])
  })

  it('that one walk was both of keep both alerts, and the rivalry is over', async () => {
    const one = await bench.enrol(1)
    const two = await bench.enrol(1)
    await bench.ask(1, { track: 'same', shot: 0, capturedAt: bench.clock.now() })
    const [undecided] = await bench.bench.found()
    expect([undecided!.rival === null, undecided!.entryId === undecided!.rival]).toEqual([
      false,
      false,
    ])
    await merge(one.id, two.id)
    const after = await bench.bench.found()
    expect(after.map(({ entryId, rival }) => [entryId, rival])).toEqual([[one.id, null]])
  })

  it('have alerts of the same walk of both, which stay apart', async () => {
    const one = await bench.enrol(1)
    const two = await bench.enrol(2)
    const at = { track: 'same', camera: 'door', capturedAt: bench.clock.now() }
    await bench.ask(1, { ...at, shot: 0 })
    bench.bench.matching.stop()
    await bench.ask(2, { ...at, shot: 1 })
    expect(await bench.bench.found()).toHaveLength(2)
    await merge(one.id, two.id)
    expect(await alertsOf(one.id)).toHaveLength(2)
  })

  it('count near misses together, and are as strict as the stricter', async () => {
    const one = await bench.enrol(1)
    const two = await bench.enrol(2)
    const { nearMisses, entries } = bench.stored.store
    const seen = { agent: 'a', camera: 'c', lastAt: 1 }
    const [t1, t2] = [one, two].map(async ({ id }) => {
      const [template] = await entries.templates(bench.galleries.active.space, { entry: id })
      return template!.id
    })
    await nearMisses.add([
      { ...seen, entryId: one.id, walks: 2, highest: 0.5, templateId: await t1! },
      { ...seen, entryId: two.id, walks: 3, highest: 0.7, templateId: await t2! },
    ])
    await bench.bench.strictness.set(two.id, 10, HAND, 1)
    await merge(one.id, two.id)
    expect(await nearMisses.all()).toMatchObject([{ entryId: one.id, walks: 5, highest: 0.7 }])
    expect(bench.bench.strictness.of(one.id)).toBe(10)
  })

  it('are found throughout', async () => {
    const one = await bench.enrol([1, 2])
    const two = await bench.enrol(3)
    const gallery = bench.galleries.active
    let stop = false
    const missed: number[] = []
    const asking = (async () => {
      while (!stop) {
        for (const seed of [1, 2, 3]) {
          const [best] = await gallery.search(newPhoto(seed).template)
          if ((best?.score ?? 0) < 0.999) missed.push(seed)
        }
      }
    })()
    await merge(one.id, two.id)
    stop = true
    await asking
    expect(missed).toEqual([])
  })

  it('are not merged across lists, with themselves, or while one waits', async () => {
    await bench.lists.add('other', {}, HAND)
    const one = await bench.enrol(1)
    const two = await bench.enrol(2, { list: 'other' })
    expect(await codeOf(merge(one.id, two.id))).toBe('entry.unmergeable')
    expect(await codeOf(merge(one.id, one.id))).toBe('entry.unmergeable')
    expect(await codeOf(merge(one.id, 'nobody'))).toBe('entry.not-found')
    await bench.askForTwo()
    const three = await bench.enrol(3)
    expect(await codeOf(merge(one.id, three.id))).toBe('entry.unmergeable')
    expect(await bench.entries.all()).toHaveLength(3)
  })
})

describe('an entry that is two persons', () => {
  it('is two, each found by their own photographs', async () => {
    const one = await bench.enrol([1, 2, 3], { name: 'Jane Doe', reason: 'theft' })
    const picture = await bench.entries.photo(one.id, 1)
    await split(one.id, [2])
    const other = (await bench.entries.all()).find(({ id }) => id !== one.id)!
    expect(other).toMatchObject({
      ...{ name: 'Somebody Else', aliases: [], reason: 'theft', list: 'wanted', state: 'live' },
      ...{ expiresAt: one.expiresAt, photos: 1, createdBy: 'anna' },
    })
    expect((await bench.entries.photos(one.id)).map(({ photo }) => photo)).toEqual([1, 2])
    expect(await bench.entries.photo(other.id, 0)).toEqual(picture)
    expect(await bench.ask(2)).toEqual([other.id])
    expect([await bench.ask(1), await bench.ask(3)]).toEqual([[one.id], [one.id]])
  })

  it('gives alerts to who they came by, pictures and all', async () => {
    const one = await bench.enrol([1, 2])
    await bench.ask(1)
    await bench.ask(2)
    const [byTwo, byOne] = await alertsOf(one.id)
    const chip = await bench.stored.store.alerts.chip(byTwo!.id)
    await split(one.id, [2])
    const other = (await bench.entries.all()).find(({ id }) => id !== one.id)!
    expect((await alertsOf(one.id)).map(({ id }) => id)).toEqual([byOne!.id])
    expect((await alertsOf(other.id)).map(({ id }) => id)).toEqual([byTwo!.id])
    expect(await bench.stored.store.alerts.chip(byTwo!.id)).toEqual(chip)
  })

  it.each([[[]], [[3]], [[0]], [[1, 2]]])('is not split by photographs %j', async (photos) => {
    const { id } = await bench.enrol([1, 2])
    expect(await codeOf(split(id, photos))).toBe('entry.unsplittable')
    expect(bench.stored.rows('entries')).toBe(1)
  })

  it('is as it was after it was split and merged again', async () => {
    const one = await bench.enrol([1, 2])
    await bench.ask(2)
    await split(one.id, [2], 'A Mistake')
    const other = (await bench.entries.all()).find(({ id }) => id !== one.id)!
    await merge(one.id, other.id)
    expect(await bench.entries.get(one.id)).toMatchObject({ photos: 2, aliases: ['A Mistake'] })
    expect(await bench.ask(2)).toEqual([one.id])
  })
})

describe('what is sealed with the key of an entry', () => {
  it('is all sealed anew when it goes over: no such column is forgotten', () => {
    const db = bench.stored.elsewhere()
    const tables = db
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
      .pluck()
      .all() as string[]
    const blobs = tables.flatMap((table) => {
      const columns = db.pragma(`table_info(${table})`) as { name: string; type: string }[]
      const names = columns.map(({ name }) => name)
      const owned = ['entryId', 'alertId', 'photoId', 'rejectionId'].some((of) =>
        names.includes(of),
      )
      if (!owned) return []
      return columns.filter(({ type }) => type === 'BLOB').map(({ name }) => `${table}.${name}`)
    })
    const known = SEALED.map(({ table, column }) => `${table}.${column}`)
    // Of an entry that is merged away no request waits, and what was answered was of another id.
    const gone = ['enrolmentKeys.kept', 'requests.change']
    expect(blobs.filter((name) => !known.includes(name)).toSorted()).toEqual(gone)
  })
})

describe('whoever watches is told', () => {
  const told = () => bench.told.splice(0).map(({ kind, entry, list }) => [kind, entry, list])

  it('of both that become one, of both that one becomes, and where an entry is and was', async () => {
    await bench.lists.add('other', {}, HAND)
    const one = await bench.enrol([1, 2])
    const two = await bench.enrol(3)
    await merge(one.id, two.id)
    expect(told()).toEqual([
      ['changed', one.id, 'wanted'],
      ['gone', two.id, 'wanted'],
    ])
    await split(one.id, [3])
    const [, apart] = await bench.entries.all()
    expect(told()).toEqual([
      ['changed', one.id, 'wanted'],
      ['enrolled', apart!.id, 'wanted'],
    ])
    await bench.register.change(one.id, { kind: 'entry.move', list: 'other' }, HAND)
    expect(told()).toEqual([
      ['gone', one.id, 'wanted'],
      ['changed', one.id, 'other'],
    ])
  })
})
