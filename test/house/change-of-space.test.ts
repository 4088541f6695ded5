import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { certsLayout } from '@vedette/certs/files'
import { makeVideo, PASSER_BY, WANTED } from '@vedette/scripts/demo/video'
import type { ModelsStatus } from '@vedette/server/desk/answered/models'
import type { NamedAlert } from '@vedette/server/desk/routes/alerts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../support/certs-deployment.ts'
import { House } from '../support/house.ts'
import { behindArcface, install, permuted } from '../support/models-installed.ts'
import { until } from '../support/until.ts'

const OLD = 'dlib-resnet29-1'

let folder: TemporaryFolder
let video: string

beforeAll(async () => {
  folder = await TemporaryFolder.make()
  video = join(folder.path, 'passer-by.mp4')
  await makeVideo(video, PASSER_BY)
})

afterAll(() => folder[Symbol.asyncDispose]())

const camera = (pace: 'realtime' | 'fast', loop = false) =>
  `  gate: { source: { kind: file, path: ${video}, pace: ${pace}, loop: ${loop} } }`

const modelsOf = ({ home }: House, agent: string) =>
  join(certsLayout(home).credentials({ role: 'agent', name: agent }), 'models')

async function changeTo(house: House, id: string): Promise<void> {
  const desk = await house.desk()
  await desk.json('POST', `/models/${id}/use`, {})
  await until(async () => {
    const { spaces } = await desk.json<ModelsStatus>('GET', '/models')
    const space = spaces.find((one) => one.id === id)
    return space !== undefined && space.done === space.photos
  })
  await desk.json('POST', `/models/${id}/use`, { now: true })
}

const alertsOf = async (house: House) => (await house.desk()).json<NamedAlert[]>('GET', '/alerts')

describe('a change of embedding space', () => {
  it.each([
    ['of the same chips', permuted],
    ['of chips by five points', behindArcface],
  ])(
    '%s: agents fetch the model over the gate, speak it, and what they see raises alerts in it',
    async (_what, made) => {
      await using house = await House.found('match: { cooldown: 500ms }')
      const brought = await made()
      const { id, file } = brought.row
      await install(house.config.models.folder, brought)
      await house.startServer()
      await house.enrol(WANTED.name, [WANTED.photo], Number(WANTED.face))
      const agent = await house.startAgent('north', camera('realtime', true))
      await until(async () => (await alertsOf(house)).length > 0)
      expect(agent.status().space).toBe(OLD)

      await changeTo(house, id)
      await until(() => agent.status().space === id)
      await until(async () => (await alertsOf(house)).some(({ space }) => space === id))
      const desk = await house.desk()
      const status = await desk.json<ModelsStatus>('GET', '/models')
      expect(status).toMatchObject({ active: id, agents: { [id]: ['north'] } })
      expect(status.spaces.map(({ id: space, role }) => [space, role])).toEqual([
        [id, 'active'],
        [OLD, 'kept'],
      ])
      expect((await readdir(modelsOf(house, 'north'))).toSorted()).toEqual(
        ['installed.json', file, 'spoken'].toSorted(),
      )
      await desk.json('POST', `/models/${OLD}/use`, { now: true })
      await until(() => agent.status().space === OLD)
    },
    120_000,
  )

  it('loses nothing that an agent asked in the old space while it was cut off', async () => {
    await using house = await House.found()
    await install(house.config.models.folder, await permuted())
    await house.startServer()
    await house.enrol(WANTED.name, [WANTED.photo], Number(WANTED.face))
    await changeTo(house, 'permuted')
    await house.stopServer()
    const agent = await house.startAgent('north', camera('fast'))
    await agent.watched
    expect(agent.status()).toMatchObject({ space: OLD })
    expect(agent.status().waiting).toBeGreaterThan(0)

    await house.startServer()
    await until(() => agent.status().space === 'permuted' && agent.status().waiting === 0, 40_000)
    const alerts = await alertsOf(house)
    expect(alerts.map(({ space }) => space)).toEqual([OLD])
    expect(agent.status().dropped).toBe(0)
  })
})
