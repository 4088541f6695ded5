import { MIGRATIONS } from '@vedette/server/store/migrations'
import { PROTECTED, UNPROTECTED } from '@vedette/server/store/protected'
import { IntegrityFault } from '@vedette/shared/errors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seeded } from '../../support/agent-random.ts'
import {
  HAND,
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
let anna: string
let bert: string

beforeEach(async () => {
  stored = await TemporaryStore.make()
  const { entries, alerts } = stored.store
  anna = (await entries.add(newEntry('Anna'), [newPhoto(1), newPhoto(2)])).entry.id
  bert = (await entries.add(newEntry('Bert'), [newPhoto(3)])).entry.id
  await alerts.raise(seenOf(newAlert(anna)), TRAIL)
})

afterEach(() => stored[Symbol.asyncDispose]())

/** All that is wrong, as `table/row what`. */
function found(): string[] {
  const { seals } = stored.store
  for (const _progress of seals.checkAll());
  return seals.damages.map(({ table, row, what }) => `${table}/${row} ${what}`)
}

/** What somebody does who has the file, and neither the server nor its keys. */
function tamper(...statements: string[]): void {
  const other = stored.elsewhere()
  other.pragma('foreign_keys = OFF')
  for (const statement of statements) other.exec(statement)
}

describe('every table', () => {
  it('is sealed row by row, or it is said why not', () => {
    const tables = stored
      .elsewhere()
      .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .pluck()
      .all()
      .filter((name) => !name.startsWith('sqlite_'))
    const known = [...PROTECTED, ...Object.keys(UNPROTECTED)]
    expect([...known].sort()).toEqual([...new Set(tables)].sort())
  })
})

describe('rows that only the server wrote', () => {
  it('are whole, however they were written', async () => {
    const { entries, alerts } = stored.store
    await entries.tighten(anna, 10, HAND, 1)
    await entries.removePhoto(anna, 0, HAND, 1)
    await alerts.raise(seenOf(newAlert(bert)), TRAIL)
    await stored.erase(bert)
    expect(found()).toEqual([])
    await stored.close()
    await stored.open()
    expect(found()).toEqual([])
  })

  it('are whole after a transaction that was undone', async () => {
    const { entries } = stored.store
    await expect(entries.add(newEntry('Cora', { list: 'none' }), [newPhoto(4)])).rejects.toThrow()
    await expect(
      entries.add(newEntry('Cora'), [newPhoto(4), newPhoto(5, { quality: null as never })]),
    ).rejects.toThrow()
    expect(found()).toEqual([])
  })
})

describe('a row that somebody else', () => {
  it.each([
    ['entries', "listId = 'other'"],
    ['entries', "state = 'pending'"],
    ['entries', 'expiresAt = expiresAt + 1'],
    ['entries', 'strictness = 1.0000000000000002'],
    ['photos', 'position = position + 10'],
    ['photos', "state = 'pending'"],
    ['photos', 'quality = quality + 1e-16'],
    ['templates', "space = 'another'"],
    ['templates', "photoId = 'another'"],
    ['alerts', 'score = score + 1e-9'],
    ['alerts', "camera = 'south'"],
    ['alerts', 'threshold = 0.5'],
    ['alerts', 'capturedAt = capturedAt - 1'],
    ['evidence', 'score = 1'],
    ['lists', 'approvals = 0'],
  ])('changed in %s (%s) is named', (table, change) => {
    const id = stored.elsewhere().prepare(`SELECT * FROM ${table} LIMIT 1`).raw().get() as string[]
    const key = table === 'evidence' ? id.slice(0, 3).join('/') : id[0]
    const where = table === 'evidence' ? '1' : `id = '${key}'`
    tamper(`UPDATE ${table} SET ${change} WHERE ${where}`)
    expect(found()).toEqual([`${table}/${key} changed`])
  })

  it('took away is named, and what holds it', () => {
    tamper(`DELETE FROM templates WHERE entryId = '${bert}'`)
    expect(found()).toEqual([expect.stringMatching(/^templates\/.* missing$/)])
  })

  it('took away with its seal is noticed', () => {
    tamper(
      `DELETE FROM seals WHERE row = (SELECT id FROM templates WHERE entryId = '${bert}')`,
      `DELETE FROM templates WHERE entryId = '${bert}'`,
    )
    expect(found()).toEqual(['templates/* put-back'])
  })

  it('put there is named', () => {
    tamper(`INSERT INTO lists (id, name, createdAt) VALUES ('x', 'x', 0)`)
    expect(found()).toEqual(['lists/x unsealed'])
  })

  it('gave an id that is no text is not taken for one that went', async () => {
    tamper(`UPDATE entries SET id = CAST(x'ff00fe' AS TEXT) WHERE id = '${anna}'`)
    expect((await stored.store.entries.all()).map(({ id }) => id)).toEqual([bert])
    expect(stored.store.seals.damages).toMatchObject([{ table: 'entries', what: 'unsealed' }])
  })

  it('gave to another entry is named', () => {
    tamper(`UPDATE templates SET entryId = '${bert}' WHERE entryId = '${anna}'`)
    expect(found()).toHaveLength(2)
  })

  it('put back as it was before is named', async () => {
    const other = stored.elsewhere()
    const before = other.prepare('SELECT strictness FROM entries WHERE id = ?').pluck().get(anna)
    await stored.store.entries.tighten(anna, 10, HAND, 1)
    tamper(`UPDATE entries SET strictness = ${before} WHERE id = '${anna}'`)
    expect(found()).toEqual([`entries/${anna} changed`])
  })

  it('put back with its seal of then is noticed', async () => {
    const other = stored.elsewhere()
    const seal = other
      .prepare('SELECT version, hex(mac) mac FROM seals WHERE row = ?')
      .get(anna) as {
      version: number
      mac: string
    }
    await stored.store.entries.tighten(anna, 10, HAND, 1)
    tamper(
      `UPDATE entries SET strictness = 1 WHERE id = '${anna}'`,
      `UPDATE seals SET version = ${seal.version}, mac = x'${seal.mac}' WHERE row = '${anna}'`,
    )
    expect(found()).toEqual(['entries/* put-back'])
  })

  it('put back with its seal and the sum of then is noticed where anything else was written', async () => {
    const keep = `
      ATTACH '${stored.folder}/then.db' AS past;
      CREATE TABLE past.seals AS SELECT * FROM main.seals;
      CREATE TABLE past.sealSums AS SELECT * FROM main.sealSums;`
    tamper(keep)
    await stored.store.entries.tighten(anna, 10, HAND, 1)
    await stored.store.entries.tighten(bert, 10, HAND, 1)
    tamper(`
      UPDATE entries SET strictness = 1 WHERE id = '${anna}';
      ATTACH '${stored.folder}/then.db' AS past;
      DELETE FROM main.seals WHERE row = '${anna}';
      INSERT INTO main.seals SELECT * FROM past.seals WHERE row = '${anna}';
      DELETE FROM main.sealSums WHERE tbl = 'entries';
      INSERT INTO main.sealSums SELECT * FROM past.sealSums WHERE tbl = 'entries';`)
    expect(found()).toEqual(['entries/* put-back'])
  })

  it('changed is not made good by what the server writes into it', async () => {
    tamper(`UPDATE entries SET listId = 'other' WHERE id = '${anna}'`)
    const error = await rejectionOf(stored.store.entries.tighten(anna, 10, HAND, 1), IntegrityFault)
    expect(error.code).toBe('vault.changed')
    expect(found()).toEqual([`entries/${anna} changed`])
  })

  it('changed is not made good by a migration, of which a copy from before is kept', async () => {
    tamper(`UPDATE entries SET listId = 'other' WHERE id = '${anna}'`)
    tamper(`UPDATE entries SET listId = 'wanted' WHERE id = '${anna}'`)
    tamper(`UPDATE entries SET strictness = 3 WHERE id = '${anna}'`)
    await stored.close()
    const migrations = MIGRATIONS as string[]
    migrations.push('ALTER TABLE entries ADD COLUMN later TEXT')
    try {
      await stored.open()
      expect(found()).toEqual([`entries/${anna} changed`, `entries/${anna} unsealed`])
      const names = [...(await stored.files()).keys()]
      expect(names).toContainEqual(expect.stringMatching(/^wanted\.db\.before-\d+-\d+$/))
    } finally {
      migrations.pop()
    }
  })
})

describe('a damaged row', () => {
  it('does not stop the others, and is told of once', async () => {
    tamper(`UPDATE entries SET strictness = 2 WHERE id = '${anna}'`)
    await stored.close()
    const { entries, seals } = await stored.open()
    const told: string[] = []
    seals.listen(({ table, row, what }) => told.push(`${table}/${row} ${what}`))
    const templates = await entries.templates(SPACE)
    expect(templates.map(({ entryId }) => entryId)).toEqual([bert])
    expect((await entries.all()).map(({ id }) => id)).toEqual([bert])
    const error = await rejectionOf(entries.get(anna), IntegrityFault)
    expect([error.code, error.message]).toEqual([
      'vault.changed',
      `entries/${anna} is not as it was written`,
    ])
    expect(told).toEqual([`entries/${anna} changed`])
  })

  it('among the sums does not keep alerts from being stored', async () => {
    tamper("UPDATE sealSums SET sum = zeroblob(61) WHERE tbl = 'alerts'")
    await stored.store.alerts.raise(seenOf(newAlert(bert)), TRAIL)
    expect(await stored.store.alerts.list({ limit: 10 })).toHaveLength(2)
    expect(found()).toEqual(['alerts/* put-back'])
  })
})

describe('any bit of any protected column', () => {
  it('that is flipped is found, by name', () => {
    const random = seeded(7)
    const other = stored.elsewhere()
    other.pragma('foreign_keys = OFF')
    other.pragma('ignore_check_constraints = ON')
    const tables = PROTECTED.filter((name) => stored.rows(name) > 0)
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
    let flips = 0
    while (flips < 150) {
      const table = pick(tables)
      const columns = other.pragma(`table_info(${table})`) as { name: string; type: string }[]
      const { name, type } = pick(columns)
      const key = columns[0]!.name
      const row = pick(other.prepare<[], string>(`SELECT ${key} FROM ${table}`).pluck().all())
      const value = other.prepare(`SELECT ${name} FROM ${table} WHERE ${key} = ?`).pluck().get(row)
      const flipped = flip(value, random)
      if (flipped === undefined) continue
      const put = type === 'TEXT' ? 'CAST(? AS TEXT)' : '?'
      try {
        other.prepare(`UPDATE ${table} SET ${name} = ${put} WHERE ${key} = ?`).run(flipped, row)
      } catch {
        continue
      }
      flips++
      const named = [...check(stored)].filter((damage) => damage.startsWith(`${table}/`))
      expect([table, name, named.length > 0]).toEqual([table, name, true])
      const back = name === key ? flipped.toString() : row
      other.prepare(`UPDATE ${table} SET ${name} = ? WHERE ${key} = ?`).run(value, back)
    }
  })
})

function* check(of: TemporaryStore): Generator<string> {
  const run = of.store.seals.checkAll()
  let step = run.next()
  while (!step.done) step = run.next()
  for (const { table, row, what } of step.value.damages) yield `${table}/${row} ${what}`
}

/** `value` with one bit flipped; undefined where it has none or nothing comes of it. */
function flip(value: unknown, random: () => number): Buffer | number | undefined {
  const at = (length: number) => Math.floor(random() * length * 8)
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleBE(value)
    const bit = at(8)
    bytes[bit >> 3]! ^= 1 << (bit & 7)
    const flipped = bytes.readDoubleBE()
    return Number.isFinite(flipped) && flipped !== value ? flipped : undefined
  }
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) return undefined
  const flipped = Buffer.from(bytes)
  const bit = at(flipped.length)
  flipped[bit >> 3]! ^= 1 << (bit & 7)
  return flipped
}
