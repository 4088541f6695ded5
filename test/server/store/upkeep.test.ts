import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { NewKept } from '@vedette/server/store/past/kept'
import { Reserve } from '@vedette/server/store/reserve'
import { Upkeep } from '@vedette/server/store/upkeep'
import { Unavailable } from '@vedette/shared/errors'
import { createMetrics } from '@vedette/shared/metrics'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { canMount, type FullDisk, smallDisk } from '../../support/server-full-disk.ts'
import { LogBook } from '../../support/server-log.ts'
import {
  newAlert,
  newEntry,
  newPhoto,
  seenOf,
  TemporaryStore,
  TRAIL,
} from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'
import { until } from '../../support/until.ts'

const MIB = 2 ** 20

/** Someone who looks after `stored`, on a disk where `reserve` bytes can be spared. */
async function lookAfter({ store, folder, file }: TemporaryStore, reserve: number) {
  const clock = new ManualClock()
  const book = new LogBook()
  const upkeep = new Upkeep({
    ...{ store, folder, logFile: `${file}-wal`, leastRoom: MIB / 16 },
    reserve: await Reserve.of(folder, reserve),
    ...{ clock, log: book.log, metrics: createMetrics('server') },
  })
  return {
    book,
    /** Lets it look once more; resolves when it has. */
    async look() {
      clock.advance(await clock.sleeping())
      await until(() => clock.pending.length > 0)
    },
    [Symbol.asyncDispose]: () => upkeep[Symbol.asyncDispose](),
  }
}

const photo = newPhoto(1, { jpeg: Buffer.alloc(20_000, 1) })

describe.runIf(canMount())('on a disk that fills up', () => {
  const filled = async (disk: FullDisk, look: () => Promise<unknown>) => {
    disk.fill()
    await look()
    await until(() => disk.stored.store.condition.has('store.full'))
  }

  it('enrolling is refused, alerts go on in the room that was kept for them', async () => {
    await using disk = await smallDisk(4 * MIB)
    const { stored, free } = disk
    const { entries, alerts, condition } = stored.store
    const { entry } = await entries.add(newEntry(), [photo])
    await using watched = await lookAfter(stored, MIB)
    await until(() => existsSync(join(stored.folder, 'reserve')))
    await filled(disk, watched.look)
    const error = await rejectionOf(entries.add(newEntry('Bert'), [photo]), Unavailable)
    expect(error).toMatchObject({ code: 'store.full', hint: expect.stringContaining('free some') })
    expect(await entries.all()).toHaveLength(1)
    const kept = stored.store.past.sightings.add([{} as NewKept], new Map())
    expect((await rejectionOf(kept, Unavailable)).code).toBe('store.full')
    const raise = (i: number) =>
      alerts.raise(seenOf(newAlert(entry.id), { chip: Buffer.alloc(20_000, i) }), TRAIL)
    expect((await rejectionOf(raise(0), Unavailable)).code).toBe('store.full')
    await until(() => !existsSync(join(stored.folder, 'reserve')))
    for (let i = 0; i < 5; i++) await raise(i)
    expect(await alerts.list({ limit: 20 })).toHaveLength(5)
    expect(condition.troubles).toMatchObject([{ code: 'store.full' }])
    expect(watched.book.of('store.trouble')).toHaveLength(1)

    free()
    await watched.look()
    await until(() => condition.troubles.length === 0)
    expect((await stored.files()).get('reserve')?.length).toBe(MIB)
    expect(watched.book.of('store.well')).toHaveLength(1)
    await entries.add(newEntry('Bert'), [photo])
  })

  it('without a reserve an alert waits; with the first room it is well again', async () => {
    await using disk = await smallDisk(4 * MIB)
    const { stored, free } = disk
    const { entries, alerts, condition } = stored.store
    const { entry } = await entries.add(newEntry(), [photo])
    await using watched = await lookAfter(stored, 0)
    await filled(disk, watched.look)
    const seen = seenOf(newAlert(entry.id), { chip: Buffer.alloc(60_000) })
    expect((await rejectionOf(alerts.raise(seen, TRAIL), Unavailable)).code).toBe('store.full')
    free()
    await watched.look()
    await until(() => condition.troubles.length === 0)
    await alerts.raise(seen, TRAIL)
  })
})

describe('the write-ahead log', () => {
  const grow = async ({ store }: TemporaryStore) => {
    const big = newPhoto(1, { jpeg: Buffer.alloc(20 * MIB, 1) })
    await store.entries.add(newEntry(), [big])
  }

  it('is emptied when it has grown large', async () => {
    await using stored = await TemporaryStore.make()
    await using watched = await lookAfter(stored, 0)
    await grow(stored)
    expect((await stored.files()).get('wanted.db-wal')!.length).toBeGreaterThan(16 * MIB)
    await watched.look()
    expect((await stored.files()).get('wanted.db-wal')!.length).toBe(0)
    expect(watched.book.of('store.trouble')).toEqual([])
  })

  it('that a reader keeps from being emptied is told of, until that ends', async () => {
    await using stored = await TemporaryStore.make()
    await using watched = await lookAfter(stored, 0)
    const reader = stored.elsewhere()
    reader.exec('BEGIN')
    reader.prepare('SELECT count(*) FROM entries').get()
    await grow(stored)
    await watched.look()
    const { condition } = stored.store
    expect(condition.troubles).toMatchObject([{ code: 'store.log-pinned' }])
    expect(watched.book.of('store.trouble')[0]).toMatchObject({
      code: 'store.log-pinned',
      hint: expect.stringContaining('fuser'),
    })
    await stored.store.entries.add(newEntry(), [photo])
    reader.exec('COMMIT')
    await watched.look()
    expect(condition.troubles).toEqual([])
    expect((await stored.files()).get('wanted.db-wal')!.length).toBe(0)
  })
})
