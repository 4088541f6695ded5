import { join } from 'node:path'
import { makeVideo, PASSER_BY, type Pan, WANTED } from '@vedette/scripts/demo/video'
import type { Watch } from '@vedette/server/desk/answered/cameras'
import type { NamedAlert } from '@vedette/server/desk/routes/alerts'
import type { TroubleRecord } from '@vedette/server/store/troubles'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeStill } from '../support/agent-ffmpeg.ts'
import { TemporaryFolder } from '../support/certs-deployment.ts'
import { House } from '../support/house.ts'
import { until } from '../support/until.ts'

const WALL: readonly Pan[] = [{ photo: 1, width: 360, from: 0, to: 0, top: 0, seconds: 5 }]

let folder: TemporaryFolder
let wall: string
let passerBy: string

beforeAll(async () => {
  folder = await TemporaryFolder.make()
  wall = join(folder.path, 'wall.mp4')
  passerBy = join(folder.path, 'passer-by.mp4')
  await makeVideo(wall, WALL)
  await makeVideo(passerBy, PASSER_BY)
})

afterAll(() => folder[Symbol.asyncDispose]())

const camera = (name: string, path: string, more = '') =>
  `  ${name}: { source: { kind: file, path: ${path}, loop: true }${more} }`

const CANARY = 'canary: { every: 1s, limit: 5s }'

async function watchOf(house: House): Promise<Watch> {
  return (await house.desk()).json<Watch>('GET', '/cameras')
}

describe('a camera that works', () => {
  it('is green because a test face came through, and nobody hears of that face', async () => {
    await using house = await House.found(CANARY)
    await house.startServer()
    const agent = await house.startAgent('north', camera('gate', wall))
    await until(async () => (await watchOf(house)).state === 'green')
    const [before] = (await watchOf(house)).cameras
    await until(async () => (await watchOf(house)).cameras[0]!.passedAt! > before!.passedAt!)
    const watch = await watchOf(house)
    expect(watch.cameras).toHaveLength(1)
    expect(watch.cameras[0]).toMatchObject({
      ...{ agent: 'north', camera: 'gate', state: 'green', why: 'well' },
      ...{ connected: true, troubles: [] },
    })
    expect(watch.cameras[0]!.latencyMs).toBeLessThan(2000)
    const { cameras } = agent.status()
    expect(cameras.gate).toMatchObject({ tracks: 0, questions: 0 })

    const desk = await house.desk()
    expect(await desk.json('GET', '/alerts')).toEqual([])
    // Walks that are under way are counted when the server stops.
    await house.stopServer()
    await house.startServer()
    const explained = await (await house.desk()).json('GET', '/thresholds/north/gate')
    expect(JSON.stringify(explained)).toContain('"seen":{"walks":0,')
  })

  it('still sees a wanted person, test faces or not', async () => {
    await using house = await House.found(CANARY)
    await house.startServer()
    await house.enrol(WANTED.name, [WANTED.photo], Number(WANTED.face))
    await house.startAgent('north', camera('gate', passerBy))
    const desk = await house.desk()
    await until(async () => {
      const watch = await watchOf(house)
      const alerts = await desk.json<NamedAlert[]>('GET', '/alerts')
      return watch.state === 'green' && alerts.length > 0
    })
    const alerts = await desk.json<NamedAlert[]>('GET', '/alerts')
    expect(alerts.map(({ name }) => name)).toEqual([WANTED.name])
    expect(alerts.every(({ track }) => !track.startsWith('canary'))).toBe(true)
  })
})

describe('a camera that does not work', () => {
  it('is red within the limit when its agent goes, and green when it comes back', async () => {
    await using house = await House.found(CANARY)
    await house.startServer()
    const agent = await house.startAgent('north', camera('gate', wall))
    await until(async () => (await watchOf(house)).state === 'green')
    await house.stopAgent(agent)
    const gone = Date.now()
    await until(async () => (await watchOf(house)).state === 'red')
    expect(Date.now() - gone).toBeLessThan(5500)
    expect((await watchOf(house)).cameras[0]).toMatchObject({ why: 'away', connected: false })
    await house.startAgent('north', camera('gate', wall))
    await until(async () => (await watchOf(house)).state === 'green')
  })

  it('is told of with its picture when it shows the same picture again and again', async () => {
    await using house = await House.found(CANARY)
    await house.startServer()
    const still = join(folder.path, 'still.avi')
    await makeStill(still)
    const health = ', health: { frozen: 1s, after: 1s }'
    await house.startAgent('north', camera('gate', still, health))
    const desk = await house.desk()
    const troubles = () => desk.json<TroubleRecord[]>('GET', '/cameras/troubles')
    await until(async () => (await troubles()).length > 0)
    const [trouble] = await troubles()
    expect(trouble).toMatchObject({ kind: 'frozen', agent: 'north', camera: 'gate', endedAt: null })
    const picture = await desk.bytes(`/cameras/troubles/${trouble!.id}/begin`)
    expect(picture.subarray(0, 3).toString('hex')).toBe('ffd8ff')
    const { state, cameras } = await watchOf(house)
    expect([state, cameras[0]!.why]).toEqual(['red', 'blind'])
  })
})
