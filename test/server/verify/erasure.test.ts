import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Signer } from '@vedette/server/audit/signer'
import { certify } from '@vedette/server/erasure/certificate'
import { isGood } from '@vedette/server/verify/verification'
import { verify } from '@vedette/server/verify/verify'
import { expect, it } from 'vitest'
import { HAND } from '../../support/server-store.ts'

const signerAt = async () => Signer.open(await mkdtemp(join(tmpdir(), 'vedette-signer-')))
const signer = await signerAt()
const statement = {
  ...{ entry: 'e1', at: 1_763_650_000_000, erasedAt: 1_763_650_000_900, rows: {} },
  record: { seq: 7, hash: 'ab'.repeat(32) },
  hand: HAND,
}
const file = Buffer.from(JSON.stringify(certify(signer, statement as never), undefined, 2))
const judge = (bytes: Buffer, keys: ReadonlyMap<string, string> | undefined = signer.known) =>
  verify(bytes, { keys, models: undefined })

it('a certificate of erasure is verified by the command that verifies whatever is signed', async () => {
  const verified = await judge(file)
  expect([verified.kind, isGood(verified), verified.signer?.vouched]).toEqual([
    'erasure',
    true,
    true,
  ])
  expect(verified.findings[0]!.words).toMatch(/^entry e1 was erased by anna, asked at 2025-11-20T/)
  const unvouched = await verify(file, { keys: undefined, models: undefined })
  expect([isGood(unvouched), unvouched.signer?.vouched]).toEqual([true, false])
})

it('another entry in its place is told, and another key', async () => {
  expect(isGood(await judge(Buffer.from(file.toString().replace('"e1"', '"e2"'))))).toBe(false)
  expect(isGood(await judge(file, (await signerAt()).known))).toBe(false)
  const forger = await signerAt()
  const forged = { ...certify(forger, statement as never), signer: signer.id }
  expect(isGood(await judge(Buffer.from(JSON.stringify(forged))))).toBe(false)
  expect(isGood(await judge(Buffer.from(JSON.stringify(forged)), undefined))).toBe(false)
})

it('any word of it that is touched is told', async () => {
  const text = file.toString()
  for (const [at] of [...text].entries()) {
    // Space between the words says nothing.
    if (/\s/.test(text[at]!)) continue
    const touched = Buffer.from(file)
    touched[at]! ^= 1
    expect([at, isGood(await judge(touched))]).toEqual([at, false])
  }
})
