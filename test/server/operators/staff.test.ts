import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { foundOperators } from '@vedette/server/operators/found'
import { openStaff, type Staff } from '@vedette/server/operators/staff'
import { OperatorStore } from '@vedette/server/store/operators/operators'
import { systemClock } from '@vedette/shared/clock'
import { IntegrityFault } from '@vedette/shared/errors'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/server-deployment.ts'
import { LogBook } from '../../support/server-log.ts'
import { TemporaryStore } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'

const deployment = await Deployment.found()
const gone = await deployment.issue('operator', 'gone')
await deployment.ledger.revoke(gone.serial, 'has left')
await deployment.issue('operator', 'bert')
const ANNA = { by: 'anna', from: '10.0.0.1', why: null }
let stored: TemporaryStore
let book: LogBook

beforeEach(async () => {
  stored = await TemporaryStore.make()
  book = new LogBook()
})

afterEach(() => stored[Symbol.asyncDispose]())
afterAll(() => deployment[Symbol.asyncDispose]())

const file = () => join(stored.folder, 'operators.db')

function open(): Promise<Staff> {
  const { log } = book
  const record = stored.store.operatorRecord
  const limits = { idle: 900_000, longest: 43_200_000, wall: 7_776_000_000 }
  const data = stored.folder
  const wish = { limits, secondFactor: 'optional' as const, secrets: stored.store.vaultSecrets }
  return openStaff({ data, office: deployment, record, ...wish, clock: systemClock, log })
}

/** Kinds on record, and whom they are about. */
async function recorded(): Promise<string[]> {
  const acts = await stored.store.audit.search({ kinds: ['operator'], after: 0, limit: 100 })
  return acts.map(({ kind, about }) => `${kind} ${about?.operator}`)
}

describe('a deployment from before there were accounts', () => {
  it('gives one to everybody whose certificate counts, once, and says so', async () => {
    await using staff = await open()
    expect(staff.operators.all().map(({ name, role }) => [name, role])).toEqual([
      ['anna', 'admin'],
      ['bert', 'admin'],
    ])
    expect(book.of('operators.adopted')).toMatchObject([{ operators: ['anna', 'bert'] }])
    expect(await recorded()).toEqual(['operator.adopted anna', 'operator.adopted bert'])
    await deployment.issue('operator', 'late')
    await staff[Symbol.asyncDispose]()
    await using again = await open()
    expect(again.operators.all()).toHaveLength(2)
    expect(await recorded()).toHaveLength(2)
  })
})

describe('a new deployment', () => {
  it('has its first operator for an admin, and nobody else', async () => {
    await foundOperators(stored.folder, 'anna', 1_763_650_000_000)
    await using staff = await open()
    expect(staff.operators.all()).toMatchObject([
      { name: 'anna', role: 'admin', createdBy: 'server' },
    ])
    expect(await recorded()).toEqual(['operator.adopted anna'])
  })
})

describe('accounts', () => {
  it('that were changed are on record once, also where the server died in between', async () => {
    await foundOperators(stored.folder, 'anna', 1_763_650_000_000)
    {
      await using staff = await open()
      const carl = { name: 'carl', fullName: '', password: null, lists: null, cameras: null }
      await staff.operators.add({ ...carl, role: 'viewer' }, ANNA)
    }
    {
      await using store = OperatorStore.open(file())
      const change = { kind: 'operator.role', operator: 'carl', hand: ANNA, at: 1 } as const
      await store.change({ role: 'approver' }, { ...change, details: { to: 'approver' } })
    }
    expect(await recorded()).toEqual(['operator.adopted anna', 'operator.added carl'])
    await using staff = await open()
    expect(staff.operators.get('carl').role).toBe('approver')
    const all = ['operator.adopted anna', 'operator.added carl', 'operator.role carl']
    expect(await recorded()).toEqual(all)
    await staff[Symbol.asyncDispose]()
    await using again = await open()
    expect([again.operators.all().length, await recorded()]).toEqual([2, all])
  })

  it.each([
    ['gone', 'operators.missing', (older: string) => rm(older, { force: true })],
    ['older', 'operators.older', (older: string) => copyFile(older, file())],
  ])('whose file is %s let nobody in, rather than whom they kept out', async (_what, code, put) => {
    await foundOperators(stored.folder, 'anna', 1_763_650_000_000)
    const older = join(stored.folder, 'older')
    {
      await using staff = await open()
      const carl = { name: 'carl', fullName: '', password: null, lists: null, cameras: null }
      await staff.operators.add({ ...carl, role: 'viewer' }, ANNA)
    }
    await copyFile(file(), older)
    {
      await using staff = await open()
      await staff.operators.disable('carl', ANNA)
    }
    for (const end of ['', '-wal', '-shm']) await rm(`${file()}${end}`, { force: true })
    await put(older)
    const fault = await rejectionOf(open(), IntegrityFault)
    expect([fault.code, fault.hint]).toEqual([code, expect.stringContaining('backup')])
  })
})
