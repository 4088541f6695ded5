import type { OpenedImport } from '@vedette/server/desk/answered/imports'
import type { Problem } from '@vedette/server/desk/problem'
import type { Import } from '@vedette/server/store/imports'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Deployment } from '../../support/server-deployment.ts'
import {
  type Answer,
  type DeskUser,
  jsonOf,
  openSight,
  TestDesk,
} from '../../support/server-desk.ts'
import { jpegOf, oneFace } from '../../support/server-photos.ts'

const HOUR = 3_600_000
const deployment = await Deployment.found()
const sight = await openSight()
const bertsPapers = (await deployment.issue('operator', 'bert')).credentials
const carlsPapers = (await deployment.issue('operator', 'carl')).credentials
const good = { file: 'front.jpg', bytes: await jpegOf(await oneFace(2)) }
const text = { file: 'x.jpg', bytes: Buffer.from('text') }
const why = { 'x-vedette-reason': 'the%20old%20list' }
let desk: TestDesk
let anna: DeskUser
let bert: DeskUser

beforeEach(async () => {
  desk = await TestDesk.open(deployment, sight)
  anna = desk.user(deployment.anna)
  await desk.account('bert', 'approver')
  bert = desk.user(bertsPapers)
})

afterEach(async () => {
  vi.useRealTimers()
  await desk[Symbol.asyncDispose]()
})

afterAll(() => Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]())))

const codeOf = (answer: Answer) => [answer.status, jsonOf<Problem>(answer).code]

async function opened(photos: number, user = anna): Promise<OpenedImport> {
  return jsonOf(await user.post('/imports', { photos }, why))
}

describe('enrolments', () => {
  it('are five in a minute from ten that ask at once, and the rest are told when to come back', async () => {
    const users = Array.from({ length: 10 }, () => desk.user(deployment.anna))
    const answers = await Promise.all(
      users.flatMap((user) => [1, 2, 3].map(() => user.enrol({ name: 'Erin' }, [text]))),
    )
    const held = answers.filter(({ status }) => status === 429)
    expect([answers.length, held.length]).toEqual([30, 25])
    for (const answer of held) {
      const { code, retryAfter, hint } = jsonOf<Problem>(answer)
      expect([code, hint]).toEqual(['enrolment.throttled', expect.stringMatching(/go on in \d+ s/)])
      expect(retryAfter).toBeGreaterThan(50)
      expect(Number(answer.headers['retry-after'])).toBe(retryAfter)
    }
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(5)
    expect(desk.stored.rows('entries')).toBe(0)
  })
})

describe('an import', () => {
  it('is asked for with a reason, approved by a second operator, and drawn from', async () => {
    const asked = await opened(2)
    expect(asked).toMatchObject({ state: 'pending', photos: 2, used: 0, approvers: ['bert'] })
    const headers = { 'x-vedette-import': asked.id }
    expect(codeOf(await anna.enrol({ name: 'Erin' }, [good], headers))).toEqual([
      409,
      'import.wrong-state',
    ])
    expect(desk.stored.rows('entries')).toBe(0)

    const approved = jsonOf<Import>(await bert.post(`/imports/${asked.id}/approve`, {}))
    expect(approved).toMatchObject({ state: 'open', openedBy: 'anna', approvedBy: 'bert' })
    expect((await anna.enrol({ name: 'Erin' }, [good, good], headers)).status).toBe(201)
    const used = jsonOf<Import>(await anna.get(`/imports/${asked.id}`))
    expect([used.state, used.used]).toEqual(['spent', 2])
    expect(codeOf(await anna.enrol({ name: 'Fay' }, [good], headers))).toEqual([
      409,
      'import.spent',
    ])
    expect(desk.stored.rows('entries')).toBe(1)
    expect(desk.stored.rows('enrolmentTakes')).toBe(0)
  })

  it('is not approved by who asked for it, nor twice, nor by a role that may not', async () => {
    const { id } = await opened(5)
    expect(codeOf(await anna.post(`/imports/${id}/approve`, {}))).toEqual([403, 'import.own'])
    await desk.account('carl', 'enroller')
    const carl = desk.user(carlsPapers)
    expect(codeOf(await carl.post(`/imports/${id}/approve`, {}))).toEqual([
      403,
      'operator.not-allowed',
    ])
    expect(jsonOf<Import>(await anna.get(`/imports/${id}`)).state).toBe('pending')
    expect((await bert.post(`/imports/${id}/approve`, {})).status).toBe(200)
    expect(codeOf(await bert.post(`/imports/${id}/approve`, {}))).toEqual([
      409,
      'import.wrong-state',
    ])
  })

  it('is for who asked for it alone, and ends in time', async () => {
    const { id } = await opened(5)
    await bert.post(`/imports/${id}/approve`, {})
    const headers = { 'x-vedette-import': id }
    expect(codeOf(await bert.enrol({ name: 'Erin' }, [good], headers))).toEqual([403, 'import.own'])
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 8 * HOUR + 1 })
    expect(codeOf(await anna.enrol({ name: 'Erin' }, [good], headers))).toEqual([
      409,
      'import.wrong-state',
    ])
    expect(desk.stored.rows('entries')).toBe(0)
  })

  it('is closed by hand, and then gives nothing', async () => {
    const { id } = await opened(5)
    await bert.post(`/imports/${id}/approve`, {})
    expect(jsonOf(await anna.post(`/imports/${id}/close`, {}))).toMatchObject({ state: 'closed' })
    const headers = { 'x-vedette-import': id }
    expect(codeOf(await anna.enrol({ name: 'Erin' }, [good], headers))).toEqual([
      409,
      'import.wrong-state',
    ])
    expect(desk.acts('import.opened', 'import.approved', 'import.closed')).toEqual([
      ['import.opened', 'anna', 'the old list'],
      ['import.approved', 'bert', null],
      ['import.closed', 'anna', null],
    ])
  })

  it('needs a reason', async () => {
    expect(codeOf(await anna.post('/imports', { photos: 5 }))).toEqual([400, 'request.invalid'])
    expect(desk.stored.rows('imports')).toBe(0)
  })

  it('waits with ninety-nine others, and not with more', async () => {
    const asked = await Promise.all(
      Array.from({ length: 105 }, () => anna.post('/imports', { photos: 1 }, why)),
    )
    expect(asked.filter(({ status }) => status === 201)).toHaveLength(100)
    const refused = asked.filter(({ status }) => status !== 201)
    expect(refused.map(codeOf)).toEqual(Array(5).fill([409, 'import.too-many']))
    expect(desk.stored.rows('imports')).toBe(100)
  })
})
