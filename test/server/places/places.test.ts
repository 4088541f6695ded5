import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { certsLayout } from '@vedette/certs/files'
import { issueCredentials } from '@vedette/certs/pki'
import { readServerConfig, type ServerConfig } from '@vedette/server/config'
import type { NamedAlert } from '@vedette/server/desk/named'
import { Server } from '@vedette/server/server'
import type { CameraPlace } from '@vedette/server/store/places'
import { Store } from '@vedette/server/store/store'
import { readCredentials } from '@vedette/shared/credentials'
import { encodeEmbedding } from '@vedette/shared/embedding'
import type { PlacesReport } from '@vedette/shared/message'
import type { Credentials } from '@vedette/shared/tls'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { PASSPHRASE, TemporaryFolder } from '../../support/certs-deployment.ts'
import { run } from '../../support/server-cli.ts'
import { matchOf, ScriptedAgent } from '../../support/server-client.ts'
import { DeskUser, jsonOf } from '../../support/server-desk.ts'
import { LogBook } from '../../support/server-log.ts'
import { MapServer } from '../../support/server-map.ts'
import { newEntry, newPhoto } from '../../support/server-store.ts'
import { eventually } from '../../support/until.ts'

const SPACE = 'dlib-resnet29-1'
const HALL = { camera: 'north', latitude: 47.3769, longitude: 8.5417, bearing: 90, fieldOfView: 70 }
const STATION = { camera: 'south', address: 'Bahnhofplatz 1, Zürich' }

const folder = await TemporaryFolder.make()
const home = join(folder.path, 'home')
const env = { VEDETTE_PASSPHRASE: PASSPHRASE, VEDETTE_HOME: home }
let config: ServerConfig
let credentials: Credentials
let anna: Credentials
const book = new LogBook()

beforeAll(async () => {
  await run(['init', '--gate-port', '0', '--operator', 'anna'], { env })
  const read = await readServerConfig(home)
  config = { ...read, desk: { ...read.desk, port: 0 } }
  const identity = { role: 'agent', name: 'gate-7' } as const
  credentials = await readCredentials((await issueCredentials({ home, identity })).folder)
  anna = await readCredentials(certsLayout(home).credentials({ role: 'operator', name: 'anna' }))
  await using store = await Store.open({
    file: join(config.data, 'wanted.db'),
    keyFile: config.vaultKey,
  })
  await store.entries.add(newEntry('Anna Ω'), [newPhoto(1, { space: SPACE })])
})

afterAll(() => folder[Symbol.asyncDispose]())

const start = (geocode: ServerConfig['geocode'] = { provider: 'off' }) =>
  Server.start({ ...config, geocode }, { log: book.log })

const cameras = async (server: Server, ...args: string[]) => {
  const file = join(home, 'server.yaml')
  const yaml = await readFile(file, 'utf8')
  const desk = `desk: { host: 127.0.0.1, port: ${server.deskPort} }`
  await writeFile(file, `${yaml.replace(/^desk:.*(\n +.*)*/m, desk)}`)
  return run(['cameras', ...args], { env })
}

async function placesOf(server: Server): Promise<CameraPlace[]> {
  await using user = new DeskUser(server.deskPort, anna)
  return jsonOf<CameraPlace[]>(await user.get('/cameras/places'))
}

/** Asks the desk to place the north camera. */
async function place(server: Server, body: object): Promise<{ status: number; detail?: string }> {
  await using user = new DeskUser(server.deskPort, anna)
  const answer = await user.put('/cameras/gate-7/north/place', body)
  return { status: answer.status, ...(answer.status >= 400 && jsonOf<object>(answer)) }
}

async function report(server: Server, places: PlacesReport['places']): Promise<ScriptedAgent> {
  const agent = await ScriptedAgent.welcome(server.gatePort, credentials, { model: SPACE })
  agent.say({ type: 'places', places }, { type: 'ping', n: 1 })
  await agent.hears('pong')
  return agent
}

describe('where cameras stand', () => {
  let shared: Server

  beforeAll(async () => {
    shared = await start()
  })

  afterAll(() => shared[Symbol.asyncDispose]())

  it('is what their agent says, and nothing once it says nothing', async () => {
    const server = shared
    using _agent = await report(server, [HALL])
    const { camera: _, ...place } = HALL
    expect(await placesOf(server)).toEqual([
      {
        ...{ agent: 'gate-7', camera: 'north', origin: 'agent', address: null },
        place: { ...place, address: null },
        view: { bearing: 90, fieldOfView: 70, range: null },
        plan: null,
      },
    ])
    using _again = await report(server, [])
    expect(await placesOf(server)).toEqual([])
  })

  it('may not be said of a camera that was not announced', async () => {
    const server = shared
    using agent = await ScriptedAgent.welcome(server.gatePort, credentials, { model: SPACE })
    agent.say({ type: 'places', places: [HALL, { ...HALL, camera: 'another' }] })
    expect((await agent.ended()).at(-1)).toMatchObject({ type: 'goodbye', reason: 'protocol' })
    expect(await book.line('agent.cut')).toMatchObject({ code: 'session.unknown-camera' })
    expect(await placesOf(server)).toEqual([])
  })

  it('may be on a floor plan, as an operator says', async () => {
    const server = shared
    const file = join(folder.path, 'hall.png')
    const paper = { width: 40, height: 30, channels: 3, background: '#fff' } as const
    await writeFile(file, await sharp({ create: paper }).png().toBuffer())
    // Tells the command line where the server is.
    await cameras(server, 'places')
    const added = await run(['plans', 'add', file, '--metres', '20', '--json'], { env })
    const { id } = JSON.parse(added.out) as { id: string }
    const args = ['--plan', id, '--x', '0.5', '--y', '0.25']
    expect((await cameras(server, 'place', 'gate-7/north', ...args)).status).toBe(0)
    const { out } = await cameras(server, 'places')
    expect(out).toContain(`gate-7/north  floor plan ${id} at 0.500, 0.250  operator`)
    expect((await run(['plans'], { env })).out).toContain(`${id}  hall  40×30   20`)
    expect((await run(['plans', 'remove', id], { env })).status).toBe(0)
    expect(await placesOf(server)).toEqual([])
  })

  it('is what an operator says, whatever their agent says, until that is forgotten', async () => {
    const server = shared
    using _agent = await report(server, [HALL])
    const set = await cameras(server, 'place', 'gate-7/north', '--lat', '-33.9', '--lon', '18.4')
    expect([set.status, set.out]).toEqual([0, 'placed gate-7/north\n'])
    const { out } = await cameras(server, 'places')
    expect(out).toMatch(/^CAMERA.*\ngate-7\/north +-33\.90000, 18\.40000 +operator\n$/)
    const geo = JSON.parse((await cameras(server, 'places', '--geojson')).out) as object
    expect(geo).toMatchObject({
      type: 'FeatureCollection',
      features: [{ geometry: { type: 'Point', coordinates: [18.4, -33.9] } }],
    })
    expect((await cameras(server, 'place', 'gate-7/north', '--forget')).status).toBe(0)
    expect((await placesOf(server))[0]).toMatchObject({ origin: 'agent', place: { bearing: 90 } })
    const twice = await cameras(server, 'place', 'gate-7/north', '--forget')
    expect([twice.status, twice.err]).toEqual([3, expect.stringContaining('camera.not-found')])
  })

  it.each([
    ['no place', {}],
    ['half a place', { latitude: 1 }],
    ['both', { latitude: 1, longitude: 1, address: 'here' }],
    ['a place off the earth', { latitude: 91, longitude: 1 }],
    ['nothing like it', { latitude: 'north', longitude: 1 }],
    ['more than a place', { latitude: 1, longitude: 1, colour: 'red' }],
  ])('is not %s', async (_what, body) => {
    expect(await place(shared, body)).toMatchObject({ status: 400, code: 'request.invalid' })
    expect((await placesOf(shared)).filter(({ origin }) => origin === 'operator')).toEqual([])
  })

  it('is forgotten with the camera', async () => {
    const server = shared
    {
      using _agent = await report(server, [HALL])
      expect(await place(server, { latitude: 1, longitude: 2 })).toEqual({ status: 204 })
    }
    await eventually(async () => {
      await using user = new DeskUser(server.deskPort, anna)
      expect((await user.delete('/cameras/gate-7/north')).status).toBe(204)
    })
    expect(await placesOf(server)).toEqual([])
  })

  it('goes with the alerts of the camera as it was then', async () => {
    const server = shared
    using agent = await report(server, [HALL])
    agent.say(matchOf(0, { probe: encodeEmbedding(newPhoto(1).template) }))
    await agent.hears('ack')
    await place(server, { latitude: 1, longitude: 2 })
    const listed = await run(['alerts', 'list', '--json'], { env })
    const [alert] = JSON.parse(listed.out) as NamedAlert[]
    expect(alert!.place).toEqual({
      ...{ latitude: 47.3769, longitude: 8.5417 },
      ...{ bearing: 90, fieldOfView: 70, address: null },
    })
    const { out } = await run(['alerts', 'show', alert!.id], { env })
    expect(out).toContain('\nplace    47.37690, 8.54170, looking 90°\n')
    const watched = await run(['alerts', 'watch', '--since', '0', '--count', '1'], { env })
    expect(watched.out).toContain('at gate-7/north (47.37690, 8.54170, looking 90°)')
    const trail = await run(['entries', 'trail', alert!.entryId, '--since', '2025-01-01'], { env })
    expect(trail.out).toContain(`gate-7/north  47.37690, 8.54170, looking 90°  ${alert!.id}`)
    await cameras(server, 'place', 'gate-7/north', '--forget')
  })
})

describe('an address', () => {
  it('leaves the house for nobody while geocoding is off', async () => {
    await using map = await MapServer.start()
    const fetched = vi.spyOn(globalThis, 'fetch')
    {
      await using server = await start({ provider: 'off', server: map.url })
      using _agent = await report(server, [STATION])
      const told = (await placesOf(server)).filter(({ origin }) => origin === 'agent')
      expect(told).toMatchObject([{ place: null, address: STATION.address }])
      const { out } = await cameras(server, 'places')
      expect(out).toContain('Bahnhofplatz 1, Zürich (not found on the map)')
      const set = await cameras(server, 'place', 'gate-7/north', '--address', 'Marktgasse 7')
      expect([set.status, set.err]).toEqual([7, expect.stringContaining('[geocode.off]')])
      expect(set.err).toContain('give latitude and longitude (--lat, --lon), or turn geocode on')
      expect(await placesOf(server)).toHaveLength(1)
    }
    expect(map.asked).toEqual([])
    expect(fetched).not.toHaveBeenCalled()
    fetched.mockRestore()
  })

  it('is asked about once where that is on, and known from then on', async () => {
    await using map = await MapServer.start()
    const on = { provider: 'openstreetmap', server: map.url } as const
    {
      await using server = await start(on)
      using _agent = await report(server, [STATION])
      await eventually(async () => {
        const south = (await placesOf(server)).find(({ camera }) => camera === 'south')
        expect(south?.place).toMatchObject({ latitude: 47.37793 })
      })
      expect(await place(server, { address: STATION.address })).toEqual({ status: 204 })
      const { out } = await cameras(server, 'places')
      expect(out).toContain('gate-7/north  Bahnhofplatz 1, Zürich (47.37793, 8.54023)  operator')
    }
    await using server = await start(on)
    using _agent = await report(server, [STATION])
    expect((await placesOf(server)).map(({ place }) => place?.longitude)).toEqual([
      8.54023, 8.54023,
    ])
    expect(map.asked.map(({ query }) => query)).toEqual([STATION.address])
    await cameras(server, 'place', 'gate-7/north', '--forget')
  })

  it('that is not found, or not now, is not taken over', async () => {
    await using map = await MapServer.start()
    await using server = await start({ provider: 'openstreetmap', server: map.url })
    const set = await cameras(server, 'place', 'gate-7/north', '--address', 'Nowhere 99')
    expect([set.status, set.err]).toEqual([3, expect.stringContaining('[geocode.not-found]')])
    map.fails = true
    const later = await cameras(server, 'place', 'gate-7/north', '--address', 'Marktgasse 7')
    expect([later.status, later.err]).toEqual([1, expect.stringContaining('[geocode.unreachable]')])
    expect(later.err).toContain('--lat')
    expect((await placesOf(server)).filter(({ camera }) => camera === 'north')).toEqual([])
  })
})
