import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EVERYBODY, makeVideo, WANTED } from '@vedette/scripts/demo/video'
import type { PastStatus } from '@vedette/server/desk/answered/past'
import type { NamedAlert } from '@vedette/server/desk/routes/alerts'
import type { EnrolAnswer } from '@vedette/server/gallery/enrolment-answer'
import type { Answer } from '@vedette/server/past/answer'
import { FormData } from 'undici'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TemporaryFolder } from '../support/certs-deployment.ts'
import { House } from '../support/house.ts'
import { until } from '../support/until.ts'

const WHY = { 'x-vedette-reason': 'case%204711' }

let folder: TemporaryFolder
let everybody: string

beforeAll(async () => {
  folder = await TemporaryFolder.make()
  everybody = join(folder.path, 'everybody.mp4')
  await makeVideo(everybody, EVERYBODY)
})

afterAll(() => folder[Symbol.asyncDispose]())

async function photoForm(fields: Record<string, string>, photo: Uint8Array): Promise<FormData> {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  form.append('photo', new Blob([new Uint8Array(photo)]), 'photo.jpg')
  return form
}

it('whoever walked past before anybody looked is found by photograph, enrolled, and raised as past', async () => {
  await using house = await House.found()
  await house.startServer()
  const desk = await house.desk()
  await desk.json('PATCH', '/lists/wanted', { keepFor: 24, keepPictures: true })
  const camera = `  gate: { source: { kind: file, path: ${everybody}, pace: fast } }`
  const agent = await house.startAgent('north', camera)
  await agent.watched
  await until(() => agent.status().waiting === 0)
  await house.stopAgent(agent)
  // Every walk is over when the server has been told to stop.
  await house.stopServer()
  await house.startServer()
  await until(async () => (await desk.json<PastStatus>('GET', '/past')).walks > 0)
  expect(await desk.json<NamedAlert[]>('GET', '/alerts')).toEqual([])

  const photo = await readFile(WANTED.photo)
  const asked = { face: WANTED.face, since: String(Date.now() - 3_600_000) }
  const search = async () =>
    desk.json<Answer>('POST', '/past/search', await photoForm(asked, photo), WHY)
  const answer = await search()
  expect(answer.sightings).toMatchObject([{ agent: 'north', camera: 'gate', pictured: true }])
  expect(answer.walks).toBeGreaterThan(1)
  expect(answer.cameras).toMatchObject([{ agent: 'north', camera: 'gate' }])
  const { sighting } = answer.sightings[0]!
  const picture = await desk.bytes(`/past/sightings/${sighting}/picture`)

  const form = await photoForm({ name: WANTED.name, sources: `sighting ${sighting}` }, picture)
  const enrolled = await desk.json<EnrolAnswer>('POST', '/entries', form)
  expect(enrolled.past).toMatchObject({ walks: answer.walks, alerts: [expect.any(String)] })
  const [alert] = await desk.json<NamedAlert[]>('GET', '/alerts')
  expect(alert).toMatchObject({
    ...{ id: enrolled.past!.alerts[0], entryId: enrolled.entry!.id, name: WANTED.name },
    ...{ late: true, retrospective: true, certainty: 'provisional' },
  })
  expect(await desk.bytes(`/alerts/${alert!.id}/chip`)).toEqual(picture)

  const again = await search()
  expect(again.sightings).toEqual([])
  expect(again.alerts).toMatchObject([{ id: alert!.id }])
})
