import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ErasureCertificate, isGenuine } from '@vedette/server/erasure/certificate'
import { TOMBSTONES, Tombstones } from '@vedette/server/erasure/tombstones'
import { OF_ENTRIES } from '@vedette/server/store/erasure'
import { openKeeping } from '@vedette/server/vault/keeping'
import { KeySource } from '@vedette/server/vault/key-source'
import { systemClock } from '@vedette/shared/clock'
import { encodeEmbedding } from '@vedette/shared/embedding'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { seeded } from '../../support/agent-random.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { openSight, type Sight, TestDesk } from '../../support/server-desk.ts'
import { newAlert, newEntry, newPhoto, seenOf, TRAIL } from '../../support/server-store.ts'

let deployment: Deployment
let sight: Sight & AsyncDisposable
let desk: TestDesk

beforeAll(async () => {
  deployment = await Deployment.found()
  sight = await openSight()
})
beforeEach(async () => {
  desk = await TestDesk.open(deployment, sight)
})
afterEach(() => desk[Symbol.asyncDispose]())
afterAll(() => Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]())))

const noise = (seed: number, bytes: number) => {
  const random = seeded(seed)
  return Buffer.from(Array.from({ length: bytes }, () => Math.floor(random() * 256)))
}

/** Somebody with two photographs and two alerts, and every byte there is of them. */
async function somebody(): Promise<{ id: string; bytes: Map<string, Buffer> }> {
  const { entries, alerts } = desk.stored.store
  const photos = [1, 2].map((seed) => newPhoto(seed, { jpeg: noise(seed, 20_000) }))
  const name = 'Klara Unverwechselbar-Nirgendwosonst'
  const { entry } = await entries.add(newEntry(name), photos)
  for (const seed of [3, 4]) {
    const chip = noise(seed, 5000)
    await alerts.raise(seenOf(newAlert(entry.id), { chip, probe: newPhoto(seed).template }), TRAIL)
  }
  const bytes = new Map<string, Buffer>([['name', Buffer.from(name)]])
  for (const [i, { jpeg, template }] of photos.entries()) {
    bytes.set(`photo ${i}`, Buffer.from(jpeg))
    bytes.set(`template ${i}`, Buffer.from(encodeEmbedding(template)))
  }
  const other = desk.stored.elsewhere()
  const sealed = {
    'SELECT details, wrappedKey FROM entries WHERE id = ?': 'entry',
    'SELECT image FROM photos WHERE entryId = ?': 'photos',
    'SELECT vector FROM templates WHERE entryId = ?': 'templates',
    'SELECT chip, probe FROM alerts WHERE entryId = ?': 'alerts',
    'SELECT chip FROM evidence WHERE alertId IN (SELECT id FROM alerts WHERE entryId = ?)':
      'evidence',
  }
  for (const [query, what] of Object.entries(sealed)) {
    const rows = other.prepare(query).raw().all(entry.id) as Buffer[][]
    for (const [i, blob] of rows.flat().entries()) bytes.set(`sealed ${what} ${i}`, blob)
  }
  other.close()
  return { id: entry.id, bytes }
}

/** Which of `bytes` have a part of 64 bytes, from wherever, in any file of the deployment. */
async function left(bytes: Map<string, Buffer>): Promise<string[]> {
  const found = new Set<string>()
  for (const folder of [desk.stored.folder, deployment.home]) {
    const all = await readdir(folder, { recursive: true, withFileTypes: true })
    for (const file of all.filter((one) => one.isFile())) {
      const held = await readFile(join(file.parentPath, file.name))
      for (const [what, value] of bytes) {
        for (let at = 0; at < value.length; at += 64) {
          const from = Math.max(0, Math.min(at, value.length - 64))
          if (held.includes(value.subarray(from, from + 64))) found.add(what)
        }
      }
    }
  }
  return [...found].sort()
}

const bodyOf = ({ bytes }: { bytes: Buffer }): unknown => JSON.parse(bytes.toString())
const erasing = (id: string) => desk.user(deployment.anna).delete(`/entries/${id}`)

describe('an entry that is erased', () => {
  it('leaves no byte in any file, and the others as they are', async () => {
    const { id, bytes } = await somebody()
    const other = await somebody()
    const before = await left(bytes)
    expect(before).toEqual(expect.arrayContaining(['sealed photos 0', 'sealed templates 1']))
    const began = performance.now()
    const answer = await erasing(id)
    expect(answer.status).toBe(200)
    expect(await left(bytes)).toEqual([])
    expect(performance.now() - began).toBeLessThan(5000)
    expect((await left(other.bytes)).length).toBeGreaterThan(5)
    for (const _progress of desk.stored.store.seals.checkAll());
    expect(desk.stored.store.seals.damages).toEqual([])
  })

  it('is certified: signed, with what went and where the record says so', async () => {
    const { id } = await somebody()
    const certificate = bodyOf(await erasing(id)) as ErasureCertificate
    expect(certificate).toMatchObject({
      entry: id,
      by: 'anna',
      rows: { entries: 1, photos: 2, templates: 2, alerts: 2, evidence: 2 },
    })
    expect(isGenuine(certificate)).toBe(true)
    const changes = [{ entry: 'x' }, { erasedAt: 0 }, { why: 'x' }, { rows: {} }, { signature: '' }]
    for (const change of changes) expect(isGenuine({ ...certificate, ...change })).toBe(false)
    const act = await desk.stored.store.audit.row(certificate.record.seq)
    expect(act?.kind).toBe('entry.erased')
  })

  it('stays in its alerts as ids and numbers, without a picture or a word', async () => {
    const { id } = await somebody()
    await erasing(id)
    const rows = desk.stored.elsewhere().prepare('SELECT * FROM alerts WHERE entryId = ?').all(id)
    expect(rows).toHaveLength(2)
    for (const row of rows as Record<string, unknown>[]) {
      expect(row).toMatchObject({ chip: null, probe: null, note: null, score: 0.96 })
    }
  })

  it('is refused when it is not there, and nothing is noted of it', async () => {
    expect((await erasing('nobody')).status).toBe(404)
    const stones = new Tombstones(join(desk.stored.folder, TOMBSTONES))
    expect([...(await stones.all()).keys()]).not.toContain('nobody')
  })

  it('may have been tampered with', async () => {
    const { id, bytes } = await somebody()
    const other = desk.stored.elsewhere()
    other.pragma('secure_delete = ON')
    other.prepare('UPDATE entries SET strictness = 5 WHERE id = ?').run(id)
    other.prepare('UPDATE alerts SET score = 1 WHERE entryId = ?').run(id)
    expect((await erasing(id)).status).toBe(200)
    expect(await left(bytes)).toEqual([])
  })
})

describe('while a program reads the database', () => {
  it('an entry is not called erased; it is when the reader is gone', async () => {
    const { id, bytes } = await somebody()
    const reader = desk.stored.elsewhere()
    reader.exec('BEGIN')
    reader.prepare('SELECT count(*) FROM photos').get()
    const answer = await erasing(id)
    expect(answer.status).toBe(503)
    expect(bodyOf(answer)).toMatchObject({ code: 'erasure.unfinished' })
    expect((await left(bytes)).length).toBeGreaterThan(0)
    reader.exec('COMMIT')
    await expect.poll(() => desk.book.of('entry.erasure-finished')).toMatchObject([{ entry: id }])
    expect(await left(bytes)).toEqual([])
  })
})

describe('an entry that a backup brings back', () => {
  it('is erased again at the start', async () => {
    const { id, bytes } = await somebody()
    await new Tombstones(join(desk.stored.folder, TOMBSTONES)).add(id, 0)
    const forgotten: string[] = []
    const { store, folder: data } = desk.stored
    const { audit, book } = desk
    const clock = systemClock
    const source = new KeySource({ kind: 'file', path: desk.stored.keyFile })
    const keeping = await openKeeping(
      { store, source, data, audit, clock, log: book.log },
      (part) => part,
    )
    keeping.forgets(async (entry) => void forgotten.push(entry))
    await expect.poll(() => book.of('entry.erasure-finished')).toHaveLength(1)
    expect(book.of('entry.erased-again')).toMatchObject([{ entry: id }])
    expect(await left(bytes)).toEqual([])
    await keeping.eraser[Symbol.asyncDispose]()
  })
})

describe('the one list of what holds anything of an entry', () => {
  it('has every table that speaks of one', () => {
    const other = desk.stored.elsewhere()
    const speaking = /^(entryId|alertId|photoId|rejectionId)$/
    const tables = other
      .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .pluck()
      .all()
      .filter((name) =>
        (other.pragma(`table_info(${name})`) as { name: string }[]).some((column) =>
          speaking.test(column.name),
        ),
      )
    expect([...tables, 'entries', 'alerts'].filter((name) => !OF_ENTRIES.includes(name))).toEqual(
      [],
    )
  })
})
