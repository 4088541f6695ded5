import type { NewAccount } from '@vedette/server/desk/answered/operators'
import type { Problem } from '@vedette/server/desk/problem'
import type { Operator } from '@vedette/server/store/operators/operators'
import { newRequest } from '@vedette/shared/certificate-request'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/server-deployment.ts'
import {
  type Answer,
  type DeskUser,
  jsonOf,
  openSight,
  TestDesk,
} from '../../support/server-desk.ts'

const deployment = await Deployment.found()
const sight = await openSight()
const bertsPapers = (await deployment.issue('operator', 'bert')).credentials
const bertsOthers = (await deployment.another('operator', 'bert')).credentials
const PASSWORD = 'correct horse – battery'
let desk: TestDesk
let anna: DeskUser

beforeEach(async () => {
  desk = await TestDesk.open(deployment, sight)
  anna = desk.user(deployment.anna)
  return () => desk[Symbol.asyncDispose]()
})

afterAll(() => Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]())))

const codeOf = (answer: Answer) => [answer.status, jsonOf<Problem>(answer).code]
const saying = (password: string) => ({ 'x-vedette-password': encodeURIComponent(password) })
const hashed = () => desk.staff.stepUp.passwords.encode(PASSWORD)

describe('accounts', () => {
  it('are made with a certificate to call with, changed, and each time recorded', async () => {
    const { request, key } = await newRequest()
    const wish = { name: 'carl', role: 'viewer', fullName: 'Carl Café', request }
    const why = { 'x-vedette-reason': 'new%20here' }
    const { operator, certificate } = jsonOf<NewAccount>(await anna.post('/operators', wish, why))
    expect(operator).toMatchObject({ name: 'carl', role: 'viewer', createdBy: 'anna', lists: null })
    const { chain, trust } = certificate!
    const carl = desk.user({ chain, key, trust })
    expect(jsonOf(await carl.get('/me'))).toMatchObject({ name: 'carl', hasPassword: false })
    expect((await anna.put('/operators/carl/role', { role: 'operator' })).status).toBe(200)
    expect((await anna.put('/operators/carl/scope', { lists: ['wanted'] })).status).toBe(200)
    const again = desk.user({ chain, key, trust })
    expect(jsonOf(await again.get('/me'))).toMatchObject({ role: 'operator', lists: ['wanted'] })
    expect(jsonOf<Operator[]>(await anna.get('/operators')).map(({ name }) => name)).toEqual([
      'anna',
      'carl',
    ])
    const kinds = ['operator.adopted', 'operator.added', 'operator.role', 'operator.scope'] as const
    expect(desk.acts(...kinds)).toEqual([
      ['operator.adopted', 'server', 'first account'],
      ['operator.added', 'anna', 'new here'],
      ['operator.role', 'anna', null],
      ['operator.scope', 'anna', null],
    ])
  })

  it('are asked for by whoever has a certificate and none', async () => {
    const bert = desk.user(bertsPapers)
    const answer = await bert.get('/me')
    expect(codeOf(answer)).toEqual([403, 'operator.unknown'])
    expect(jsonOf<Problem>(answer).hint).toContain('vedette users add bert')
  })

  it('that are disabled end what is watched, at once, and open nothing until they are enabled', async () => {
    await desk.account('bert', 'operator')
    const bert = desk.user(bertsPapers)
    const events = await bert.open('/alerts/events?since=0')
    const next = events.next()
    expect((await anna.post('/operators/bert/disable', {})).status).toBe(200)
    expect(await next).toMatchObject({ done: true })
    expect(codeOf(await bert.get('/me'))).toEqual([403, 'operator.disabled'])
    expect((await anna.post('/operators/bert/enable', {})).status).toBe(200)
    expect((await bert.get('/me')).status).toBe(200)
  })

  it('that are given another role end what was opened under the former one', async () => {
    await desk.account('bert', 'operator')
    const bert = desk.user(bertsPapers)
    const next = (await bert.open('/alerts/events?since=0')).next()
    await anna.put('/operators/bert/role', { role: 'auditor' })
    expect(await next).toMatchObject({ done: true })
  })

  it('are not changed by their holder, and the last admin stays', async () => {
    await desk.account('bert', 'admin')
    const bert = desk.user(bertsPapers)
    expect(codeOf(await bert.put('/operators/bert/role', { role: 'viewer' }))).toEqual([
      403,
      'operator.own',
    ])
    expect(codeOf(await bert.put('/operators/bert/scope', { lists: null }))).toEqual([
      403,
      'operator.own',
    ])
    expect(codeOf(await bert.post('/operators/bert/disable', {}))).toEqual([403, 'operator.own'])
    const both = await Promise.all([
      anna.put('/operators/bert/role', { role: 'viewer' }),
      bert.put('/operators/anna/role', { role: 'viewer' }),
    ]).catch(() => [])
    const admins = desk.staff.operators.all().filter(({ role }) => role === 'admin')
    expect([both.length, admins.length]).toEqual([expect.any(Number), 1])
  })

  it('are kept to one admin at least, whoever asks', async () => {
    const hand = { by: 'bert', from: '127.0.0.1', why: null }
    const { operators } = desk.staff
    for (const last of [
      operators.disable('anna', hand),
      operators.setRole('anna', 'viewer', hand),
    ]) {
      await expect(last).rejects.toMatchObject({ code: 'operator.last-admin' })
    }
    expect(operators.get('anna')).toMatchObject({ role: 'admin', disabledAt: null })
  })

  it('are made five in an hour, and the next one is told when', async () => {
    const made = []
    for (let n = 0; n < 6; n++) {
      made.push(await anna.post('/operators', { name: `new-${n}`, role: 'viewer' }))
    }
    expect(made.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 429])
    const { code, retryAfter } = jsonOf<Problem>(made.at(-1)!)
    expect([code, retryAfter! > 3500]).toEqual(['operator.throttled', true])
    expect(desk.staff.operators.all()).toHaveLength(6)
  })

  it.each([
    ['a name that is none', { name: 'Bert!', role: 'viewer' }, 400, 'request.invalid'],
    ['a role that is none', { name: 'bert', role: 'god' }, 400, 'request.invalid'],
    [
      'a camera that is none',
      { name: 'bert', role: 'viewer', cameras: ['x'] },
      400,
      'operator.invalid',
    ],
    ['a list that is none', { name: 'bert', role: 'viewer', lists: ['x'] }, 404, 'list.not-found'],
    ['a weak password', { name: 'bert', role: 'viewer', password: 'short' }, 400, 'password.weak'],
    ['a name that is taken', { name: 'anna', role: 'viewer' }, 409, 'operator.exists'],
  ])('are not made with %s', async (_what, wish, status, code) => {
    expect(codeOf(await anna.post('/operators', wish))).toEqual([status, code])
    expect(desk.staff.operators.all()).toHaveLength(1)
  })
})

describe('a grave act', () => {
  it('is done with the right password alone, and a wrong one is recorded', async () => {
    await desk.account('bert', 'admin', { password: await hashed() })
    const bert = desk.user(bertsPapers)
    await desk.account('carl', 'viewer')
    const give = (headers: Record<string, string>) =>
      bert.put('/operators/carl/role', { role: 'admin' }, headers)
    expect(codeOf(await give({}))).toEqual([401, 'password.missing'])
    expect(codeOf(await give(saying('correct horse')))).toEqual([401, 'password.wrong'])
    expect(codeOf(await give({ 'x-vedette-password': '%zz' }))).toEqual([401, 'password.wrong'])
    expect(desk.staff.operators.get('carl').role).toBe('viewer')
    expect(desk.acts('operator.refused')).toHaveLength(2)
    expect((await give(saying(PASSWORD))).status).toBe(200)
    expect(desk.staff.operators.get('carl').role).toBe('admin')
  })

  it('makes who guesses wait longer and longer, and keeps nobody else waiting', async () => {
    await desk.account('bert', 'admin', { password: await hashed() })
    const thief = desk.user(bertsPapers)
    const bert = desk.user(bertsOthers)
    const erase = (user: DeskUser, password: string) =>
      user.send('/entries/none', { method: 'DELETE', headers: saying(password) })
    const guesses = []
    for (let n = 0; n < 6; n++) guesses.push(codeOf(await erase(thief, `guess number ${n}`)))
    expect(guesses.map(([, code]) => code)).toEqual([
      ...Array(3).fill('password.wrong'),
      ...Array(3).fill('password.wait'),
    ])
    const right = await erase(thief, PASSWORD)
    expect([right.status, Number(right.headers['retry-after'])]).toEqual([429, 1])
    expect(codeOf(await erase(bert, PASSWORD))).toEqual([404, 'entry.not-found'])
  })

  it('is not done sooner by renewing the certificate in between', async () => {
    await desk.account('bert', 'admin', { password: await hashed() })
    const thief = desk.user(bertsPapers)
    const erase = (user: DeskUser) =>
      user.send('/entries/none', { method: 'DELETE', headers: saying('a wrong password') })
    for (let n = 0; n < 3; n++) await erase(thief)
    const { request, key } = await newRequest()
    const { chain, trust } = jsonOf<{ chain: string; trust: string }>(
      await thief.post('/renewals', { request }),
    )
    expect(codeOf(await erase(desk.user({ chain, key, trust })))).toEqual([429, 'password.wait'])
  })

  it('asks no password of an account that has none, until it sets one', async () => {
    const erase = () => anna.delete('/entries/none')
    expect(codeOf(await erase())).toEqual([404, 'entry.not-found'])
    expect((await anna.put('/me/password', { password: PASSWORD })).status).toBe(200)
    expect(codeOf(await erase())).toEqual([401, 'password.missing'])
    const next = { password: 'another horse altogether' }
    expect(codeOf(await anna.put('/me/password', next))).toEqual([401, 'password.missing'])
    expect((await anna.put('/me/password', next, saying(PASSWORD))).status).toBe(200)
    const headers = saying(next.password)
    expect(codeOf(await anna.send('/entries/none', { method: 'DELETE', headers }))).toEqual([
      404,
      'entry.not-found',
    ])
  })

  it('is put off while too many passwords are being checked', async () => {
    await desk.account('bert', 'admin', { password: await hashed() })
    const { passwords } = desk.staff.stepUp
    const hash = await hashed()
    const all = Array.from({ length: 17 }, () => passwords.verify(hash, 'nothing like it'))
    const bert = desk.user(bertsPapers)
    const headers = saying(PASSWORD)
    const answer = await bert.send('/entries/none', { method: 'DELETE', headers })
    expect(codeOf(answer)).toEqual([503, 'password.busy'])
    expect(answer.headers['retry-after']).toBe('1')
    await Promise.all(all)
    expect(codeOf(await bert.send('/entries/none', { method: 'DELETE', headers }))).toEqual([
      404,
      'entry.not-found',
    ])
  })
})
