import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { MIGRATIONS } from '@vedette/server/store/migrations'
import { Refusal } from '@vedette/shared/errors'
import { newSealKey, seal } from '@vedette/shared/seal'
import BetterSqlite3 from 'better-sqlite3'
import { beforeEach, describe, expect, it } from 'vitest'
import { RegisterBench } from '../../support/server-register.ts'
import { HAND, SPACE, TemporaryStore } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'

const DAY = 86_400_000
let bench: RegisterBench

beforeEach(async () => {
  bench = await RegisterBench.open()
  return () => bench[Symbol.asyncDispose]()
})

const codeOf = async (refused: Promise<unknown>) => (await rejectionOf(refused, Refusal)).code

describe('lists', () => {
  it('begin with one that is called wanted', () => {
    expect(bench.lists.all).toMatchObject([
      { id: 'wanted', kind: 'wanted', priority: 3, approvals: 1, keepFor: 0, cameras: null },
    ])
  })

  it('are added, changed and removed, each recorded; the most urgent is first', async () => {
    const policy = { name: 'Missing children', priority: 1, cameras: ['gate-7/*'] }
    expect(await bench.lists.add('missing', policy, HAND)).toMatchObject({ ...policy, version: 1 })
    expect(bench.lists.all.map(({ id }) => id)).toEqual(['missing', 'wanted'])
    const hours = {
      zone: 'Europe/Berlin',
      spans: [{ days: [1 as const], from: '08:00', to: '09:00' }],
    }
    const changed = await bench.lists.change('missing', { hours, colour: '#00ff00' }, HAND)
    expect(changed.list).toMatchObject({ ...policy, hours, colour: '#00ff00', version: 2 })
    await bench.lists.remove('missing', HAND)
    expect(bench.lists.find('missing')).toBeUndefined()
    expect(await bench.stored.store.lists.all()).toEqual(bench.lists.all)
    const kinds = ['list.added', 'list.changed', 'list.removed']
    expect(kinds.map((kind) => bench.acts(kind).length)).toEqual([1, 1, 1])
    expect(bench.acts('list.changed')).toMatchObject([
      { about: { list: 'missing' }, details: { changed: ['colour', 'hours'], version: 2 } },
    ])
  })

  it('that are not empty, or the last one, stay', async () => {
    expect(await codeOf(bench.lists.remove('wanted', HAND))).toBe('list.last')
    await bench.lists.add('other', {}, HAND)
    await bench.enrol(1, { list: 'other' })
    expect(await codeOf(bench.lists.remove('other', HAND))).toBe('list.not-empty')
    expect(bench.lists.all).toHaveLength(2)
    expect(bench.acts('list.removed')).toEqual([])
  })

  it.each<[string, object, string]>([
    ['Upper Case', {}, 'list.invalid'],
    ['', {}, 'list.invalid'],
    ['wanted', {}, 'list.exists'],
    ['other', { name: 'wanted' }, 'list.exists'],
    ['other', { usualLife: 10 * DAY, longestLife: 9 * DAY }, 'list.invalid'],
  ])('are not added as %j %j', async (id, policy, code) => {
    expect(await codeOf(bench.lists.add(id, policy, HAND))).toBe(code)
    expect(bench.lists.all).toHaveLength(1)
  })

  it('that are not there are not found', async () => {
    expect(await codeOf(bench.lists.change('none', { priority: 1 }, HAND))).toBe('list.not-found')
    expect(await codeOf(bench.lists.remove('none', HAND))).toBe('list.not-found')
    expect(bench.lists.applies('none', { agent: 'a', camera: 'b', at: 0 })).toBe(false)
  })

  it('demand what must be said of whoever is on them', async () => {
    await bench.lists.change('wanted', { demands: ['legalBasis', 'caseNumber'] }, HAND)
    const refused = await rejectionOf(bench.enrol(1, { caseNumber: 'A-1' }), Refusal)
    expect(refused).toMatchObject({
      code: 'entry.incomplete',
      message: 'list wanted demands: legalBasis',
      hint: expect.stringContaining('--legal-basis'),
    })
    expect(bench.stored.rows('entries')).toBe(0)
    const { id } = await bench.enrol(1, { caseNumber: 'A-1', legalBasis: 'warrant' })
    expect(await codeOf(bench.register.edit(id, { legalBasis: ' ' }, HAND))).toBe(
      'entry.incomplete',
    )
    await bench.lists.add('lax', {}, HAND)
    const other = await bench.enrol(2, { list: 'lax' })
    const moving = bench.register.change(other.id, { kind: 'entry.move', list: 'wanted' }, HAND)
    expect(await codeOf(moving)).toBe('entry.incomplete')
  })

  it('are there for those whom they admit', async () => {
    expect(bench.lists.admits('wanted', 'carl')).toBe(true)
    await bench.lists.change('wanted', { viewers: ['anna'] }, HAND)
    const seen = ['anna', 'carl'].map((name) => bench.lists.admits('wanted', name))
    expect(seen).toEqual([true, false])
  })

  it('tell whoever listens that they have changed, and have changed when that is done', async () => {
    const told: string[] = []
    const unlisten = bench.lists.listen(async () => {
      await new Promise(setImmediate)
      told.push('done')
    })
    await bench.lists.change('wanted', { keepFor: 24 }, HAND)
    expect(told).toEqual(['done'])
    unlisten()
    await bench.lists.change('wanted', { keepFor: 0 }, HAND)
    expect(told).toEqual(['done'])
  })
})

describe('a list that applies somewhere, or sometimes', () => {
  it('raises alerts there alone', async () => {
    await bench.lists.change('wanted', { cameras: ['gate-7/door', 'hall/*'] }, HAND)
    const { id } = await bench.enrol(1)
    const at = async (agent: string, camera: string) => bench.ask(1, { agent, camera })
    expect(await at('gate-7', 'door')).toEqual([id])
    expect(await at('hall', 'anything')).toEqual([id])
    expect(await at('gate-7', 'yard')).toEqual([])
    expect(await at('gate-70', 'door')).toEqual([])
  })

  it('goes by the time when a face was captured, not when it was told of', async () => {
    const spans = [{ days: [5 as const], from: '22:00', to: '06:00' }]
    await bench.lists.change('wanted', { hours: { zone: 'Europe/Berlin', spans } }, HAND)
    const { id } = await bench.enrol(1)
    const ask = (at: string) => bench.ask(1, { capturedAt: Date.parse(at) })
    expect(await ask('2025-11-21T21:59:59+01:00')).toEqual([])
    expect(await ask('2025-11-21T22:00:00+01:00')).toEqual([id])
    expect(await ask('2025-11-22T05:59:59+01:00')).toEqual([id])
    expect(await ask('2025-11-22T06:00:00+01:00')).toEqual([])
  })

  it('keeps its faces from being taken for others, and out of what cameras learn', async () => {
    await bench.lists.add('resting', { cameras: ['elsewhere/*'] }, HAND)
    await bench.enrol(1, { list: 'resting' })
    await bench.enrol(2)
    expect(await bench.ask(1)).toEqual([])
    bench.bench.matching.stop()
    expect(bench.bench.nearMisses).toEqual([])
    expect(bench.bench.walks.map(({ score }) => (score ?? 0) < 0.9)).toEqual([true])
  })
})

describe('a database of before there were policies', () => {
  it('keeps all that it has, and gives every entry an expiry to come', async () => {
    const before = MIGRATIONS.findIndex((sql) => sql.includes('ADD COLUMN usualLife'))
    const id = '0190-old'
    await using stored = await TemporaryStore.make()
    const vaultKey = (await stored.vault()).ring[0]!.key
    await stored.close()
    for (const name of (await stored.files()).keys()) await rm(join(stored.folder, name))
    const key = newSealKey()
    const db = new BetterSqlite3(stored.file)
    for (const sql of MIGRATIONS.slice(0, before)) db.exec(sql)
    db.pragma(`user_version = ${before}`)
    const add = (table: string, row: Record<string, unknown>) => {
      const names = Object.keys(row)
      const values = names.map(() => '?').join(', ')
      db.prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${values})`).run(
        ...Object.values(row),
      )
    }
    add('lists', { id: 'second', name: 'Second', createdAt: 5 })
    const said = Buffer.from(JSON.stringify({ name: 'Old Entry', note: 'tall' }))
    const details = seal(key, ['entries', id, 'details'], said)
    const wrappedKey = seal(vaultKey, ['entries', id, 'wrappedKey'], key)
    const made = { createdAt: 7, createdBy: 'anna' }
    add('entries', { id, listId: 'second', details, wrappedKey, ...made })
    const image = seal(key, ['photos', 'p', 'image'], Buffer.from('picture'))
    add('photos', { id: 'p', entryId: id, position: 0, image, quality: 0.9, createdAt: 7 })
    const bytes = Buffer.from(new Float32Array(128).fill(128 ** -0.5).buffer)
    const vector = seal(key, ['templates', 't', 'vector'], bytes)
    add('templates', { id: 't', entryId: id, photoId: 'p', space: SPACE, vector })
    db.close()
    await stored.open()
    const { entries, lists } = stored.store
    const entry = await entries.get(id)
    expect(entry).toMatchObject({
      ...{ name: 'Old Entry', note: 'tall', aliases: [], legalBasis: '', list: 'second' },
      ...{ state: 'live', createdAt: 7, createdBy: 'anna', photos: 1 },
    })
    expect(Math.abs(entry.expiresAt - (Date.now() + 90 * DAY))).toBeLessThan(60_000)
    expect((await entries.photo(id, 0)).toString()).toBe('picture')
    expect(await entries.templates(SPACE, { liveAt: Date.now() })).toHaveLength(1)
    expect((await lists.all()).map(({ id, approvals }) => [id, approvals])).toEqual([
      ['second', 1],
      ['wanted', 1],
    ])
  })
})
