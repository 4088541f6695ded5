import { Gallery } from '@vedette/server/gallery/gallery'
import { serverSelfTests } from '@vedette/server/service/self-test'
import type { Embedding } from '@vedette/shared/embedding'
import { IntegrityFault, Unavailable } from '@vedette/shared/errors'
import { describe, expect, it, vi } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { seeded } from '../../support/agent-random.ts'
import { TemporaryStore } from '../../support/server-store.ts'
import { Threads } from '../../support/server-threads.ts'
import { scattered } from '../../support/server-vectors.ts'
import { rejectionOf } from '../../support/thrown.ts'

const LENGTH = 128
const templates = scattered(5, LENGTH, seeded(7)).map((vector: Embedding, i) => ({
  ...{ id: `t${i}`, entryId: `e${i}`, list: 'wanted', vector },
}))
const opened = (of = templates) => Gallery.open('space', { length: LENGTH, threads: 2 }, of)

describe('the self-test of the database', () => {
  const test = ({ store }: TemporaryStore, clock: ManualClock) =>
    serverSelfTests({ store, galleries: { active: {} as Gallery }, clock })[0]!

  it('writes a row each time', async () => {
    await using stored = await TemporaryStore.make()
    const clock = new ManualClock()
    expect(await stored.store.pulse.last()).toBeUndefined()
    await test(stored, clock).run()
    clock.advance(5000)
    await test(stored, clock).run()
    expect(await stored.store.pulse.last()).toBe(clock.now())
    expect(stored.elsewhere().prepare('SELECT count(*) AS n FROM pulse').get()).toEqual({ n: 1 })
  })

  it('is content with an answer: while it cannot be written, faces are still found', async () => {
    await using stored = await TemporaryStore.make()
    await stored.close()
    await stored.open({ patience: 0 })
    stored.elsewhere().exec('BEGIN IMMEDIATE')
    await test(stored, new ManualClock()).run()
    expect(stored.store.condition.troubles).toMatchObject([{ code: 'store.busy' }])
  })

  it('fails where the database is damaged', async () => {
    const store = { pulse: { beat: () => Promise.reject(new IntegrityFault('store.damaged', '')) } }
    const [database] = serverSelfTests({
      store: store as unknown as TemporaryStore['store'],
      galleries: { active: {} as Gallery },
      clock: new ManualClock(),
    })
    expect((await rejectionOf(database!.run(), IntegrityFault)).code).toBe('store.damaged')
  })
})

describe('the self-test of the gallery', () => {
  it('finds somebody who is on the list, and searches where nobody is', async () => {
    await using full = await opened()
    await full.check()
    await using empty = await opened([])
    await empty.check()
  })

  it('goes on when those it knew are gone, and with those who came later', async () => {
    await using gallery = await opened()
    for (const { entryId } of templates) await gallery.remove(entryId)
    await gallery.check()
    await gallery.add(templates.slice(0, 1))
    const search = vi.spyOn(gallery, 'search')
    await gallery.check()
    expect(search.mock.calls[0]![0]).toEqual(templates[0]!.vector)
  })

  it('fails where they are not found', async () => {
    await using gallery = await opened()
    const other = await gallery.search(templates[4]!.vector)
    vi.spyOn(gallery, 'search').mockResolvedValue(other.slice(1))
    expect((await rejectionOf(gallery.check(), Unavailable)).code).toBe('gallery.blind')
  })

  it('fails where a thread of the search is gone', async () => {
    using threads = new Threads()
    await using gallery = await opened()
    await threads.crash()
    expect((await rejectionOf(gallery.check(), Unavailable)).code).toBe('worker.died')
  })
})
