import type { Report } from '@vedette/server/thresholds/report'
import type { Change } from '@vedette/server/thresholds/thresholds'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/server-deployment.ts'
import { type DeskUser, jsonOf, openSight, TestDesk } from '../../support/server-desk.ts'

const deployment = await Deployment.found()
const sight = await openSight()
const CAMERA = { scope: 'camera', target: 'gate-7/north' }
let desk: TestDesk
let anna: DeskUser

beforeEach(async () => {
  desk = await TestDesk.open(deployment, sight)
  anna = desk.user(deployment.anna)
  const agent = { name: 'gate-7', serial: '1', software: 'test', cameras: ['north', 'back/yard'] }
  await desk.stored.store.agents.welcomed(agent, 1)
})

afterEach(() => desk[Symbol.asyncDispose]())

afterAll(() => Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]())))

const thresholds = async () => jsonOf<Report[]>(await anna.get('/thresholds'))
const budgets = async () =>
  (await thresholds()).map(({ camera, budget }) => [camera, budget.budget])

describe('thresholds at the desk', () => {
  it('are shown for every camera', async () => {
    expect(await thresholds()).toMatchObject([
      { agent: 'gate-7', camera: 'north', origin: 'floor', budget: { budget: 1, scope: 'file' } },
      { agent: 'gate-7', camera: 'back/yard', threshold: 0.95, forecast: { low: null } },
    ])
  })

  it('are explained for one, whatever its name', async () => {
    const [report, ...others] = jsonOf<Report[]>(await anna.get('/thresholds/gate-7/back%2Fyard'))
    expect(others).toEqual([])
    expect(report).toMatchObject({ camera: 'back/yard', curves: { histogram: [] } })
    expect(report!.why.length).toBeGreaterThan(4)
  })

  it('are forecast without a change, set, and unset', async () => {
    const before = await budgets()
    const asked = await anna.post('/thresholds/forecast', { ...CAMERA, budget: 0.5 })
    expect([asked.status, await budgets()]).toEqual([200, before])
    const put = await anna.put('/thresholds', { ...CAMERA, budget: 0.5 })
    expect(jsonOf<Change[]>(put)).toEqual(jsonOf<Change[]>(asked))
    expect(await budgets()).toEqual([
      ['north', 0.5],
      ['back/yard', 1],
    ])
    expect(await desk.stored.store.thresholds.budgets()).toMatchObject([{ setBy: 'anna' }])
    const gone = await anna.post('/thresholds/forecast', { ...CAMERA, budget: null })
    const removed = await anna.delete('/thresholds?scope=camera&target=gate-7%2Fnorth')
    expect(jsonOf<Change[]>(removed)).toEqual(jsonOf<Change[]>(gone))
    expect(await budgets()).toEqual(before)
  })

  it('of the server are for every camera', async () => {
    expect(
      jsonOf<Change[]>(await anna.put('/thresholds', { scope: 'server', budget: 7 })),
    ).toHaveLength(2)
    expect((await budgets()).map(([, budget]) => budget)).toEqual([7, 7])
  })

  it('are forgotten for one camera', async () => {
    desk.thresholds.walk({ agent: 'gate-7', camera: 'back/yard' }, 0.5, 3)
    const seen = async () => (await thresholds()).map(({ seen: { walks } }) => walks)
    expect(await seen()).toEqual([0, 1])
    expect((await anna.delete('/thresholds/gate-7/back%2Fyard')).status).toBe(204)
    expect(await seen()).toEqual([0, 0])
  })

  it('are refused to an agent', async () => {
    const agent = desk.user(await deployment.agent('gate-7'))
    const answers = await Promise.all([
      agent.get('/thresholds'),
      agent.put('/thresholds', { scope: 'server', budget: 9 }),
      agent.delete('/thresholds?scope=server'),
    ])
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403])
  })

  it.each([
    ['no number', { ...CAMERA, budget: 'many' }, 400, 'threshold.invalid'],
    ['no budget', CAMERA, 400, 'threshold.invalid'],
    ['a budget of nothing', { ...CAMERA, budget: 0 }, 400, 'threshold.invalid'],
    ['a scope that is none', { scope: 'planet', budget: 1 }, 400, 'threshold.invalid'],
    ['a server with a name', { scope: 'server', target: 'x', budget: 1 }, 400, 'threshold.invalid'],
    ['a camera without one', { scope: 'camera', budget: 1 }, 400, 'threshold.invalid'],
    ['an unknown camera', { scope: 'camera', target: 'a/b', budget: 1 }, 404, 'camera.not-found'],
    ['an unknown list', { scope: 'list', target: 'lost', budget: 1 }, 404, 'list.not-found'],
  ])('are not set with %s', async (_what, body, status, code) => {
    const answer = await anna.put('/thresholds', body)
    expect([answer.status, jsonOf<{ code: string }>(answer).code]).toEqual([status, code])
    expect(desk.stored.rows('budgets')).toBe(0)
  })

  it.each([
    ['GET', '/thresholds/gate-7/roof', 404, 'camera.not-found'],
    ['DELETE', '/thresholds/gate-7/roof', 404, 'camera.not-found'],
    ['DELETE', '/thresholds?scope=server', 404, 'threshold.not-found'],
    ['DELETE', '/thresholds?scope=camera', 400, 'threshold.invalid'],
  ] as const)('answer %s %s with %d', async (method, path, status, code) => {
    const answer = await anna.send(path, { method })
    expect([answer.status, jsonOf<{ code: string }>(answer).code]).toEqual([status, code])
  })
})
