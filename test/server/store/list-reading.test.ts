import { open } from 'node:fs/promises'
import { type ListReading, readList, templatesOf } from '@vedette/server/store/list-reading'
import type { Store } from '@vedette/server/store/store'
import { IntegrityFault } from '@vedette/shared/errors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newEntry, newPhoto, SPACE, TemporaryStore } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'

const LATER = Date.now() + 90 * 86_400_000
/** Of photographs that make a file one that is read on threads of its own. */
const LARGE = Buffer.alloc(6 * 2 ** 20, 7)

let stored: TemporaryStore
let anna: string
let bert: string

beforeEach(async () => {
  stored = await TemporaryStore.make()
  const { entries, spaces } = stored.store
  await spaces.open(SPACE, 1)
  const far = newPhoto(9).template
  const photos = [newPhoto(1, { far, jpeg: LARGE }), newPhoto(2, { jpeg: LARGE })]
  anna = (await entries.add(newEntry('Anna', { expiresAt: LATER }), photos)).entry.id
  const other = newPhoto(4, { space: 'other-space' })
  const more = [newPhoto(3, { jpeg: LARGE }), other]
  bert = (await entries.add(newEntry('Bert', { expiresAt: LATER + 1 }), more)).entry.id
})

afterEach(() => stored[Symbol.asyncDispose]())

function read(): ListReading {
  const { seals, vault } = stored.store
  return readList({ file: stored.file, key: seals.key, ring: vault.ring })!
}

/** What somebody does who has the file, and neither the server nor its keys. */
function tamper(statement: string, ...values: string[]): void {
  const other = stored.elsewhere()
  other.pragma('foreign_keys = OFF')
  other.prepare(statement).run(values)
}

async function opened(): Promise<Store> {
  await stored.close()
  return stored.open({ eager: true })
}

describe('a list that is read at once', () => {
  it('is the same to the last bit as one that is read row by row', async () => {
    for (const liveAt of [0, LATER - 1, LATER, LATER + 1]) {
      const expected = await stored.store.entries.templates(SPACE, { liveAt })
      expect([...templatesOf(read(), liveAt)]).toEqual(expected)
    }
    expect(read().templates).toHaveLength(3)
    expect(read().damages).toEqual([])
  })

  it.each([
    ['entries', 'UPDATE entries SET expiresAt = expiresAt + 1 WHERE id = ?'],
    ['templates', 'UPDATE templates SET photoId = photoId || 1 WHERE entryId = ?'],
    ['templates', 'UPDATE templates SET vector = zeroblob(541) WHERE entryId = ?'],
  ])('leaves out rows of %s that somebody changed, and names them', (table, statement) => {
    tamper(statement, anna)
    const { templates, entries, damages } = read()
    expect(templates).toHaveLength(1)
    expect(damages.length).toBeGreaterThan(0)
    for (const damage of damages) expect(damage).toMatchObject({ table, what: 'changed' })
    expect(entries).toContain(bert)
  })

  it('leaves out a row without a seal, and names it', () => {
    tamper("DELETE FROM seals WHERE tbl = 'entries' AND row = ?", anna)
    expect(read().entries).toEqual([bert])
    expect(read().damages).toEqual([{ table: 'entries', row: anna, what: 'unsealed' }])
  })

  it('has nobody whose photograph waits for a second person', () => {
    tamper("UPDATE photos SET state = 'pending' WHERE entryId = ?", anna)
    expect(read().templates).toHaveLength(1)
  })
})

describe('a store with a large file', () => {
  it('gives the list that it read beside, and a second time the same', async () => {
    const expected = await stored.store.entries.templates(SPACE, { liveAt: 1 })
    const store = await opened()
    // It cannot be read row by row any more.
    const { entries } = store
    const { templates } = entries
    entries.templates = () => Promise.reject(new RangeError('row by row'))
    expect(await store.templates(SPACE, 1)).toEqual(expected)
    entries.templates = templates
    expect(await store.templates(SPACE, 1)).toEqual(expected)
  })

  it('gives nobody who was erased since it was read', async () => {
    const store = await opened()
    await stored.erase(anna)
    const found = await store.templates(SPACE, 1)
    expect(found.map(({ entryId }) => entryId)).toEqual([bert])
  })

  it('gives somebody who was added since', async () => {
    const store = await opened()
    const { entry } = await store.entries.add(newEntry('Cora'), [newPhoto(5)])
    const found = await store.templates(SPACE, 1)
    expect(found.map(({ entryId }) => entryId)).toEqual([anna, anna, bert, entry.id])
  })

  it('tells of what somebody changed', async () => {
    tamper('UPDATE entries SET expiresAt = expiresAt + 1 WHERE id = ?', anna)
    const { seals } = await opened()
    expect(seals.damages).toEqual([{ table: 'entries', row: anna, what: 'changed' }])
  })

  it('is not opened where the structure of the file is damaged', async () => {
    const page = stored
      .elsewhere()
      .prepare<[], number>("SELECT rootpage FROM sqlite_schema WHERE name = 'templatesByEntry'")
      .pluck()
      .get()!
    await stored.close()
    const file = await open(stored.file, 'r+')
    await file.write(Buffer.alloc(64, 255), 0, 64, (page - 1) * 4096)
    await file.close()
    const fault = await rejectionOf(stored.open({ eager: true }), IntegrityFault)
    expect(fault.code).toBe('store.damaged')
  })
})
