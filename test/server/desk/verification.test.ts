import type { Verdict } from '@vedette/server/audit/verify'
import type { RecordRules, RecordStanding } from '@vedette/server/desk/answered/audit'
import { type VerificationLine, verifyStepByStep } from '@vedette/server/desk/verification'
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

const GOOD = { good: true, acts: 3, findings: [] } as unknown as Verdict

it('tells of a long one as it goes on, and of a short one only what it came to', async () => {
  let now = 0
  const done: Verdict[] = []
  const work = async (onProgress: (seq: number) => void) => {
    for (let seq = 1; seq <= 3; seq++) {
      now += 250
      onProgress(seq)
      // So late that whoever listens has had a turn.
      await new Promise(setImmediate)
    }
    return GOOD
  }
  const told: unknown[] = []
  const clock = { now: () => now }
  for await (const line of verifyStepByStep(work, { of: 3, every: 200, clock }, async (verdict) => {
    done.push(verdict)
  })) {
    told.push(JSON.parse(line))
  }
  expect(told.slice(0, -1).map((line) => (line as { seq: number }).seq)).toEqual([1, 1, 2, 3])
  expect(told.at(-1)).toEqual({ verdict: GOOD })
  expect(done).toEqual([GOOD])
})

it('goes on and is recorded where whoever asked has left', async () => {
  let finish = (_verdict: Verdict) => {}
  const done: Verdict[] = []
  const lines = verifyStepByStep(
    () => new Promise((resolve) => (finish = resolve)),
    { of: 3, every: 0, clock: { now: () => 0 } },
    async (verdict) => void done.push(verdict),
  )
  await lines.next()
  await lines.return(undefined)
  finish(GOOD)
  await new Promise(setImmediate)
  expect(done).toEqual([GOOD])
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
