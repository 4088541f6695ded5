import { appendFile, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ledger } from '@vedette/certs/ledger'
import { ConfigFault, Refusal } from '@vedette/shared/errors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../support/certs-deployment.ts'
import { rejectionOf } from '../support/thrown.ts'

const now = Date.parse('2026-03-01T12:00:00Z')
const clock = { now: () => now }

const certificate = (serial: string) => ({
  serial,
  role: 'agent' as const,
  name: 'gate-7',
  notBefore: now,
  notAfter: now + 60_000,
  authority: 'a0a0a0a0',
  fingerprint256: Array(32).fill('AB').join(':'),
})

let folder: TemporaryFolder
let file: string
let ledger: Ledger

beforeEach(async () => {
  folder = await TemporaryFolder.make()
  file = join(folder.path, 'ledger.jsonl')
  await writeFile(file, '')
  ledger = await Ledger.open(file, clock)
})

afterEach(() => folder[Symbol.asyncDispose]())

const serials = async (of: Ledger) => (await of.all()).map(({ serial }) => serial)

describe('the ledger', () => {
  it('finds what was recorded, and nothing else', async () => {
    await ledger.record(certificate('aa01'))
    expect(await ledger.find('aa01')).toEqual({
      ...certificate('aa01'),
      at: now,
      revocation: undefined,
    })
    expect(await ledger.find('aa02')).toBeUndefined()
    expect(await ledger.find('toString')).toBeUndefined()
  })

  it('is one line of JSON a fact, with instants for people to read', async () => {
    await ledger.record(certificate('aa01'))
    await ledger.revoke('aa01', 'stolen\nat night')
    const [issue, revocation, end] = (await readFile(file, 'utf8')).split('\n')
    expect(JSON.parse(issue!)).toEqual({
      ...certificate('aa01'),
      notBefore: '2026-03-01T12:00:00.000Z',
      notAfter: '2026-03-01T12:01:00.000Z',
      at: '2026-03-01T12:00:00.000Z',
    })
    expect(JSON.parse(revocation!)).toEqual({
      revoked: 'aa01',
      at: '2026-03-01T12:00:00.000Z',
      reason: 'stolen\nat night',
    })
    expect(end).toBe('')
  })

  it('is the same when it is opened again', async () => {
    for (const serial of ['aa03', 'aa01', 'aa02']) await ledger.record(certificate(serial))
    await ledger.revoke('aa01', 'stolen')
    const again = await Ledger.open(file)
    expect(await again.all()).toEqual(await ledger.all())
    expect(await serials(again)).toEqual(['aa03', 'aa01', 'aa02'])
  })

  it('keeps the first of several revocations', async () => {
    await ledger.record(certificate('aa01'))
    await ledger.revoke('aa01', 'stolen')
    await ledger.revoke('aa01', 'found again')
    expect(await ledger.find('aa01')).toMatchObject({ revocation: { reason: 'stolen' } })
  })

  it('revokes nothing that was never issued, and nothing without a reason', async () => {
    const unknown = await rejectionOf(ledger.revoke('aa01', 'stolen'), Refusal)
    expect(unknown.code).toBe('request.invalid')
    await ledger.record(certificate('aa01'))
    for (const reason of ['', 'x'.repeat(201)]) {
      expect((await rejectionOf(ledger.revoke('aa01', reason), Refusal)).code).toBe(
        'request.invalid',
      )
    }
  })

  it('keeps every line when two processes and many callers append at once', async () => {
    const other = await Ledger.open(file, clock)
    const wanted = Array.from({ length: 60 }, (_, i) => (0xaa00 + i).toString(16))
    await Promise.all(
      wanted.map((serial, i) => (i % 2 ? ledger : other).record(certificate(serial))),
    )
    expect((await serials(ledger)).toSorted()).toEqual(wanted)
    expect((await serials(other)).toSorted()).toEqual(wanted)
  })
})

describe('a ledger that another process appends to', () => {
  it('knows a foreign certificate and a foreign revocation at the next question', async () => {
    const other = await Ledger.open(file, clock)
    expect(await ledger.find('aa01')).toBeUndefined()
    await other.record(certificate('aa01'))
    expect(await ledger.find('aa01')).toMatchObject({ revocation: undefined })
    await other.revoke('aa01', 'stolen')
    expect(await ledger.find('aa01')).toMatchObject({ revocation: { reason: 'stolen' } })
  })

  it('says whether there was anything new', async () => {
    const other = await Ledger.open(file, clock)
    expect(await ledger.refresh()).toBe(false)
    await other.record(certificate('aa01'))
    expect(await ledger.refresh()).toBe(true)
    expect(await ledger.refresh()).toBe(false)
  })

  it('starts over when the file was put back from a backup', async () => {
    await ledger.record(certificate('aa01'))
    const backup = await readFile(file, 'utf8')
    await ledger.record(certificate('aa02'))
    await writeFile(`${file}.restored`, backup)
    await rename(`${file}.restored`, file)
    expect(await serials(ledger)).toEqual(['aa01'])
    await truncate(file)
    expect(await serials(ledger)).toEqual([])
  })
})

describe('a ledger whose last append was cut short', () => {
  it('reads as if the line were not there, wherever it was cut, and goes on after it', async () => {
    await ledger.record(certificate('aa01'))
    const whole = await readFile(file)
    await ledger.record(certificate('aa02'))
    const both = await readFile(file)
    for (let cut = whole.length; cut < both.length; cut++) {
      await writeFile(file, both.subarray(0, cut))
      const reopened = await Ledger.open(file, clock)
      expect(await serials(reopened)).toEqual(['aa01'])
      await reopened.record(certificate('aa03'))
      expect(await serials(reopened)).toEqual(['aa01', 'aa03'])
      expect(await serials(await Ledger.open(file, clock))).toEqual(['aa01', 'aa03'])
    }
  })

  it('takes the line after all when another process was only slow to write it', async () => {
    const other = await Ledger.open(file, clock)
    await other.record(certificate('aa01'))
    const line = await readFile(file, 'utf8')
    await writeFile(file, line.slice(0, 40))
    expect(await serials(ledger)).toEqual([])
    await appendFile(file, line.slice(40))
    expect(await serials(ledger)).toEqual(['aa01'])
  })
})

describe('a ledger that cannot be trusted', () => {
  it.each([
    ['not JSON', 'garbage'],
    ['an empty line', ''],
    [
      'a field too many',
      JSON.stringify({ revoked: 'aa01', at: '2026-03-01T12:00:00Z', reason: 'x', by: 'y' }),
    ],
    [
      'an upper-case serial',
      JSON.stringify({ revoked: 'AA01', at: '2026-03-01T12:00:00Z', reason: 'x' }),
    ],
    ['an instant that is none', JSON.stringify({ revoked: 'aa01', at: 'yesterday', reason: 'x' })],
  ])('names the line with %s and answers nothing until it is mended', async (_what, line) => {
    await ledger.record(certificate('aa01'))
    const good = await readFile(file, 'utf8')
    await appendFile(file, `${line}\n`)
    for (const ask of [() => ledger.find('aa01'), () => ledger.all(), () => Ledger.open(file)]) {
      const error = await rejectionOf<ConfigFault>(ask(), ConfigFault)
      expect(error.code).toBe('config.invalid')
      expect(error.message).toContain(`${file}:2:`)
    }
    await writeFile(file, good)
    expect(await serials(ledger)).toEqual(['aa01'])
  })

  it('is not started anew when the file is gone', async () => {
    await ledger.record(certificate('aa01'))
    await rm(file)
    for (const ask of [() => ledger.find('aa01'), () => ledger.record(certificate('aa02'))]) {
      expect((await rejectionOf<ConfigFault>(ask(), ConfigFault)).code).toBe('config.missing')
    }
    expect((await rejectionOf(Ledger.open(file), ConfigFault)).code).toBe('config.missing')
  })
})
