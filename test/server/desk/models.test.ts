import { join } from 'node:path'
import type { ModelsStatus } from '@vedette/server/desk/answered/models'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { install, permuted } from '../../support/models-installed.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { type DeskUser, jsonOf, openSight, TestDesk } from '../../support/server-desk.ts'
import { until } from '../../support/until.ts'

const OLD = 'dlib-resnet29-1'
const sight = await openSight()
let deployment: Deployment
let desk: TestDesk
let anna: DeskUser

beforeAll(async () => {
  deployment = await Deployment.found()
  await install(join(deployment.home, 'models'), await permuted('unmeasured', {}))
})

beforeEach(async () => {
  desk = await TestDesk.open(deployment, sight)
  anna = desk.user(deployment.anna)
  return () => desk[Symbol.asyncDispose]()
})

afterAll(() => Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]())))

const status = async () => jsonOf<ModelsStatus>(await anna.get('/models'))

describe('models, at the desk', () => {
  it('are told with how far they are, and who speaks them', async () => {
    desk.connected.push('north', 'south')
    expect(await status()).toMatchObject({
      active: OLD,
      agents: { [OLD]: ['north', 'south'] },
      advice: null,
    })
    await until(async () => (await status()).spaces[0]?.done === 0)
    expect((await status()).spaces).toMatchObject([
      { id: OLD, role: 'active', photos: 0, fault: null },
    ])
  })

  it.each([
    ['a model that is not there', 'nothing', {}, 404, 'model.not-found'],
    ['one that is not calibrated', 'unmeasured', {}, 422, 'model.uncalibrated'],
    ['a switch to what was not begun', 'unmeasured', { now: true }, 409, 'model.incomplete'],
    ['what it does not know', OLD, { when: 'now' }, 400, 'request.invalid'],
  ])('are not changed to %s', async (_what, id, body, code, problem) => {
    const answer = await anna.post(`/models/${id}/use`, body)
    expect([answer.status, jsonOf<{ code: string }>(answer).code]).toEqual([code, problem])
    expect(jsonOf<{ hint?: string }>(answer).hint ?? 'request').toMatch(/--help|models|request/)
    expect((await status()).active).toBe(OLD)
  })

  it('that are active already stay so', async () => {
    for (const body of [{}, { now: true }]) {
      const answer = await anna.post(`/models/${OLD}/use`, body)
      expect([answer.status, jsonOf<ModelsStatus>(answer).active]).toEqual([200, OLD])
    }
  })
})
