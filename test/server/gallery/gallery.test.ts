import { Worker } from 'node:worker_threads'
import { Gallery } from '@vedette/server/gallery/gallery'
import type { Template } from '@vedette/server/store/templates'
import type { Embedding } from '@vedette/shared/embedding'
import { Unavailable } from '@vedette/shared/errors'
import { describe, expect, it, vi } from 'vitest'
import { seeded } from '../../support/agent-random.ts'
import { Threads } from '../../support/server-threads.ts'
import { clustered, scattered } from '../../support/server-vectors.ts'
import { rejectionOf } from '../../support/thrown.ts'

const LENGTH = 128
/** The similarity of a vector to itself, as far as float32 goes. */
const ONE = expect.closeTo(1, 6)

function open(templates: readonly Template[] = []): Promise<Gallery> {
  return Gallery.open('test-space', { length: LENGTH, threads: 1 }, templates)
}

/** Entry `entryId` with one template for each vector. */
function entryOf(entryId: string, ...vectors: Embedding[]): Template[] {
  return vectors.map((vector, i) => ({
    id: `${entryId}-${i + 1}`,
    entryId,
    list: 'wanted',
    vector,
  }))
}

describe('a gallery', () => {
  it('answers with entries, best first, each by its nearest template', async () => {
    const [probe, other, third] = scattered(3, LENGTH, seeded(1)) as [
      Embedding,
      Embedding,
      Embedding,
    ]
    const [near] = clustered(1, LENGTH, seeded(2))
    await using gallery = await open([
      ...entryOf('anna', other, probe, near!),
      ...entryOf('bert', third),
    ])
    const candidates = await gallery.search(probe)
    expect(candidates.map(({ entryId }) => entryId)).toEqual(['anna', 'bert'])
    expect(candidates[0]).toEqual({
      entryId: 'anna',
      list: 'wanted',
      templateId: 'anna-2',
      score: ONE,
    })
  })

  it('gives an entry with ten templates once, and the next one too', async () => {
    const vectors = clustered(20, LENGTH, seeded(3), { size: 10, spread: 0.01 })
    await using gallery = await open([
      ...entryOf('anna', ...vectors.slice(0, 10)),
      ...entryOf('bert', ...vectors.slice(10)),
    ])
    const candidates = await gallery.search(vectors[4]!)
    expect(candidates.map(({ entryId }) => entryId)).toEqual(['anna', 'bert'])
  })

  it('gives the next entry though one has more rows than are usually looked at', async () => {
    const vectors = clustered(40, LENGTH, seeded(33), { size: 20, spread: 0.01 })
    const [anna, bert] = [vectors.slice(0, 20), vectors.slice(20)].map((own, i) =>
      entryOf(['anna', 'bert'][i]!, ...own.slice(0, 10)).map((template, k) => ({
        ...template,
        far: own[10 + k]!,
      })),
    )
    await using gallery = await open([...anna!, ...bert!])
    const candidates = await gallery.search(vectors[4]!)
    expect(candidates.map(({ entryId }) => entryId)).toEqual(['anna', 'bert'])
  })

  it('counts entries and templates that can match', async () => {
    const vectors = scattered(6, LENGTH, seeded(4))
    await using gallery = await open(entryOf('anna', ...vectors.slice(0, 3)))
    expect([gallery.entries, gallery.templates]).toEqual([1, 3])
    await gallery.add(entryOf('bert', ...vectors.slice(3, 5)))
    expect([gallery.entries, gallery.templates]).toEqual([2, 5])
    await gallery.remove('anna')
    expect([gallery.entries, gallery.templates]).toEqual([1, 2])
    await gallery.remove('nobody')
    await gallery.add(entryOf('carl', vectors[5]!))
    expect([gallery.entries, gallery.templates]).toEqual([2, 3])
  })

  it('finds nobody while it is empty, and whoever is added at once', async () => {
    const [vector] = scattered(1, LENGTH, seeded(5))
    await using gallery = await open()
    expect(await gallery.search(vector!)).toEqual([])
    const adding = gallery.add(entryOf('anna', vector!))
    expect(await gallery.search(vector!)).toMatchObject([{ entryId: 'anna' }])
    await adding
  })

  it('answers five hundred searches at once, each with its own', async () => {
    const vectors = scattered(500, LENGTH, seeded(6))
    await using gallery = await open(vectors.flatMap((vector, i) => entryOf(`e${i}`, vector)))
    const answers = await Promise.all(vectors.map((vector) => gallery.search(vector)))
    expect(answers.map(([best]) => best?.entryId)).toEqual(vectors.map((_, i) => `e${i}`))
  })

  it('serves searches while people come and go', async () => {
    const random = seeded(7)
    const vectors = scattered(200, LENGTH, random)
    const ids = vectors.map((_, i) => `e${i}`)
    await using gallery = await open(ids.slice(0, 100).flatMap((id, i) => entryOf(id, vectors[i]!)))
    const changes: Promise<void>[] = []
    const searches: Promise<void>[] = []
    const there = new Set(ids.slice(0, 100))
    for (let step = 0; step < 400; step++) {
      const i = Math.floor(random() * 200)
      const id = ids[i]!
      if (there.delete(id)) changes.push(gallery.remove(id))
      else changes.push(gallery.add(entryOf(id, vectors[i]!)), Promise.resolve(void there.add(id)))
      const asked = Math.floor(random() * 200)
      const search = gallery.search(vectors[asked]!).then(([best]) => {
        if (best !== undefined && best.score > 0.9) expect(best.entryId).toBe(ids[asked])
      })
      searches.push(search)
      if (step % 7 === 0) await search
    }
    await Promise.all([...searches, ...changes])
    expect(gallery.entries).toBe(there.size)
    for (const [i, id] of ids.entries()) {
      const [best] = await gallery.search(vectors[i]!)
      expect(best?.entryId === id).toBe(there.has(id))
    }
  })
})

describe('an entry that is removed', () => {
  it('matches nothing from that moment, though a search was under way', async () => {
    const [vector] = scattered(1, LENGTH, seeded(8))
    await using gallery = await open(entryOf('anna', vector!))
    const searching = gallery.search(vector!)
    await gallery.remove('anna')
    expect(await searching).toEqual([])
    expect(await gallery.search(vector!)).toEqual([])
  })

  it('never leaves its likeness to who comes after it, though a search was under way', async () => {
    const [wanted, innocent] = scattered(2, LENGTH, seeded(9)) as [Embedding, Embedding]
    await using gallery = await open(entryOf('wanted', wanted))
    const searching = [gallery.search(wanted), gallery.search(wanted)]
    const changes = [gallery.remove('wanted'), gallery.add(entryOf('innocent', innocent))]
    const found = (await Promise.all(searching)).flat()
    await Promise.all(changes)
    for (const { entryId, score } of found) {
      expect([entryId, score < 0.9]).toEqual(['innocent', true])
    }
    expect((await gallery.search(innocent))[0]).toMatchObject({ entryId: 'innocent', score: ONE })
  })

  it('gives its rows back, so that the gallery does not grow', async () => {
    const vectors = scattered(4, LENGTH, seeded(10))
    await using gallery = await open()
    using asked = vi.spyOn(Worker.prototype, 'postMessage')
    for (let i = 0; i < 50; i++) {
      await gallery.add(entryOf('anna', ...vectors))
      await Promise.all([gallery.search(vectors[0]!), gallery.remove('anna')])
    }
    expect([gallery.entries, gallery.templates]).toEqual([0, 0])
    await gallery.add(entryOf('bert', ...vectors))
    const rows = asked.mock.calls.map(([{ body }]) => Number(body.row ?? 0))
    expect(Math.max(...rows)).toBeLessThan(2 * vectors.length)
    expect((await gallery.search(vectors[3]!))[0]).toMatchObject({
      templateId: 'bert-4',
      score: ONE,
    })
  })
})

describe('a gallery that is closed', () => {
  it('finishes the search under way and gives up the others: native code must not be cut off', async () => {
    using threads = new Threads()
    const vectors = scattered(10_000, LENGTH, seeded(12))
    for (let round = 0; round < 5; round++) {
      const gallery = await open(vectors.flatMap((vector, i) => entryOf(`e${i}`, vector)))
      const searches = vectors.slice(0, 400).map((vector) => gallery.search(vector))
      const outcomes = Promise.allSettled(searches)
      if (round > 0) await searches[(round - 1) * 100]
      await gallery[Symbol.asyncDispose]()
      for (const outcome of await outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason.code).toBe('worker.died')
      }
      await gallery[Symbol.asyncDispose]() // twice is once
    }
    expect(threads.exits).toEqual([0, 0, 0, 0, 0])
  })
})

describe('a gallery whose thread is gone', () => {
  it('rejects what was under way and what comes, and says that it may be asked again', async () => {
    const vectors = scattered(200, LENGTH, seeded(11))
    using threads = new Threads()
    await using gallery = await open(entryOf('anna', ...vectors))
    const searches = vectors.map((vector) => rejectionOf(gallery.search(vector), Unavailable))
    await threads.crash()
    for (const error of await Promise.all(searches)) expect(error.code).toBe('worker.died')
    const later = [
      gallery.search(vectors[0]!),
      gallery.remove('anna'),
      gallery.add(entryOf('b', vectors[0]!)),
    ]
    for (const attempt of later) {
      expect(await rejectionOf(attempt, Unavailable)).toMatchObject({
        code: 'worker.died',
        retryable: true,
      })
    }
  })
})

describe('an entry that is replaced', () => {
  it('matches by its new templates, by none of the old, and is one entry throughout', async () => {
    const [old, older, fresh] = scattered(3, LENGTH, seeded(21))
    await using gallery = await open(entryOf('anna', old!, older!))
    const searching = Array.from({ length: 20 }, () => gallery.search(old!))
    await gallery.replace('anna', entryOf('anna', fresh!))
    for (const [best] of await Promise.all(searching)) expect(best?.entryId).toBe('anna')
    expect([gallery.entries, gallery.templates]).toEqual([1, 1])
    expect((await gallery.search(fresh!))[0]).toMatchObject({ entryId: 'anna', score: ONE })
    expect((await gallery.search(old!))[0]!.score).toBeLessThan(0.9)
  })
})

describe('a face seen from afar', () => {
  it('is found by those who ask about one, and by nobody else', async () => {
    const [near, far] = scattered(2, LENGTH, seeded(31))
    const [template] = entryOf('anna', near!)
    await using gallery = await open([{ ...template!, far: far! }])
    expect((await gallery.search(far!, { far: true }))[0]).toMatchObject({ score: ONE })
    expect((await gallery.search(far!))[0]!.score).toBeLessThan(0.9)
    expect((await gallery.search(near!, { far: true }))[0]).toMatchObject({ score: ONE })
    expect([gallery.entries, gallery.templates]).toEqual([1, 1])
  })
})

describe('a reserved row', () => {
  it('is found by searches that ask for it only, and counts as nobody', async () => {
    const [probe, other] = scattered(2, LENGTH, seeded(9)) as [Embedding, Embedding]
    await using gallery = await open(entryOf('anna', other))
    await gallery.reserve('nobody', probe)
    expect([gallery.entries, gallery.templates]).toEqual([1, 1])
    const named = async (options = {}) =>
      (await gallery.search(probe, options)).map(({ entryId, list }) => [entryId, list])
    expect(await named()).toEqual([['anna', 'wanted']])
    expect(await named({ far: true })).toEqual([['anna', 'wanted']])
    expect(await named({ reserved: true })).toEqual([
      ['nobody', ''],
      ['anna', 'wanted'],
    ])
    const [best] = await gallery.search(probe, { reserved: true })
    expect(best).toEqual({ entryId: 'nobody', list: '', templateId: '', score: ONE })
  })

  it('takes no place from anybody, however many are like it', async () => {
    const vectors = clustered(40, LENGTH, seeded(4), { size: 40 })
    const [probe, ...own] = vectors as [Embedding, ...Embedding[]]
    await using gallery = await open(own.flatMap((vector, i) => entryOf(`e-${i}`, vector)))
    const before = await gallery.search(probe)
    await gallery.reserve('nobody', probe)
    expect(await gallery.search(probe)).toEqual(before)
  })
})
