import type { RecordRules, RecordStanding } from '@vedette/server/desk/routes/audit'
import type { VerificationLine } from '@vedette/server/desk/verification'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Deployment } from '../../support/server-deployment.ts'
import { type DeskUser, jsonOf, openSight, TestDesk } from '../../support/server-desk.ts'

const deployment = await Deployment.found()
const sight = await openSight()
let desk: TestDesk
let anna: DeskUser

beforeAll(async () => {
  desk = await TestDesk.open(deployment, sight)
  anna = desk.user(deployment.anna)
})

afterAll(async () => {
  await desk[Symbol.asyncDispose]()
  await Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]()))
})

async function verified(): Promise<VerificationLine[]> {
  const { bytes } = await anna.send('/audit/verification', { method: 'POST' })
  return bytes
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

it('tells how far a verification has come, then what it came to, and records it', async () => {
  await desk.audit.sign()
  const lines = await verified()
  expect(lines[0]).toMatchObject({ seq: 0, of: expect.any(Number) })
  expect(lines.at(-1)).toMatchObject({ verdict: { good: true, findings: [] } })
  expect(desk.acts('audit.verified')).toEqual([['audit.verified', 'anna', null]])
})

it('says how the record stands, and is told by it what was found', async () => {
  const before = jsonOf<RecordStanding>(await anna.get('/audit/standing'))
  expect(before).toMatchObject({ verified: { intact: true, at: expect.any(Number) } })
  expect(before.head!.seq).toBeLessThanOrEqual(before.last)
  const db = desk.stored.elsewhere()
  db.exec('DROP TRIGGER bodiesStand')
  db.prepare("UPDATE actBodies SET body = replace(body, 'anna', 'otto') WHERE seq = 1").run()
  expect((await verified()).at(-1)).toMatchObject({
    verdict: { good: false, findings: [{ what: 'edited', seq: 1, part: 'body' }] },
  })
  const after = jsonOf<RecordStanding>(await anna.get('/audit/standing'))
  expect(after.verified.intact).toBe(false)
})

it('says what kinds of acts there are, and how long they are kept', async () => {
  const rules = jsonOf<RecordRules>(await anna.get('/audit/rules'))
  expect(rules.kinds['past.searched']).toEqual({ words: 'past searched', keep: 'audit' })
  expect(rules.periods.audit).toBeGreaterThanOrEqual(180 * 86_400_000)
})
