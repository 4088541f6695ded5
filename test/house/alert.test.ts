import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodePicture } from '@vedette/models/picture'
import { EVERYBODY, isWanted, makeVideo, PASSER_BY, WANTED } from '@vedette/scripts/demo/video'
import { knownKeys } from '@vedette/server/audit/signer'
import { DeskFault } from '@vedette/server/cli/desk-fault'
import type { NamedAlert, NamedChange } from '@vedette/server/desk/routes/alerts'
import type { Basis } from '@vedette/server/evidence/basis'
import { verify } from '@vedette/server/verify/verify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../support/certs-deployment.ts'
import { House } from '../support/house.ts'
import { rejectionOf } from '../support/thrown.ts'
import { until } from '../support/until.ts'

let folder: TemporaryFolder
let passerBy: string
let everybody: string

beforeAll(async () => {
  folder = await TemporaryFolder.make()
  passerBy = join(folder.path, 'passer-by.mp4')
  everybody = join(folder.path, 'everybody.mp4')
  await makeVideo(passerBy, PASSER_BY)
  await makeVideo(everybody, EVERYBODY)
})

afterAll(() => folder[Symbol.asyncDispose]())

const readAll = async (path: string): Promise<Buffer[]> =>
  Promise.all((await readdir(path)).map((name) => readFile(join(path, name))))

const sizeOf = (files: readonly Buffer[]) => files.reduce((sum, { length }) => sum + length, 0)

const camera = (name: string, path: string, pace = 'fast') =>
  `  ${name}: { source: { kind: file, path: ${path}, pace: ${pace} } }`

describe('a wanted face on video', () => {
  it('raises one alert in the control room, with its picture, and none for strangers', async () => {
    await using house = await House.found()
    await house.startServer()
    const entry = await house.enrol(WANTED.name, [WANTED.photo], Number(WANTED.face))
    const agent = await house.startAgent('north', camera('gate', everybody))
    await agent.watched
    await until(() => agent.status().waiting === 0)

    const desk = await house.desk()
    const alerts = await desk.json<NamedAlert[]>('GET', '/alerts')
    expect(alerts).toHaveLength(1)
    const [alert] = alerts
    expect(alert).toMatchObject({
      entryId: entry.id,
      name: WANTED.name,
      agent: 'north',
      camera: 'gate',
      state: 'open',
    })
    expect(alert!.score).toBeGreaterThanOrEqual(alert!.threshold)
    const chip = await decodePicture(await desk.bytes(`/alerts/${alert!.id}/chip`))
    expect(Math.max(chip.width, chip.height)).toBeLessThanOrEqual(256)
    const photo = await decodePicture(await desk.bytes(`/entries/${entry.id}/photos/1`))
    expect(photo.width).toBeGreaterThan(100)

    const asking = await house.desk({ reason: 'a court asks for it' })
    const file = await asking.bytes(`/alerts/${alert!.id}/evidence`)
    const own = await readFile(join(house.home, 'certs', 'audit', 'public.pem'), 'utf8')
    const verified = await verify(file, { keys: knownKeys(own), models: undefined })
    expect(verified.findings.filter(({ state }) => state !== 'holds')).toEqual([])
    expect(verified.findings.at(-1)!.about).toMatch(/^frame \d+, pictures$/)
    const basis = await desk.json<Basis>('GET', `/alerts/${alert!.id}/basis`)
    expect(basis.models.detector).toMatchObject({ id: 'tiny-face-detector' })
    expect(basis.certificate?.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
  })

  it('is where the alert says it is, while it is there', async () => {
    await using house = await House.found()
    await house.startServer()
    await house.enrol(WANTED.name, [WANTED.photo], Number(WANTED.face))
    await house.startAgent('north', camera('gate', everybody, 'realtime'))
    const stop = AbortSignal.timeout(30_000)
    let started = 0
    await until(async () => {
      started ||= Date.now()
      return (await (await house.desk()).json<NamedAlert[]>('GET', '/alerts')).length > 0
    })
    for await (const { alert } of house.changes(stop)) {
      const latency = alert.raisedAt - alert.capturedAt
      expect(latency).toBeLessThan(1500)
      // The video starts within a second and a half of the agent.
      const seconds = (alert.capturedAt - started) / 1000
      const places = [0, 0.5, 1, 1.5].map((late) => isWanted(EVERYBODY, seconds - late, alert.box))
      expect(places).toContain(true)
      return
    }
    expect.fail('no change came')
  })

  it('is taken notice of, once, under the name of the operator', async () => {
    await using house = await House.found()
    await house.startServer()
    await house.enrol(WANTED.name, [WANTED.photo], Number(WANTED.face))
    await house.startAgent('north', camera('gate', passerBy))
    const kinds: NamedChange['kind'][] = []
    const stop = new AbortController()
    const desk = await house.desk()
    for await (const { kind, alert } of house.changes(stop.signal)) {
      kinds.push(kind)
      if (kind === 'raised') {
        await desk.json('POST', `/alerts/${alert.id}/acknowledge`, { note: 'sent two officers' })
      }
      if (kind === 'acknowledged') {
        expect(alert).toMatchObject({ acknowledgedBy: 'anna' })
        break
      }
    }
    stop.abort()
    expect(kinds[0]).toBe('raised')
    const [alert] = await desk.json<NamedAlert[]>('GET', '/alerts?state=acknowledged')
    const life = await desk.json<object[]>('GET', `/alerts/${alert!.id}/life`)
    expect(life).toContainEqual(
      expect.objectContaining({ kind: 'acknowledged', by: 'anna', note: 'sent two officers' }),
    )
    const again = desk.json('POST', `/alerts/${alert!.id}/acknowledge`, {})
    expect(await rejectionOf(again, DeskFault)).toMatchObject({
      code: 'alert.wrong-state',
      status: 409,
    })
  })

  it('raises nothing once its entry is removed, and nothing of the entry is kept', async () => {
    await using house = await House.found()
    await house.startServer()
    const entry = await house.enrol(WANTED.name, [WANTED.photo], Number(WANTED.face))
    const desk = await house.desk()
    await desk.json('DELETE', `/entries/${entry.id}`)
    const agent = await house.startAgent('north', camera('gate', passerBy))
    await agent.watched
    await until(() => agent.status().waiting === 0)
    expect(await desk.json('GET', '/alerts')).toEqual([])
    expect(await rejectionOf(desk.json('GET', `/entries/${entry.id}`), DeskFault)).toMatchObject({
      code: 'entry.not-found',
      status: 404,
    })
  })
})

describe('faces that match nobody', () => {
  it('leave nothing behind: no row, no byte of a picture, no name', async () => {
    await using house = await House.found()
    await house.startServer()
    const agent = await house.startAgent('north', camera('gate', everybody))
    await agent.watched
    await until(() => agent.status().waiting === 0)
    expect(agent.status().cameras.gate!.questions).toBeGreaterThan(5)
    await house.stopServer()
    const files = await readAll(house.config.data)
    for (const file of files) {
      expect(file.includes(Buffer.from([0xff, 0xd8, 0xff]))).toBe(false)
    }
    await using empty = await House.found()
    await empty.startServer()
    await empty.stopServer()
    // Less than the pictures of six faces would take.
    const more = sizeOf(files) - sizeOf(await readAll(empty.config.data))
    expect(more).toBeLessThan(40_000)
  })
})

describe('a server that goes away', () => {
  it('misses nothing that the cameras saw meanwhile, and shows nothing twice', async () => {
    await using house = await House.found()
    await house.startServer()
    await house.enrol(WANTED.name, [WANTED.photo], Number(WANTED.face))
    await house.stopServer()
    const agent = await house.startAgent('north', camera('gate', passerBy))
    await agent.watched
    expect(agent.status().waiting).toBeGreaterThan(0)
    expect(agent.status().uplink).not.toBe('open')

    await house.startServer()
    await until(() => agent.status().waiting === 0)
    const desk = await house.desk()
    expect(await desk.json<NamedAlert[]>('GET', '/alerts')).toHaveLength(1)
    expect(agent.status().dropped).toBe(0)
  })

  it('still has every alert and entry when it is back', async () => {
    await using house = await House.found()
    await house.startServer()
    const entry = await house.enrol(WANTED.name, [WANTED.photo], Number(WANTED.face))
    const agent = await house.startAgent('north', camera('gate', passerBy))
    await agent.watched
    await until(() => agent.status().waiting === 0)
    const before = await (await house.desk()).json<NamedAlert[]>('GET', '/alerts')
    await house.stopServer()
    await house.startServer()
    const desk = await house.desk()
    expect(await desk.json('GET', '/alerts')).toEqual(before)
    expect(await desk.json(`GET`, `/entries/${entry.id}`)).toMatchObject({ name: WANTED.name })
  })
})
