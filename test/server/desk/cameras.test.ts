import type { Watch } from '@vedette/server/desk/answered/cameras'
import type { Problem } from '@vedette/server/desk/problem'
import type { TroubleRecord } from '@vedette/server/store/troubles'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NORTH, troubleOf } from '../../support/server-cameras.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { type DeskUser, jsonOf, openSight, TestDesk } from '../../support/server-desk.ts'

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

async function north(): Promise<void> {
  desk.here.connected.push(NORTH.agent)
  desk.here.cameras.push(NORTH)
  desk.here.checkable.push(NORTH)
  await desk.cameras.announced(NORTH.agent, [NORTH.camera])
}

const watch = async () => jsonOf<Watch>(await anna.get('/cameras'))

describe('cameras at the desk', () => {
  it('are not called well where there are none', async () => {
    expect(await watch()).toEqual({
      state: 'amber',
      canary: { every: 30_000, limit: 90_000 },
      cameras: [],
      store: [],
    })
  })

  it('are not enough to be well: a database that cannot be written makes all red', async () => {
    await north()
    await desk.cameras.passed(NORTH, 250)
    const { condition } = desk.stored.store
    condition.attend(() => {})
    condition.set('store.full', true)
    const { state, store } = await watch()
    expect(state).toBe('red')
    expect(store).toMatchObject([{ code: 'store.full', state: 'red', hint: expect.any(String) }])
    condition.set('store.full', false)
    expect((await watch()).state).toBe('green')
  })

  it('are listed with the worst of their states', async () => {
    await north()
    await desk.cameras.passed(NORTH, 250)
    expect(await watch()).toMatchObject({ state: 'green', cameras: [{ ...NORTH, latencyMs: 250 }] })
    await desk.cameras.troubled(NORTH.agent, troubleOf({ kind: 'frozen' }))
    expect(await watch()).toMatchObject({
      state: 'red',
      cameras: [{ ...NORTH, why: 'blind', troubles: [{ kind: 'frozen' }] }],
    })
  })

  it('are forgotten when they are gone', async () => {
    await north()
    const path = '/cameras/gate-7/north'
    const refused = await anna.delete(path)
    expect([refused.status, jsonOf<Problem>(refused).code]).toEqual([409, 'camera.connected'])
    desk.here.cameras.length = 0
    expect((await anna.delete(path)).status).toBe(204)
    const gone = await anna.delete(path)
    expect([gone.status, jsonOf<Problem>(gone).code]).toEqual([404, 'camera.not-found'])
    expect((await watch()).cameras).toEqual([])
  })

  it('are nobody else’s business: an agent is turned away', async () => {
    const agent = desk.user(await deployment.agent('gate-7'))
    for (const path of ['/cameras', '/cameras/troubles']) {
      expect((await agent.get(path)).status).toBe(403)
    }
  })
})

describe('troubles at the desk', () => {
  it('are listed newest first, of one camera or those that stand, with their pictures', async () => {
    await north()
    await desk.cameras.troubled(NORTH.agent, troubleOf())
    await desk.cameras.troubled(NORTH.agent, troubleOf({ over: true }))
    await desk.cameras.troubled(NORTH.agent, troubleOf({ kind: 'moved' }))
    const list = async (query = '') =>
      jsonOf<TroubleRecord[]>(await anna.get(`/cameras/troubles${query}`))
    expect((await list()).map(({ kind }) => kind).toSorted()).toEqual(['covered', 'moved'])
    const [standing] = await list('?standing=true')
    expect(standing).toMatchObject({ kind: 'moved', endedAt: null })
    expect(await list('?agent=gate-7&camera=south')).toEqual([])
    const picture = await anna.get(`/cameras/troubles/${standing!.id}/begin`)
    expect([picture.status, picture.type]).toEqual([200, 'image/jpeg'])
    expect(picture.bytes).toEqual(Buffer.from(troubleOf().picture!))
    expect((await anna.get(`/cameras/troubles/${standing!.id}/end`)).status).toBe(404)
    expect((await anna.get(`/cameras/troubles/${standing!.id}/middle`)).status).toBe(400)
    expect((await anna.get('/cameras/troubles?limit=0')).status).toBe(400)
  })
})

describe('the stream of events', () => {
  it('begins with all cameras where that is asked for, goes on with changes, and numbers neither', async () => {
    await north()
    const events = await anna.open('/alerts/events?cameras=1')
    const next = async () => (await events.next()).value
    expect(await next()).toMatchObject({
      ...{ event: 'watch', id: Number.NaN },
      data: { state: 'amber', cameras: [NORTH] },
    })
    await desk.cameras.troubled(NORTH.agent, troubleOf())
    expect(await next()).toMatchObject({ event: 'camera', data: { kind: 'trouble' } })
    expect(await next()).toMatchObject({
      event: 'camera',
      data: { kind: 'camera', camera: { ...NORTH, state: 'red', why: 'blind' } },
    })
    await desk.alert(await desk.entry())
    expect(await next()).toMatchObject({ event: 'raised', id: 1 })
    await events.return(undefined)
  })

  it('tells nothing of cameras to those who did not ask', async () => {
    await north()
    const events = await anna.open('/alerts/events')
    await desk.cameras.troubled(NORTH.agent, troubleOf())
    await desk.listening(1)
    await desk.alert(await desk.entry())
    expect((await events.next()).value).toMatchObject({ event: 'raised' })
    await events.return(undefined)
  })
})
