import { writeFile } from 'node:fs/promises'
import { Store } from '@vedette/server/store/store'
import { IntegrityFault } from '@vedette/shared/errors'
import BetterSqlite3 from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { seeded } from '../../support/agent-random.ts'
import { newEntry, newPhoto, TemporaryStore } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'

let stored: TemporaryStore

beforeEach(async () => {
  stored = await TemporaryStore.make()
})

afterEach(() => stored[Symbol.asyncDispose]())

const EXPECTED = {
  journal_mode: 'wal',
  synchronous: 2,
  foreign_keys: 1,
  trusted_schema: 0,
  cell_size_check: 1,
  secure_delete: 1,
  /** Whoever waits for a lock does not stop the rest of the process. */
  busy_timeout: 0,
}

/** Opens the store again and reads what its own connection says of itself. */
async function pragmasOfOpening(): Promise<Record<string, unknown>> {
  await stored.close()
  const pragma = vi.spyOn(BetterSqlite3.prototype, 'pragma')
  await stored.open()
  const connection = pragma.mock.contexts[0] as BetterSqlite3.Database
  pragma.mockRestore()
  const names = Object.keys(EXPECTED)
  return Object.fromEntries(names.map((name) => [name, connection.pragma(name, { simple: true })]))
}

describe('every opening of the database', () => {
  it('sets what makes a commit last, the first time and every other', async () => {
    for (let i = 0; i < 3; i++) expect(await pragmasOfOpening()).toEqual(EXPECTED)
  })

  it('would not get it for nothing: a plain opening leaves synchronous at 1', () => {
    const connection = stored.elsewhere()
    const pragma = (name: string) => connection.pragma(name, { simple: true })
    expect([pragma('journal_mode'), pragma('synchronous'), pragma('secure_delete')]).toEqual([
      'wal',
      1,
      0,
    ])
  })

  it('refuses when a setting does not take', async () => {
    await stored.close()
    const pragma = BetterSqlite3.prototype.pragma
    const deaf = vi.spyOn(BetterSqlite3.prototype, 'pragma')
    deaf.mockImplementation(function (this: BetterSqlite3.Database, source, options) {
      return source === 'synchronous = FULL' ? 0 : pragma.call(this, source, options)
    })
    const error = await rejectionOf(stored.open(), IntegrityFault)
    deaf.mockRestore()
    expect(error).toMatchObject({ code: 'store.pragma', message: 'synchronous is 1, 2 wanted' })
  })

  it('keeps what was stored', async () => {
    const { entry } = await stored.store.entries.add(newEntry(), [newPhoto()])
    await stored.close()
    const { entries } = await stored.open()
    expect(await entries.all()).toEqual([entry])
  })

  it('refuses a schema that a newer version wrote, and leaves it as it is', async () => {
    await stored.close()
    stored.elsewhere().pragma('user_version = 99')
    const error = await rejectionOf(stored.open(), IntegrityFault)
    expect(error.code).toBe('store.newer-schema')
    expect(error.hint).toContain('install the version that wrote it')
    expect(stored.elsewhere().pragma('user_version', { simple: true })).toBe(99)
  })

  it('finds its way from an empty file', async () => {
    await using empty = await TemporaryStore.make()
    await empty.close()
    await writeFile(empty.file, '')
    expect(await (await empty.open()).entries.all()).toEqual([])
  })
})

describe('a damaged database', () => {
  /** A database of some pages, all in the one file. */
  async function someFile(): Promise<Buffer> {
    for (let i = 0; i < 40; i++) {
      await stored.store.entries.add(newEntry(`person ${i}`), [newPhoto(i), newPhoto(100 + i)])
    }
    await stored.close()
    const file = (await stored.files()).get('wanted.db')!
    expect(file.length).toBeGreaterThan(20 * 4096)
    return file
  }

  const reopening = () =>
    rejectionOf(Store.open({ file: stored.file, keyFile: stored.keyFile }), IntegrityFault)

  it.each([
    ['its first page is noughts', (file: Buffer) => file.fill(0, 0, 4096)],
    ['it is a text', () => Buffer.from('this is no database at all. '.repeat(400))],
    ['its header says nonsense', (file: Buffer) => file.fill(0xff, 16, 60)],
    ['its second half is missing', (file: Buffer) => file.subarray(0, file.length / 2)],
    ['its second page is noughts', (file: Buffer) => file.fill(0, 4096, 8192)],
  ])('is refused as damaged when %s', async (_what, damage) => {
    await writeFile(stored.file, damage(await someFile()))
    expect((await reopening()).code).toBe('store.damaged')
  })

  it('is refused, or says so where it is read, whichever page is overwritten', async () => {
    const file = await someFile()
    const random = seeded(1)
    const pages = file.length / 4096
    let refused = 0
    for (let page = 0; page < pages; page++) {
      const damaged = Buffer.from(file)
      for (let i = 0; i < 4096; i++) damaged[page * 4096 + i]! = Math.floor(random() * 256)
      await writeFile(stored.file, damaged)
      try {
        const store = await Store.open({ file: stored.file, keyFile: stored.keyFile })
        await Promise.all([store.entries.all(), store.entries.templates('test-space')])
        for (const _progress of store.seals.checkAll());
        expect([page, store.seals.damages.length]).not.toEqual([page, 0])
        await store[Symbol.asyncDispose]()
      } catch (error) {
        expect(error).toBeInstanceOf(IntegrityFault)
        refused++
      }
    }
    expect(refused).toBeGreaterThan(pages / 2)
  })
})
