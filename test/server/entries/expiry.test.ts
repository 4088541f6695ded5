import { Gallery } from '@vedette/server/gallery/gallery'
import { Refusal } from '@vedette/shared/errors'
import { beforeEach, describe, expect, it } from 'vitest'
import { RegisterBench } from '../../support/server-register.ts'
import { HAND, SPACE } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'

const DAY = 86_400_000
let bench: RegisterBench

beforeEach(async () => {
  bench = await RegisterBench.open()
  return () => bench[Symbol.asyncDispose]()
})

describe('the expiry of an entry', () => {
  it('is as usual for its list where nobody says, and is never beyond the longest', async () => {
    await bench.lists.change('wanted', { usualLife: 10 * DAY, longestLife: 20 * DAY }, HAND)
    const now = bench.clock.now()
    expect((await bench.enrol(1)).expiresAt).toBe(now + 10 * DAY)
    expect((await bench.enrol(2, { expiresAt: now + 20 * DAY })).expiresAt).toBe(now + 20 * DAY)
    for (const expiresAt of [now + 20 * DAY + 1, now, now - 1, Number.NaN]) {
      const refused = rejectionOf(bench.enrol(3, { expiresAt }), Refusal)
      expect((await refused).code).toBe('entry.expiry')
    }
    expect(bench.stored.rows('entries')).toBe(2)
  })

  it('comes by itself, to the second: then it matches nothing, is recorded and told', async () => {
    const entry = await bench.enrol(1, { expiresAt: bench.clock.now() + 60_000 })
    bench.expiry.start()
    await bench.pass(59)
    expect(await bench.ask(1)).toEqual([entry.id])
    expect(bench.galleries.active.entries).toBe(1)
    await bench.pass(1)
    expect(bench.galleries.active.entries).toBe(0)
    expect(await bench.ask(1)).toEqual([])
    expect((await bench.entries.get(entry.id)).state).toBe('expired')
    expect(bench.acts('entry.expired')).toMatchObject([{ about: { entry: entry.id } }])
    expect(bench.book.of('entry.expired')).toMatchObject([{ entry: entry.id, list: 'wanted' }])
    expect(bench.told).toMatchObject([{ kind: 'expired', entry: entry.id }])
  })

  it('holds at the very millisecond, before anybody has looked', async () => {
    await bench.enrol(1, { expiresAt: bench.clock.now() + 60_000 })
    bench.clock.jump(bench.clock.now() + 59_999)
    expect(await bench.ask(1)).toHaveLength(1)
    bench.clock.jump(bench.clock.now() + 1)
    expect(bench.galleries.active.entries).toBe(1)
    expect(await bench.ask(1)).toEqual([])
  })

  it('is noticed within a second when the clock was put on, or the machine slept', async () => {
    const entry = await bench.enrol(1, { expiresAt: bench.clock.now() + DAY })
    bench.expiry.start()
    await bench.pass(2)
    bench.clock.jump(bench.clock.now() + 2 * DAY)
    await bench.pass(1)
    expect((await bench.entries.get(entry.id)).state).toBe('expired')
    bench.clock.jump(bench.clock.now() - 2 * DAY)
    await bench.pass(2)
    expect(await bench.ask(1)).toEqual([])
  })

  it('that passed while the server was away is not served even once', async () => {
    const entry = await bench.enrol(1, { expiresAt: bench.clock.now() + 60_000 })
    await bench.enrol(2)
    const asked = { liveAt: bench.clock.now() + 60_000 }
    const templates = await bench.entries.templates(SPACE, asked)
    await using gallery = await Gallery.open(SPACE, { length: 128, threads: 1 }, templates)
    expect([gallery.entries, (await bench.entries.get(entry.id)).state]).toEqual([1, 'live'])
  })

  it('ends many at once', async () => {
    const expiresAt = bench.clock.now() + 1000
    for (let seed = 1; seed <= 250; seed++) await bench.enrol(seed, { expiresAt })
    bench.clock.jump(expiresAt)
    await bench.register.sweep()
    expect(bench.galleries.active.entries).toBe(0)
    expect(bench.acts('entry.expired')).toHaveLength(250)
  })

  it('is told ahead, once a day', async () => {
    await bench.enrol(1, { expiresAt: bench.clock.now() + 6 * DAY })
    await bench.enrol(2, { expiresAt: bench.clock.now() + 8 * DAY })
    bench.expiry.start()
    await bench.pass(5)
    expect(bench.book.of('entries.expiring')).toMatchObject([{ entries: 1, days: 7 }])
    bench.clock.jump(bench.clock.now() + 2 * DAY)
    await bench.pass(2)
    expect(bench.book.of('entries.expiring')).toMatchObject([{ entries: 1 }, { entries: 2 }])
  })

  it('is put off by extending, and an entry that has expired is live again', async () => {
    const entry = await bench.enrol(1, { expiresAt: bench.clock.now() + 60_000 })
    bench.clock.jump(bench.clock.now() + 60_000)
    await bench.register.sweep()
    const expiresAt = bench.clock.now() + DAY
    const extended = await bench.register.change(
      entry.id,
      { kind: 'entry.extend', expiresAt },
      HAND,
    )
    expect(extended).toMatchObject({ entry: { state: 'live', expiresAt }, request: undefined })
    expect(await bench.ask(1)).toEqual([entry.id])
    bench.clock.jump(expiresAt)
    expect(await bench.ask(1)).toEqual([])
    expect(bench.acts('entry.extended')).toMatchObject([
      { details: { was: 'expired', before: entry.expiresAt, expiresAt } },
    ])
    const tooLong = { kind: 'entry.extend', expiresAt: expiresAt + 366 * DAY } as const
    const refused = rejectionOf(bench.register.change(entry.id, tooLong, HAND), Refusal)
    expect((await refused).code).toBe('entry.expiry')
  })
})
