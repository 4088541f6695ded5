import { join } from 'node:path'
import { AuditLog } from '@vedette/server/audit/audit-log'
import { exportLines } from '@vedette/server/audit/export-file'
import { isGood } from '@vedette/server/verify/verification'
import { verify } from '@vedette/server/verify/verify'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { seeded } from '../../support/agent-random.ts'
import { newAct } from '../../support/server-audit.ts'
import { LogBook } from '../../support/server-log.ts'
import { TemporaryStore } from '../../support/server-store.ts'

let stored: TemporaryStore
let audit: AuditLog
let file: Buffer

beforeEach(async () => {
  stored = await TemporaryStore.make()
  const { audit: store } = stored.store
  audit = await AuditLog.open({
    ...{ store, home: join(stored.folder, '..'), data: stored.folder },
    heads: { every: 3_600_000, acts: 1000 },
    ...{ clock: new ManualClock(), log: new LogBook().log },
  })
  for (let n = 0; n < 20; n++) await store.note(newAct(n))
  await audit.sign()
  const source = { slices: store.recorded(), heads: await store.heads(), signer: audit.signer }
  const lines: string[] = []
  for await (const line of exportLines(source, 1)) lines.push(line)
  file = Buffer.from(lines.join(''))
})
afterEach(async () => {
  await audit[Symbol.asyncDispose]()
  await stored[Symbol.asyncDispose]()
})

const judge = (bytes: Buffer, keys: ReadonlyMap<string, string> | undefined = audit.signer.known) =>
  verify(bytes, { keys, models: undefined })

it('an exported record is verified by the command that verifies whatever is signed', async () => {
  const verified = await judge(file)
  expect([verified.kind, isGood(verified), verified.signer]).toEqual([
    'record',
    true,
    { id: audit.signer.id, vouched: true },
  ])
  expect(verified.findings[0]!.words).toMatch(/^20 acts, 1 to 20, 1 heads; signed up to act 20$/)
  expect((await verify(file, { keys: undefined, models: undefined })).signer?.vouched).toBe(false)
  expect(isGood(await judge(file, new Map()))).toBe(false)
})

it('a byte of it that was changed is told', async () => {
  const random = seeded(7)
  for (let i = 0; i < 200; i++) {
    const touched = Buffer.from(file)
    touched[Math.floor(random() * file.length)]! ^= 1 + Math.floor(random() * 127)
    expect(isGood(await judge(touched))).toBe(false)
  }
})
