import type { Problem } from '@vedette/server/desk/problem'
import type { Account } from '@vedette/server/report/account'
import { UsageLog } from '@vedette/server/report/usage-log'
import { systemClock } from '@vedette/shared/clock'
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import { Deployment } from '../../support/server-deployment.ts'
import { type DeskUser, jsonOf, openSight, TestDesk } from '../../support/server-desk.ts'

const DAY = 86_400_000
const deployment = await Deployment.found()
const sight = await openSight()
let desk: TestDesk
let anna: DeskUser

beforeEach(async () => {
  desk = await TestDesk.open(deployment, sight)
  anna = desk.user(deployment.anna)
})

afterEach(() => desk[Symbol.asyncDispose]())
afterAll(() => Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]())))

const reported = async (from: number, to: number, zone = 'UTC') =>
  anna.get(`/report?from=${from}&to=${to}&timeZone=${encodeURIComponent(zone)}`)

it('tells what was done, what came of it and who asked, and names nobody', async () => {
  const usage = new UsageLog(desk.stored.store.usage, systemClock, desk.book.log)
  for (let i = 0; i < 40; i++) usage.walked({ agent: 'gate-7', camera: 'north' })
  await usage.flush()
  const id = await desk.entry('Zebulon Quatermass')
  await desk.alert(id)
  const answer = await reported(Date.now() - DAY, Date.now() + 1000)
  expect(answer.status).toBe(200)
  expect(jsonOf<Account>(answer)).toMatchObject({
    by: 'anna',
    total: { walks: 40, alerts: 1, unjudged: 1, precision: null, worstPrecision: 0 },
    lists: [{ list: 'wanted', now: 1, alerts: 1 }],
  })
  expect(answer.bytes.toString()).not.toContain('Zebulon')
  expect(jsonOf<Account>(await reported(1000, 2000)).total).toMatchObject({ walks: 0, alerts: 0 })
})

it('tells nothing of lists and cameras that are not for whoever asks', async () => {
  const usage = new UsageLog(desk.stored.store.usage, systemClock, desk.book.log)
  usage.walked({ agent: 'gate-7', camera: 'north' })
  usage.walked({ agent: 'hall', camera: 'door' })
  await usage.flush()
  await desk.alert(await desk.entry())
  await desk.account('otto', 'auditor', { lists: ['missing'], cameras: ['hall/*'] })
  const otto = desk.user((await deployment.issue('operator', 'otto')).credentials)
  const answer = await otto.get(`/report?from=${Date.now() - DAY}&to=${Date.now() + 1000}`)
  expect(jsonOf<Account>(answer)).toMatchObject({
    total: { walks: 1, alerts: 0 },
    cameras: [{ agent: 'hall', camera: 'door' }],
    lists: [],
  })
})

it.each([
  ['that ends before it begins', 2000, 1000, 'UTC'],
  ['of more than 400 days', 0, 401 * DAY, 'UTC'],
  ['in a zone that is none', 0, 1000, 'Nowhere/Land'],
])('refuses a period %s', async (_what, from, to, zone) => {
  const answer = await reported(from, to, zone)
  expect([answer.status, jsonOf<Problem>(answer).code]).toEqual([400, 'request.invalid'])
})
