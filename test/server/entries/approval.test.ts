import { MOST_REQUESTS, REQUEST_LIFE_MS } from '@vedette/server/approvals/request'
import { Refusal } from '@vedette/shared/errors'
import { beforeEach, describe, expect, it } from 'vitest'
import { RegisterBench, SECOND } from '../../support/server-register.ts'
import { HAND, newEntry, newPhoto } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'

const DAY = 86_400_000
let bench: RegisterBench

beforeEach(async () => {
  bench = await RegisterBench.open()
  return () => bench[Symbol.asyncDispose]()
})

const codeOf = async (refused: Promise<unknown>) => (await rejectionOf(refused, Refusal)).code
const only = async () => (await bench.register.pending())[0]!.id

describe('where a list asks for two persons, a new entry', () => {
  beforeEach(() => bench.askForTwo())

  it('is matched by nothing until the second consents, and then it is', async () => {
    const entry = await bench.enrol(1)
    expect(entry.state).toBe('pending')
    expect(await bench.ask(1)).toEqual([])
    expect(bench.galleries.active.templates).toBe(0)
    expect(await bench.register.pending()).toMatchObject([
      { entry: entry.id, list: 'wanted', askedBy: 'anna', change: { kind: 'entry.add' } },
    ])
    await bench.register.decide(await only(), 'approved', SECOND)
    expect(await bench.ask(1)).toEqual([entry.id])
    expect(bench.live).toEqual([entry.id])
    expect(await bench.register.pending()).toEqual([])
    expect(bench.acts('request.approved')).toMatchObject([
      { by: 'bert', from: '10.0.0.2', details: { askedBy: 'anna', change: 'entry.add' } },
    ])
    expect(bench.told.map(({ kind }) => kind)).toEqual(['approved'])
  })

  it('stays as it was when the server starts in between', async () => {
    const entry = await bench.enrol(1)
    const at = { liveAt: bench.clock.now() }
    expect(await bench.entries.templates(bench.galleries.active.space, at)).toEqual([])
    await bench.register.decide(await only(), 'approved', SECOND)
    const live = await bench.entries.templates(bench.galleries.active.space, at)
    expect(live.map(({ entryId }) => entryId)).toEqual([entry.id])
  })

  it('never matches when the second does not consent', async () => {
    const { id } = await bench.enrol(1)
    await bench.register.decide(await only(), 'refused', { ...SECOND, why: 'wrong man' })
    expect((await bench.entries.get(id)).state).toBe('refused')
    expect(await bench.ask(1)).toEqual([])
    const extending = { kind: 'entry.extend', expiresAt: bench.clock.now() + DAY } as const
    expect(await codeOf(bench.register.change(id, extending, SECOND))).toBe('entry.wrong-state')
  })

  it('is not approved by who asked, twice, or when it is nothing', async () => {
    await bench.enrol(1)
    const id = await only()
    expect(await codeOf(bench.register.decide(id, 'approved', HAND))).toBe('request.own')
    expect(await bench.ask(1)).toEqual([])
    expect(await codeOf(bench.register.decide('nothing', 'approved', SECOND))).toBe(
      'request.not-found',
    )
    const both = [SECOND, { ...SECOND, by: 'carl' }].map((hand) =>
      bench.register.decide(id, 'approved', hand).catch((error) => (error as Refusal).code),
    )
    expect((await Promise.all(both)).filter((one) => one === 'request.decided')).toHaveLength(1)
    expect(bench.acts('request.approved')).toHaveLength(1)
    expect(await codeOf(bench.register.decide(id, 'refused', SECOND))).toBe('request.decided')
    expect(await bench.ask(1)).toHaveLength(1)
  })

  it('may be taken back by who asked', async () => {
    await bench.enrol(1)
    await bench.register.decide(await only(), 'refused', HAND)
    expect(await bench.register.pending()).toEqual([])
  })

  it('is nothing any more when nobody decided for a week, with a sweep or without', async () => {
    const { id } = await bench.enrol(1)
    const request = await only()
    bench.clock.jump(bench.clock.now() + REQUEST_LIFE_MS)
    expect(await codeOf(bench.register.decide(request, 'approved', SECOND))).toBe('request.expired')
    expect(await bench.register.pending()).toEqual([])
    await bench.register.sweep()
    expect((await bench.entries.get(id)).state).toBe('refused')
    expect(await codeOf(bench.register.decide(request, 'approved', SECOND))).toBe('request.expired')
    expect(await bench.ask(1)).toEqual([])
    expect(bench.acts('request.expired')).toHaveLength(1)
  })

  it('that is over itself before the week is, is over', async () => {
    await bench.enrol(1, { expiresAt: bench.clock.now() + DAY })
    const request = await only()
    bench.clock.jump(bench.clock.now() + DAY)
    expect(await codeOf(bench.register.decide(request, 'approved', SECOND))).toBe('request.expired')
  })

  it('is the last of a hundred that wait, and none is stored beyond them', async () => {
    for (let seed = 1; seed <= MOST_REQUESTS; seed++) await bench.enrol(seed)
    const one = bench.entries.add(newEntry('one more', { createdAt: bench.clock.now() }), [
      newPhoto(),
    ])
    expect(await codeOf(one)).toBe('request.too-many')
    expect(bench.stored.rows('entries')).toBe(MOST_REQUESTS)
    await bench.register.decide(await only(), 'approved', SECOND)
    await bench.enrol(101)
    expect(await bench.register.pending()).toHaveLength(MOST_REQUESTS)
  })
})

describe('where a list asks for two persons, what is already on it', () => {
  let entry: string

  beforeEach(async () => {
    entry = (await bench.enrol([1, 2])).id
    await bench.askForTwo()
  })

  it('has no more time until the second consents', async () => {
    const before = await bench.entries.get(entry)
    const expiresAt = bench.clock.now() + 200 * DAY
    const made = await bench.register.change(entry, { kind: 'entry.extend', expiresAt }, HAND)
    expect(made.request).toBeDefined()
    expect(await bench.entries.get(entry)).toEqual(before)
    await bench.register.decide(made.request!, 'approved', SECOND)
    expect((await bench.entries.get(entry)).expiresAt).toBe(expiresAt)
  })

  it('is not merged, split or moved away by one', async () => {
    const other = await bench.enrol(3)
    await bench.register.decide(await only(), 'approved', SECOND)
    await bench.lists.add('lax', {}, HAND)
    const changes = [
      { kind: 'entry.merge', from: other.id },
      { kind: 'entry.split', photos: [2], name: 'Somebody Else' },
      { kind: 'entry.move', list: 'lax' },
    ] as const
    for (const change of changes) {
      const made = await bench.register.change(entry, change, HAND)
      expect([change.kind, made.request === undefined]).toEqual([change.kind, false])
    }
    expect((await bench.entries.all()).map(({ id, list, photos }) => [id, list, photos])).toEqual([
      [entry, 'wanted', 2],
      [other.id, 'wanted', 1],
    ])
    for (const { id } of await bench.register.pending()) {
      await bench.register.decide(id, 'approved', SECOND).catch((error) => {
        expect((error as Refusal).code).not.toBe('request.own')
      })
    }
    const all = await bench.entries.all()
    expect(all.find(({ id }) => id === entry)).toMatchObject({ list: 'lax' })
  })

  it('is told of with names that only its own key opens', async () => {
    const split = { kind: 'entry.split' as const, photos: [2], name: 'Dora Unwritten' }
    await bench.register.change(entry, split, HAND)
    expect((await bench.register.pending())[0]!.change).toEqual(split)
    for (const [name, bytes] of await bench.stored.files()) {
      expect([name, bytes.includes('Unwritten')]).toEqual([name, false])
    }
  })

  it('is not found by a new photograph until the second consents, and by the others it is', async () => {
    bench.portraits = [newPhoto(7, { origin: { source: 'passport', taken: '2025-05-05' } })]
    const asked = { photos: [], list: 'wanted' }
    const { request } = await bench.register.addPhotos(entry, asked, HAND)
    expect([await bench.ask(7), await bench.ask(1)]).toEqual([[], [entry]])
    expect((await bench.entries.photos(entry)).at(-1)).toMatchObject({
      ...{ photo: 3, state: 'pending', source: 'passport', taken: '2025-05-05' },
    })
    await bench.register.decide(request!, 'approved', SECOND)
    expect(await bench.ask(7)).toEqual([entry])
    expect(bench.live).toEqual([entry])
  })

  it('keeps nothing of a new photograph that the second does not consent to', async () => {
    bench.portraits = [newPhoto(7), newPhoto(8)]
    const { request } = await bench.register.addPhotos(entry, { photos: [], list: 'wanted' }, HAND)
    expect(bench.stored.rows('templates')).toBe(4)
    await bench.register.decide(request!, 'refused', SECOND)
    expect([bench.stored.rows('photos'), bench.stored.rows('templates')]).toEqual([2, 2])
    expect([await bench.ask(7), await bench.ask(2)]).toEqual([[], [entry]])
  })

  it('goes on matching while something of it waits', async () => {
    const split = { kind: 'entry.split', photos: [2], name: 'Somebody Else' } as const
    await bench.register.change(entry, split, HAND)
    expect(await bench.ask(1)).toEqual([entry])
    expect(await bench.ask(2)).toEqual([entry])
  })
})

describe('a move into a list that asks for two persons', () => {
  it('waits for the second, and the entry stays where it is meanwhile', async () => {
    await bench.lists.add('strict', { approvals: 2 }, HAND)
    const { id } = await bench.enrol(1)
    const made = await bench.register.change(id, { kind: 'entry.move', list: 'strict' }, HAND)
    expect([(await bench.entries.get(id)).list, await bench.ask(1)]).toEqual(['wanted', [id]])
    await bench.register.decide(made.request!, 'approved', SECOND)
    expect([(await bench.entries.get(id)).list, await bench.ask(1)]).toEqual(['strict', [id]])
  })
})

describe('a list that asks for two persons', () => {
  beforeEach(async () => {
    await bench.lists.change('wanted', { demands: ['legalBasis'], longestLife: 100 * DAY }, HAND)
    await bench.askForTwo()
  })

  it.each([
    { approvals: 1 as const },
    { demands: [] },
    { longestLife: 101 * DAY },
    { demands: [], name: 'renamed on the way' },
  ])('is not weakened by one: %j', async (change) => {
    const before = await bench.stored.store.lists.get('wanted')
    const { request } = await bench.lists.change('wanted', change, HAND)
    expect(request).toBeDefined()
    expect(await bench.stored.store.lists.get('wanted')).toEqual(before)
    expect(bench.lists.find('wanted')).toEqual(before)
    expect(await codeOf(bench.register.decide(request!, 'approved', HAND))).toBe('request.own')
    await bench.register.decide(request!, 'approved', SECOND)
    expect(bench.lists.find('wanted')).toMatchObject(change)
    expect(bench.acts('list.changed').at(-1)).toMatchObject({ by: 'bert' })
  })

  it('is changed by one otherwise, and made stricter', async () => {
    const change = {
      priority: 1,
      longestLife: 99 * DAY,
      demands: ['legalBasis', 'reason'] as const,
    }
    const made = await bench.lists.change(
      'wanted',
      { ...change, demands: [...change.demands] },
      HAND,
    )
    expect(made).toMatchObject({ request: undefined, list: change })
  })
})
