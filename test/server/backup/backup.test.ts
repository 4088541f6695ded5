import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AuditLog } from '@vedette/server/audit/audit-log'
import { Backups } from '@vedette/server/backup/backups'
import { restoreBackup } from '@vedette/server/backup/restore'
import { verifyBackup } from '@vedette/server/backup/verify'
import { parseServerConfig } from '@vedette/server/config'
import { SERVER_HAND } from '@vedette/server/hand'
import { foundOperators } from '@vedette/server/operators/found'
import { Server } from '@vedette/server/server'
import { MIGRATIONS } from '@vedette/server/store/migrations'
import { Store } from '@vedette/server/store/store'
import { Vault } from '@vedette/server/store/vault'
import { systemClock } from '@vedette/shared/clock'
import { IntegrityFault, Refusal, Unavailable } from '@vedette/shared/errors'
import BetterSqlite3 from 'better-sqlite3'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/server-deployment.ts'
import { DeskUser, jsonOf } from '../../support/server-desk.ts'
import { LogBook } from '../../support/server-log.ts'
import { newEntry, newPhoto } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'

const SPACE = 'dlib-resnet29-1'
const deployment = await Deployment.found()
const made = parseServerConfig('', join(deployment.home, 'server.yaml'))
const here = { host: '127.0.0.1', port: 0 }
const config = { ...made, gate: { ...made.gate, ...here }, desk: { ...made.desk, ...here } }
await Vault.create(config.vaultKey)
const backups = join(deployment.home, 'backups')
const file = join(config.data, 'wanted.db')

afterAll(() => deployment[Symbol.asyncDispose]())

let book: LogBook
beforeEach(async () => {
  book = new LogBook()
  for (const folder of [config.data, backups]) await rm(folder, { recursive: true, force: true })
  await foundOperators(config.data, 'anna', Date.now())
})

const start = () => Server.start(config, { log: book.log })
const vault = () => Vault.open(config.vaultKey)

async function enrol(...names: string[]): Promise<string[]> {
  await using store = await Store.open({ file, keyFile: config.vaultKey })
  const ids = []
  for (const [i, name] of names.entries()) {
    const photo = newPhoto(i + name.length * 100, { space: SPACE })
    ids.push((await store.entries.add(newEntry(name), [photo])).entry.id)
  }
  return ids
}

async function ask<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<T> {
  await using server = await start()
  await using user = new DeskUser(server.deskPort, deployment.anna)
  const answer =
    method === 'POST'
      ? await user.post(path, body)
      : await user[method === 'GET' ? 'get' : 'delete'](path)
  return jsonOf(answer) as T
}

const backUp = (keep?: number) =>
  ask<{ folder: string; entries: number }>('POST', '/database/backups', {
    folder: backups,
    ...(keep !== undefined && { keep }),
  })

const restoring = (folder: string) =>
  vault().then((keys) =>
    restoreBackup(folder, {
      ...{ data: config.data, vault: keys, by: 'anna', why: 'the disk died', now: Date.now() },
    }),
  )

const acts = () => {
  const connection = new BetterSqlite3(file, { readonly: true })
  const kinds = connection.prepare<[], string>('SELECT kind FROM acts').pluck().all()
  connection.close()
  return kinds
}

describe('a backup', () => {
  it('holds both databases, whole and sealed, and says what it holds', async () => {
    await enrol('Anna', 'Bert')
    const { folder, entries } = await backUp()
    expect(entries).toBe(2)
    const names = (await readdir(folder)).sort()
    expect(names).toEqual(['audit.heads', 'manifest.json', 'operators.db', 'wanted.db'])
    expect(await verifyBackup(folder, await vault())).toMatchObject({ entries: 2, rows: 7 })
    expect(await verifyBackup(folder, undefined)).toMatchObject({ rows: null })
    expect((await readdir(folder)).sort()).toEqual(names)
    const key = (await readFile(config.vaultKey, 'utf8')).trim()
    for (const name of names) {
      const held = await readFile(join(folder, name))
      expect(held.includes(Buffer.from(key, 'hex')) || held.includes(key)).toBe(false)
    }
    expect(acts()).toContain('database.backed-up')
  })

  it.each([
    [
      'a byte of the database is another',
      async (folder: string) => {
        const held = await readFile(join(folder, 'wanted.db'))
        held[held.length >> 1]! ^= 1
        await writeFile(join(folder, 'wanted.db'), held)
      },
    ],
    ['a file is longer', (folder: string) => appendFile(join(folder, 'operators.db'), 'x')],
    ['a file is missing', (folder: string) => rm(join(folder, 'audit.heads'))],
    [
      'its manifest says another time',
      async (folder: string) => {
        const manifest = join(folder, 'manifest.json')
        const text = await readFile(manifest, 'utf8')
        await writeFile(manifest, text.replace(/"entries": \d+/, '"entries": 99'))
      },
    ],
  ])('is refused when %s, and nothing is restored', async (_what, change) => {
    await enrol('Anna')
    const { folder } = await backUp()
    await change(folder)
    const before = await readFile(file)
    const keys = await vault()
    for (const attempt of [() => verifyBackup(folder, keys), () => restoring(folder)]) {
      expect((await rejectionOf(attempt(), IntegrityFault)).code).toBe('backup.changed')
    }
    expect((await readFile(file)).equals(before)).toBe(true)
  })

  it('of another deployment, or with another key, is told apart from a damaged one', async () => {
    await enrol('Anna')
    const { folder } = await backUp()
    const other = new Vault([{ version: 1, key: Buffer.alloc(32, 7) }])
    expect((await rejectionOf(verifyBackup(folder, other), IntegrityFault)).code).toBe(
      'vault.wrong-key',
    )
  })

  it('of a newer version is refused', async () => {
    await enrol('Anna')
    const { folder } = await backUp()
    const manifest = join(folder, 'manifest.json')
    const text = await readFile(manifest, 'utf8')
    const schema = `"schema": ${MIGRATIONS.length + 1}`
    await writeFile(manifest, text.replace(/"schema": \d+/, schema))
    expect((await rejectionOf(restoring(folder), IntegrityFault)).code).toBe('store.newer-schema')
  })

  it('never has heads of acts that it does not hold, however many are signed meanwhile', async () => {
    await enrol('Anna')
    const { home, data, vaultKey } = config
    await using store = await Store.open({ file, keyFile: vaultKey })
    const options = { home, heads: { every: 1e9, acts: 1e9 }, clock: systemClock, log: book.log }
    await using audit = await AuditLog.open({ ...options, store: store.audit, data })
    await using taken = new Backups({ store, data, clock: systemClock, log: book.log })
    await audit.sign()
    let over = false
    const backup = taken.take(backups, SERVER_HAND).finally(() => {
      over = true
    })
    const act = { kind: 'database.checked', hand: SERVER_HAND, about: {} } as const
    while (!over) {
      await store.audit.note({ ...act, at: Date.now() })
      await audit.sign()
    }
    const { folder } = await backup
    expect((await store.audit.heads()).length).toBeGreaterThan(5)
    await using copy = await Store.open({ file: join(folder, 'wanted.db'), keyFile: vaultKey })
    await using read = await AuditLog.open({ ...options, store: copy.audit, data: folder })
    expect(read.intact).toBe(true)
    expect(await read.verify()).toMatchObject({ good: true })
  })

  it('that is none is said to be none', async () => {
    const none = verifyBackup(deployment.home, undefined)
    expect((await rejectionOf(none, Refusal)).code).toBe('backup.not-found')
  })

  it('stays while it is among the newest that are kept', async () => {
    await enrol('Anna')
    const taken = []
    for (let i = 0; i < 3; i++) taken.push((await backUp(2)).folder.split('/').at(-1))
    expect((await readdir(backups)).sort()).toEqual(taken.slice(1))
  })
})

describe('restoring', () => {
  it('brings back what was, keeps what is aside, and is recorded', async () => {
    const [anna] = await enrol('Anna')
    const { folder } = await backUp()
    await enrol('Bert')
    await restoring(folder)
    const entries = await ask<{ id: string }[]>('GET', '/entries')
    expect(entries.map(({ id }) => id)).toEqual([anna])
    expect(book.of('database.restored')).toMatchObject([{ by: 'anna' }])
    expect(acts()).toContain('database.restored')
    const names = await readdir(config.data)
    expect(names).toContainEqual(expect.stringMatching(/^wanted\.db\.before-restore-\d+$/))
    expect(names).not.toContain('restored.json')
    await (await start())[Symbol.asyncDispose]()
    expect(acts().filter((kind) => kind === 'database.restored')).toHaveLength(1)
  })

  it('does not bring back who was erased since', async () => {
    const [anna, bert] = await enrol('Anna', 'Bert')
    const { folder } = await backUp()
    await ask('DELETE', `/entries/${bert}`)
    await restoring(folder)
    const entries = await ask<{ id: string }[]>('GET', '/entries')
    expect(entries.map(({ id }) => id)).toEqual([anna])
    expect(book.of('entry.erased-again')).toMatchObject([{ entry: bert }])
  })

  it('is refused while the server runs', async () => {
    await enrol('Anna')
    const { folder } = await backUp()
    await using _server = await start()
    expect((await rejectionOf(restoring(folder), Unavailable)).code).toBe('store.in-use')
  })

  it('is the only way to an older database: one that was simply put there is refused', async () => {
    await enrol('Anna')
    const { folder } = await backUp()
    await ask('GET', '/entries')
    for (const end of ['-wal', '-shm']) await rm(`${file}${end}`, { force: true })
    await writeFile(file, await readFile(join(folder, 'wanted.db')))
    const error = await rejectionOf(start(), IntegrityFault)
    expect(error.code).toMatch(/^audit\./)
  })
})

describe('a check at the desk', () => {
  it('reads every row beside the work, and names what somebody changed', async () => {
    const [anna] = await enrol('Anna', 'Bert')
    expect(await ask('POST', '/database/check', {})).toMatchObject({ structure: 'ok', damages: [] })
    const other = new BetterSqlite3(file)
    other.prepare('UPDATE entries SET strictness = 9 WHERE id = ?').run(anna)
    other.close()
    expect(await ask('POST', '/database/check', {})).toMatchObject({
      damages: [{ table: 'entries', row: anna, what: 'changed' }],
    })
    expect(book.of('database.damaged')).toMatchObject([{ row: anna, level: 'error' }])
    expect(acts()).toContain('database.damaged')
  })
})
