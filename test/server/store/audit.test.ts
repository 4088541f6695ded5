import { BEGINNING, hashOf, hashOfBody } from '@vedette/server/audit/row'
import { appendAct } from '@vedette/server/store/audit'
import { openDatabase } from '@vedette/server/store/database'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newAct } from '../../support/server-audit.ts'
import { TemporaryStore } from '../../support/server-store.ts'

let stored: TemporaryStore

beforeEach(async () => {
  stored = await TemporaryStore.make()
})
afterEach(() => stored[Symbol.asyncDispose]())

type Row = { seq: number; at: number; kind: string; bodyHash: Buffer; hash: Buffer; body: string }

const rows = () =>
  stored.elsewhere().prepare('SELECT * FROM acts JOIN actBodies USING (seq)').all() as Row[]

describe('the record', () => {
  it('chains each act to the one before, from the beginning', async () => {
    for (let i = 0; i < 5; i++) await stored.store.audit.note(newAct(i))
    let before: Uint8Array = BEGINNING
    for (const [i, row] of rows().entries()) {
      expect(row).toMatchObject({ seq: i + 1, at: newAct(i).at, kind: newAct(i).kind })
      expect(row.bodyHash).toEqual(hashOfBody(row.body))
      expect(row.hash).toEqual(hashOf(before, row))
      before = row.hash
    }
    expect(rows()).toHaveLength(5)
  })

  it('keeps who, from where, why and about what', async () => {
    const hand = { by: 'anna', from: '10.0.0.9', why: 'case 4711' }
    await stored.store.audit.note(newAct(0, { hand, about: { entry: 'e1', list: undefined } }))
    const [{ body }] = rows() as [Row]
    expect(JSON.parse(body)).toEqual({
      ...hand,
      about: { entry: 'e1' },
      details: { number: 0 },
      salt: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
  })

  it('goes on with the chain when the database is opened again', async () => {
    await stored.store.audit.note(newAct(0))
    await stored.close()
    await stored.open()
    await stored.store.audit.note(newAct(1))
    const [first, second] = rows()
    expect(second!.hash).toEqual(hashOf(first!.hash, second!))
  })

  it('writes what comes together in few transactions, in the order that it came', async () => {
    const many = Array.from({ length: 500 }, (_, i) => stored.store.audit.note(newAct(i)))
    const before = stored.elsewhere()
    const version = () => before.pragma('data_version', { simple: true }) as number
    const seen = new Set([version()])
    for (const one of many) {
      await one
      seen.add(version())
    }
    expect(seen.size).toBeLessThanOrEqual(7)
    expect(rows().map(({ body }) => JSON.parse(body).details.number)).toEqual(
      Array.from({ length: 500 }, (_, i) => i),
    )
  })

  it('holds an act if and only if what it records was done', async () => {
    const { queries, close } = openDatabase(stored.file, { vault: await stored.vault() })
    const work = (fail: 'before' | 'after' | 'never') =>
      queries.transaction().execute(async (tx) => {
        await tx.insertInto('lists').values({ id: fail, name: fail, createdAt: 0 }).execute()
        if (fail === 'before') throw new TypeError('the work fails')
        await appendAct(tx, newAct(0))
        if (fail === 'after') throw new TypeError('something later fails')
      })
    await expect(work('before')).rejects.toThrow()
    await expect(work('after')).rejects.toThrow()
    await work('never')
    close()
    expect(rows()).toHaveLength(1)
    expect(stored.elsewhere().prepare('SELECT id FROM lists').pluck().all()).toEqual([
      'never',
      'wanted',
    ])
  })

  it('undoes the work when its act cannot be recorded', async () => {
    stored.elsewhere().exec(`
      CREATE TRIGGER broken BEFORE INSERT ON acts BEGIN SELECT RAISE(ABORT, 'no'); END`)
    const { queries, close } = openDatabase(stored.file, { vault: await stored.vault() })
    const work = queries.transaction().execute(async (tx) => {
      await tx.insertInto('lists').values({ id: 'x', name: 'x', createdAt: 0 }).execute()
      await appendAct(tx, newAct(0))
    })
    await expect(work).rejects.toThrow('no')
    close()
    expect(stored.elsewhere().prepare("SELECT id FROM lists WHERE id = 'x'").all()).toEqual([])
  })

  it('is not changed, taken away, or added to but at its end, by whoever has the database', async () => {
    for (let i = 0; i < 3; i++) await stored.store.audit.note(newAct(i))
    const before = rows()
    const other = stored.elsewhere()
    for (const [statement, why] of [
      ['UPDATE acts SET at = at + 1', 'not changed'],
      ["UPDATE actBodies SET body = '{}' WHERE seq = 2", 'not changed'],
      ['DELETE FROM acts WHERE seq = 3', 'is kept'],
      ['DELETE FROM actBodies WHERE seq = 1', 'is kept'],
      ["INSERT INTO acts VALUES (7, 0, 'alert.raised', x'00', x'00')", 'appended to'],
      ["INSERT OR REPLACE INTO acts VALUES (2, 0, 'alert.raised', x'00', x'00')", 'appended to'],
      ["INSERT OR REPLACE INTO actBodies VALUES (2, '{}')", 'appended to'],
    ] as const) {
      expect([statement, () => other.exec(statement)][1]).toThrow(why)
    }
    expect(rows()).toEqual(before)
  })
})
