import { randomBytes } from 'node:crypto'
import { encodeEmbedding } from '@vedette/shared/embedding'
import { Refusal, Unavailable } from '@vedette/shared/errors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  newAlert,
  newEntry,
  newPhoto,
  SPACE,
  seenOf,
  TemporaryStore,
  TRAIL,
} from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'

let stored: TemporaryStore

beforeEach(async () => {
  stored = await TemporaryStore.make()
})

afterEach(() => stored[Symbol.asyncDispose]())

const rows = () => ['entries', 'photos', 'templates'].map((table) => stored.rows(table))

/** True when one of the data folder's files holds `bytes`. */
async function onDisk(bytes: Uint8Array): Promise<boolean> {
  return [...(await stored.files()).values()].some((file) => file.includes(Buffer.from(bytes)))
}

describe('an entry', () => {
  it('is given back as it was added, alone and in the list', async () => {
    const { entries } = stored.store
    const { entry } = await entries.add(newEntry('Anna Ω', { note: 'grüßt nie' }), [newPhoto()])
    const other = await entries.add(newEntry('Bert'), [newPhoto(2), newPhoto(3)])
    expect(entry).toMatchObject({ name: 'Anna Ω', note: 'grüßt nie', list: 'wanted', photos: 1 })
    expect(await entries.get(entry.id)).toEqual(entry)
    expect(await entries.all()).toEqual([entry, other.entry])
  })

  it('gives back its photographs by their position', async () => {
    const { entries } = stored.store
    const { entry } = await entries.add(newEntry(), [newPhoto(1), newPhoto(2)])
    expect((await entries.photo(entry.id, 0)).toString()).toBe('picture 1')
    expect((await entries.photo(entry.id, 1)).toString()).toBe('picture 2')
    for (const position of [2, -1, 0.5, Number.NaN]) {
      expect((await rejectionOf(entries.photo(entry.id, position), Refusal)).code).toBe(
        'entry.not-found',
      )
    }
  })

  it('gives back its templates to the last bit, those of the space alone', async () => {
    const { entries } = stored.store
    const { entry, templates } = await entries.add(newEntry(), [
      newPhoto(1),
      newPhoto(2, { space: 'other-space' }),
      newPhoto(3),
    ])
    const found = await entries.templates(SPACE)
    expect(found).toEqual([templates[0], templates[2]])
    expect(found.every(({ entryId }) => entryId === entry.id)).toBe(true)
    expect(await entries.templates('no-space')).toEqual([])
  })

  it.each(['get', 'key'] as const)('that is none is refused: %s', async (method) => {
    const error = await rejectionOf(stored.store.entries[method]('nobody'), Refusal)
    expect([error.code, error.hint]).toEqual(['entry.not-found', expect.any(String)])
  })

  it('goes with everything of it, and nothing of others', async () => {
    const { entries } = stored.store
    const { entry } = await entries.add(newEntry(), [newPhoto(1), newPhoto(2)])
    const other = await entries.add(newEntry('Bert'), [newPhoto(3)])
    await stored.erase(entry.id)
    expect(rows()).toEqual([1, 1, 1])
    expect(await entries.all()).toEqual([other.entry])
    expect((await rejectionOf(entries.photo(entry.id, 0), Refusal)).code).toBe('entry.not-found')
    expect((await rejectionOf(stored.erase(entry.id), Refusal)).code).toBe('entry.not-found')
  })

  it('is not stored at all when the list is unknown', async () => {
    const adding = stored.store.entries.add(newEntry('Anna', { list: 'missing' }), [newPhoto()])
    expect((await rejectionOf(adding, Refusal)).code).toBe('list.not-found')
    expect(rows()).toEqual([0, 0, 0])
  })

  it.each(['entries', 'photos', 'templates'])(
    'is not stored at all when writing %s fails',
    async (table) => {
      stored.elsewhere().exec(`
      CREATE TRIGGER fails BEFORE INSERT ON ${table}
      WHEN (SELECT count(*) FROM photos) >= (CASE '${table}' WHEN 'photos' THEN 1 WHEN 'templates' THEN 2 ELSE 0 END)
      BEGIN SELECT RAISE(ABORT, 'no more'); END
    `)
      const { entries } = stored.store
      const adding = entries.add(newEntry(), [newPhoto(1), newPhoto(2)])
      expect((await rejectionOf(adding, Unavailable)).code).toBe('store.failed')
      expect(rows()).toEqual([0, 0, 0])
      stored.elsewhere().exec('DROP TRIGGER fails')
      await entries.add(newEntry(), [newPhoto(1), newPhoto(2)])
      expect(rows()).toEqual([1, 2, 2])
    },
  )
})

describe('at rest', () => {
  it('nothing of a person can be read in any file, the write-ahead log included', async () => {
    const picture = randomBytes(20_000)
    const secrets = { name: 'Anastasia Examplova', note: 'left-handed, walks with a cane' }
    const photo = newPhoto(7, { jpeg: picture })
    const { entry } = await stored.store.entries.add(newEntry(secrets.name, secrets), [photo])
    await stored.store.alerts.raise(
      seenOf(newAlert(entry.id), { chip: picture.subarray(5000) }),
      TRAIL,
    )
    expect([...(await stored.files()).keys()]).toContain('wanted.db-wal')

    for (const checkpoint of [false, true]) {
      if (checkpoint) stored.elsewhere().pragma('wal_checkpoint(TRUNCATE)')
      expect(await onDisk(Buffer.from(entry.id))).toBe(true) // this would be seen
      for (const secret of Object.values(secrets)) {
        expect(await onDisk(Buffer.from(secret))).toBe(false)
        expect(await onDisk(Buffer.from(secret.slice(0, 9)))).toBe(false)
      }
      const vector = encodeEmbedding(photo.template)
      for (let at = 0; at + 16 <= vector.length; at += 16) {
        expect(await onDisk(vector.subarray(at, at + 16))).toBe(false)
      }
      for (let at = 0; at < picture.length; at += 1000) {
        expect(await onDisk(picture.subarray(at, at + 16))).toBe(false)
      }
    }
  })

  it('a removed person leaves no key behind, in no file', async () => {
    const { entry } = await stored.store.entries.add(newEntry(), [newPhoto(1)])
    const other = await stored.store.entries.add(newEntry('Bert'), [newPhoto(2)])
    const sealed = (id: string) =>
      stored
        .elsewhere()
        .prepare('SELECT wrappedKey FROM entries WHERE id = ?')
        .pluck()
        .get(id) as Buffer
    const [key, kept] = [sealed(entry.id), sealed(other.entry.id)]
    expect([await onDisk(key), await onDisk(kept)]).toEqual([true, true])
    await stored.erase(entry.id)
    expect([await onDisk(key), await onDisk(kept)]).toEqual([false, true])
  })

  it.each([
    ['templates', 'vector'],
    ['photos', 'image'],
    ['entries', 'details'],
    ['entries', 'wrappedKey'],
  ])('a swap of two values is seen: %s.%s', async (table, column) => {
    const { entries } = stored.store
    const { entry } = await entries.add(newEntry(), [newPhoto(1)])
    await entries.add(newEntry('Bert'), [newPhoto(2)])
    const elsewhere = stored.elsewhere()
    const all = elsewhere.prepare(`SELECT id, ${column} AS value FROM ${table}`).all() as {
      id: string
      value: Buffer
    }[]
    const update = elsewhere.prepare(`UPDATE ${table} SET ${column} = ? WHERE id = ?`)
    update.run(all[1]!.value, all[0]!.id)
    update.run(all[0]!.value, all[1]!.id)
    const read = [entries.templates(SPACE), entries.photo(entry.id, 0), entries.all()]
    await Promise.allSettled(read)
    const rows = all.map(({ id }) => ({ table, row: id, what: 'changed' }))
    expect(rows).toEqual(expect.arrayContaining(stored.store.seals.damages))
    expect(stored.store.seals.damages).not.toEqual([])
  })
})

describe('a long list', () => {
  it('is given page by page, each behind the last of the one before', async () => {
    const { entries } = stored.store
    const made: string[] = []
    for (let i = 0; i < 7; i++) {
      made.push((await entries.add(newEntry(`${i}`), [newPhoto(i)])).entry.id)
    }
    const idsOf = (found: { id: string }[]) => found.map(({ id }) => id)
    const first = await entries.all({ limit: 3 })
    const second = await entries.all({ limit: 3, after: first.at(-1)!.id })
    const third = await entries.all({ limit: 3, after: second.at(-1)!.id })
    expect([first, second, third].map(idsOf)).toEqual([
      made.slice(0, 3),
      made.slice(3, 6),
      made.slice(6),
    ])
    const is = ({ name }: { name: string }) => Number(name) % 2 === 1
    expect(idsOf(await entries.all({ limit: 2, is }))).toEqual([made[1], made[3]])
  })

  it('does not end where somebody changed many in a row', async () => {
    const { entries } = stored.store
    const made: string[] = []
    for (let i = 0; i < 60; i++) {
      made.push((await entries.add(newEntry(`${i}`), [newPhoto(i)])).entry.id)
    }
    stored
      .elsewhere()
      .prepare('UPDATE entries SET expiresAt = expiresAt + 1 WHERE id > ? AND id < ?')
      .run(made[4], made[55])
    expect((await entries.all()).map(({ id }) => id)).toEqual([
      ...made.slice(0, 5),
      ...made.slice(55),
    ])
  })
})
