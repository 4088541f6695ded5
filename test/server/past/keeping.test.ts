import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeEmbedding, similarity } from '@vedette/shared/embedding'
import { Refusal, Unavailable } from '@vedette/shared/errors'
import { describe, expect, it } from 'vitest'
import { probeLike } from '../../support/server-matching.ts'
import { ask, HOUR, PastBench } from '../../support/server-past.ts'
import { rejectionOf } from '../../support/thrown.ts'

const MINUTE = 60_000
const chip = (seed: number) => Buffer.from(`the picture of stranger number ${seed}`)
/** Somebody whom nobody looks for. */
const stranger = (seed: number, more: Parameters<typeof probeLike>[2] = {}) =>
  probeLike(seed, 1, { chip: chip(seed), ...more })

/** Sealed values that past.db holds now. */
function sealedIn(bench: PastBench): Buffer[] {
  const db = bench.kept()
  const rows = db.prepare('SELECT body, picture FROM sightings').all() as Record<string, Buffer>[]
  const keys = db.prepare('SELECT wrappedKey FROM slots').all() as Record<string, Buffer>[]
  return [...rows, ...keys].flatMap((row) => Object.values(row).filter((value) => value !== null))
}

describe('walks that match nobody', () => {
  it('are nowhere, where no list asks for them', async () => {
    await using bench = await PastBench.open(async () => {})
    const [one, other] = [stranger(1), stranger(2)]
    await bench.walk(one, { ...one, shot: 1 }, other)
    await bench.wait(2 * MINUTE)
    expect(bench.keeper.size).toBe(0)
    expect(sealedIn(bench)).toEqual([])
    for (const { probe, chip: picture } of [one, other]) {
      expect(await bench.filesWith(encodeEmbedding(probe))).toEqual([])
      expect(await bench.filesWith(picture)).toEqual([])
    }
  })

  it('are kept sealed, where a list asks for them, and are there after a restart', async () => {
    await using bench = await PastBench.open()
    const one = stranger(1)
    await bench.walk(one)
    expect(bench.keeper.size).toBe(1)
    expect(sealedIn(bench)).toHaveLength(2)
    expect(await bench.filesWith(encodeEmbedding(one.probe))).toEqual([])
    await bench.restart()
    await bench.keeper.ready()
    expect(bench.keeper.size).toBe(1)
    const { found } = await bench.keeper.of('test-space')!.search([one.probe], 0.99)
    expect(found).toHaveLength(1)
    const { id } = found[0]!.kept
    const { probe } = await bench.keeper.get(id)
    expect(similarity(probe, one.probe)).toBeCloseTo(1, 5)
    // What looks for it would find it, were it written as it is.
    await writeFile(join(bench.stored.folder, 'control'), encodeEmbedding(probe))
    expect(await bench.filesWith(encodeEmbedding(one.probe))).toEqual(['control'])
  })

  it('are kept without a picture, unless that is asked for', async () => {
    await using plain = await PastBench.open()
    await plain.walk(stranger(1))
    expect(sealedIn(plain)).toHaveLength(2)
    await using pictured = await PastBench.open((stored) => ask(stored, { keepPictures: true }))
    const one = stranger(1, { quality: 0.4 })
    await pictured.walk(one, { ...one, shot: 1, quality: 0.9, chip: chip(7) })
    const [row] = pictured.kept().prepare('SELECT id FROM sightings').all() as { id: string }[]
    const { picture, kept } = await pictured.keeper.get(row!.id)
    expect(Buffer.from(picture!)).toEqual(chip(7))
    expect(kept).toMatchObject({ pictured: true, shot: 1, quality: 0.9, chips: 2 })
    expect(await pictured.filesWith(chip(7))).toEqual([])
  })

  it('are kept of the cameras of the list only', async () => {
    const cameras = ['gate-7/north']
    await using bench = await PastBench.open((stored) => ask(stored, { cameras }))
    await bench.walk(stranger(1, { camera: 'south' }), stranger(2, { camera: 'north' }))
    expect(bench.keeper.size).toBe(1)
  })

  it('are not kept when they were taken for somebody', async () => {
    await using bench = await PastBench.open()
    await bench.bench.enrol(1)
    await bench.walk(stranger(1), stranger(2))
    expect(bench.keeper.size).toBe(1)
  })
})

describe('what is kept', () => {
  it('is unreadable and gone after its hours, to the minute, sealed bytes and keys as well', async () => {
    await using bench = await PastBench.open((stored) =>
      ask(stored, { keepFor: 2, keepPictures: true }),
    )
    await bench.walk(stranger(1))
    const sealed = sealedIn(bench)
    expect(sealed).toHaveLength(3)
    await bench.wait(2 * HOUR - MINUTE)
    expect(bench.keeper.size).toBe(1)
    await bench.wait(MINUTE)
    expect(bench.keeper.size).toBe(0)
    expect(sealedIn(bench)).toEqual([])
    for (const bytes of sealed) {
      expect(await bench.filesWith(bytes)).toEqual([])
    }
  })

  it('is gone as soon as the disk lets it go, when that was busy at its time', async () => {
    await using bench = await PastBench.open((stored) => ask(stored, { keepFor: 2 }))
    await bench.walk(stranger(1))
    const { sightings } = bench.stored.store.past
    const { destroy } = sightings
    sightings.destroy = () => Promise.reject(new Unavailable('store.busy', 'somebody else writes'))
    await bench.wait(2 * HOUR)
    expect([bench.keeper.size, sealedIn(bench).length]).toEqual([0, 2])
    expect(bench.book.of('past.failed')).toMatchObject([{ code: 'store.busy' }])
    sightings.destroy = destroy
    await bench.past.beat()
    expect(sealedIn(bench)).toEqual([])
  })

  it('waits where the disk is full, and is there when there is room again', async () => {
    await using bench = await PastBench.open()
    const { sightings } = bench.stored.store.past
    const { add } = sightings
    sightings.add = () => Promise.reject(new Unavailable('store.full', 'no room'))
    await bench.walk(stranger(1))
    expect([bench.keeper.size, sealedIn(bench)]).toEqual([1, []])
    expect(bench.book.of('past.waiting')).toHaveLength(1)
    const { found } = await bench.keeper.of('test-space')!.search([stranger(1).probe], 0.99)
    expect(found).toHaveLength(1)
    sightings.add = add
    await bench.past.beat()
    expect(sealedIn(bench)).toHaveLength(2)
  })

  it('is gone before anything of it is loaded, when its time passed without a server', async () => {
    await using bench = await PastBench.open((stored) => ask(stored, { keepFor: 2 }))
    await bench.walk(stranger(1))
    const sealed = sealedIn(bench)
    await bench.restart(2 * HOUR)
    expect([bench.keeper.size, sealedIn(bench)]).toEqual([0, []])
    for (const bytes of sealed) expect(await bench.filesWith(bytes)).toEqual([])
  })

  it.each([
    ['fewer hours', { keepFor: 1 }, 1],
    ['none', { keepFor: 0 }, 0],
    ['other cameras', { cameras: ['gate-7/south'] }, 1],
  ])('is destroyed at once when its list asks for %s', async (_, policy, stays) => {
    await using bench = await PastBench.open()
    await bench.walk(stranger(1))
    await bench.wait(90 * MINUTE)
    await bench.walk(stranger(2, { camera: 'south' }))
    const sealed = sealedIn(bench)
    await bench.asks(policy)
    expect(bench.keeper.size).toBe(stays)
    const left = sealedIn(bench)
    const gone = sealed.filter((bytes) => !left.some((other) => other.equals(bytes)))
    expect(gone).toHaveLength(4 - 2 * stays)
    for (const bytes of gone) expect(await bench.filesWith(bytes)).toEqual([])
  })

  it('is dropped, the oldest first, where there is no room, and that is told and remembered', async () => {
    await using bench = await PastBench.open((stored) => ask(stored), { walks: 3, size: 1e9 })
    for (let seed = 1; seed <= 5; seed++) {
      await bench.walk(stranger(seed))
      await bench.wait(MINUTE)
    }
    expect(bench.keeper.size).toBe(3)
    const first = await bench.keeper.of('test-space')!.search([stranger(1).probe], 0.99)
    const last = await bench.keeper.of('test-space')!.search([stranger(5).probe], 0.99)
    expect([first.found, last.found.length]).toEqual([[], 1])
    expect(bench.book.of('past.dropping')).toHaveLength(1)
    const until = bench.keeper.droppedUntil!
    expect(bench.bench.clock.now() - until).toBeLessThanOrEqual(4 * MINUTE)
    await bench.restart()
    expect(bench.keeper.droppedUntil).toBe(until)
  })

  it('is dropped by its size, too', async () => {
    const most = { walks: 1000, size: 2100 }
    await using bench = await PastBench.open((stored) => ask(stored), most)
    for (let seed = 1; seed <= 5; seed++) {
      await bench.walk(stranger(seed))
      await bench.wait(MINUTE)
    }
    expect(bench.keeper.size).toBe(2)
  })

  it('is written on a beat, whether anybody passed or not', async () => {
    await using bench = await PastBench.open()
    const beats: number[] = []
    const db = bench.kept()
    const changes = () => {
      // How often another connection has written: all that a disk can tell.
      const version = db.pragma('data_version', { simple: true }) as number
      beats.push(version)
    }
    changes()
    for (let i = 0; i < 3; i++) {
      await bench.wait(10_000)
      changes()
    }
    expect(new Set(beats).size).toBe(4)
    await bench.matching.consider(bench.now(stranger(1)))
    bench.matching.stop()
    const before = db.pragma('data_version', { simple: true })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(db.pragma('data_version', { simple: true })).toBe(before)
    expect(bench.keeper.size).toBe(1)
  })

  it('is lost with the key that sealed it, and a server starts all the same', async () => {
    await using bench = await PastBench.open()
    await bench.walk(stranger(1))
    bench.kept().exec('UPDATE about SET wrappedKey = zeroblob(61)')
    await bench.restart()
    expect([bench.keeper.size, sealedIn(bench)]).toEqual([0, []])
    await bench.walk(stranger(2))
    expect(bench.keeper.size).toBe(1)
  })

  it('is told when it cannot be opened, and the rest is there', async () => {
    await using bench = await PastBench.open()
    await bench.walk(stranger(1))
    await bench.wait(MINUTE)
    await bench.walk(stranger(2))
    const [slot] = bench.kept().prepare('SELECT id FROM slots').all() as { id: string }[]
    bench.kept().prepare('UPDATE slots SET wrappedKey = zeroblob(61) WHERE id = ?').run(slot!.id)
    await bench.restart()
    await bench.keeper.ready()
    expect(bench.keeper.size).toBe(1)
    expect(bench.book.of('past.unreadable')).toHaveLength(1)
  })

  it('has no sighting of another name', async () => {
    await using bench = await PastBench.open()
    expect(await rejectionOf(bench.keeper.get('nobody'), Refusal)).toMatchObject({
      code: 'sighting.not-found',
    })
  })
})
