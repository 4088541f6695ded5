import type { AgentStatus } from '@vedette/server/desk/answered/agents'
import type { FleetCourse } from '@vedette/server/desk/answered/fleet'
import type { Trail } from '@vedette/server/desk/answered/trail'
import type { Problem } from '@vedette/server/desk/problem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/server-deployment.ts'
import { type DeskUser, jsonOf, openSight, TestDesk } from '../../support/server-desk.ts'

const deployment = await Deployment.found()
const sight = await openSight()
let desk: TestDesk
let anna: DeskUser
let bert: DeskUser
let person: string

const BASE = 1_763_650_000_000
const NORTH = { agent: 'gate-7', camera: 'north' }
const SOUTH = { agent: 'gate-8', camera: 'south' }

beforeAll(async () => {
  desk = await TestDesk.open(deployment, sight)
  anna = desk.user(deployment.anna)
  await desk.account('bert', 'admin', { lists: ['wanted'], cameras: ['gate-7/north'] })
  bert = desk.user((await deployment.issue('operator', 'bert')).credentials)
  person = await desk.entry('Known')
  const other = await desk.entry('Somebody else')
  const place = { latitude: 47, longitude: 8 }
  expect((await anna.put('/cameras/gate-8/south/place', place)).status).toBe(204)
  for (const [where, minutes] of [
    [SOUTH, 10],
    [NORTH, 0],
    [NORTH, 20],
  ] as const) {
    const probe = { ...where, capturedAt: BASE + minutes * 60_000 }
    await desk.alert(person, { probe: { ...probe, track: `track-${minutes}` } })
  }
  await desk.alert(other, { probe: { ...NORTH, capturedAt: BASE } })
})

afterAll(async () => {
  await desk[Symbol.asyncDispose]()
  await Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]()))
})

const trailOf = async (user: DeskUser, query = '') =>
  jsonOf<Trail>(await user.get(`/entries/${person}/trail${query}`))
const minutes = ({ points }: Trail) => points.map(({ at }) => (at - BASE) / 60_000)

describe("a person's trail", () => {
  it('goes over cameras in the order of time, with where they stood, and is recorded', async () => {
    const trail = await trailOf(anna)
    expect([trail.name, trail.more]).toEqual(['Known', false])
    expect(trail.points.map(({ camera }) => camera)).toEqual(['north', 'south', 'north'])
    expect(minutes(trail)).toEqual([0, 10, 20])
    expect(trail.points.map(({ place }) => place?.latitude)).toEqual([undefined, 47, undefined])
    expect(desk.acts('entry.trailed')).toEqual([['entry.trailed', 'anna', null]])
  })

  it('can be asked for by time', async () => {
    expect(minutes(await trailOf(anna, `?since=${BASE + 1}`))).toEqual([10, 20])
    expect(minutes(await trailOf(anna, `?until=${BASE + 600_000}`))).toEqual([0, 10])
    const answer = await anna.get(`/entries/${person}/trail?since=yesterday`)
    expect(jsonOf<Problem>(answer).code).toBe('request.invalid')
  })

  it('leaves out who it was not, and cameras of others', async () => {
    expect(minutes(await trailOf(bert))).toEqual([0, 20])
    const [first] = (await trailOf(anna)).points
    const judged = await anna.post(`/alerts/${first!.alert}/resolve`, {
      outcome: 'false',
      note: 'another man',
    })
    expect(judged.status).toBeLessThan(300)
    expect(minutes(await trailOf(anna))).toEqual([10, 20])
  })
})

describe('how cameras fared lately', () => {
  it('is told of the cameras that are theirs', async () => {
    await desk.cameras.announced('gate-7', ['north'])
    await desk.cameras.announced('gate-8', ['south'])
    desk.cameras.course.passed(NORTH, 350)
    const all = jsonOf<FleetCourse>(await anna.get('/fleet'))
    expect(all.cameras.map(({ camera }) => camera)).toEqual(['north', 'south'])
    const { cameras } = jsonOf<FleetCourse>(await bert.get('/fleet'))
    expect(cameras).toMatchObject([{ ...NORTH, minutes: [{ latencyMs: 350 }], day: { well: 0 } }])
  })
})

describe('an agent that retires', () => {
  it('is let in no more, and nobody misses its cameras', async () => {
    const { credentials: _, serial } = await deployment.issue('agent', 'gate-9')
    const record = { name: 'gate-9', serial, software: 'vedette/0.1.0', cameras: ['east'] }
    await desk.stored.store.agents.welcomed(record, BASE)
    await desk.cameras.announced('gate-9', ['east'])
    const place = { latitude: 47, longitude: 8 }
    expect((await anna.put('/cameras/gate-9/east/place', place)).status).toBe(204)
    await desk.stored.store.agents.welcomed({ ...record, name: 'gate-7', cameras: ['north'] }, BASE)
    // Of gate-7 he sees a camera, and not whatever else it has.
    for (const name of ['gate-9', 'gate-7']) {
      const refused = await bert.delete(`/agents/${name}`)
      expect([refused.status, jsonOf<Problem>(refused).code]).toEqual([404, 'agent.not-found'])
    }
    expect((await anna.delete('/agents/gate-9')).status).toBe(204)
    const agents = jsonOf<AgentStatus[]>(await anna.get('/agents'))
    expect(agents.map(({ name }) => name)).not.toContain('gate-9')
    expect(desk.cameras.all().map(({ agent }) => agent)).not.toContain('gate-9')
    expect((await anna.get('/cameras/places')).bytes.toString()).not.toContain('gate-9')
    expect((await deployment.ledger.find(serial))?.revocation?.reason).toBe('retired')
    expect(desk.acts('agent.retired', 'camera.forgotten').map(([kind]) => kind)).toEqual([
      'camera.forgotten',
      'agent.retired',
    ])
    expect((await anna.delete('/agents/gate-9')).status).toBe(404)
  })
})
