import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Agent } from '@vedette/agent/agent'
import { parseAgentConfig } from '@vedette/agent/config'
import { ConfigFault } from '@vedette/shared/errors'
import { silentLog } from '@vedette/shared/log'
import { type Place, placeText } from '@vedette/shared/place'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Deployment } from '../support/agent-deployment.ts'
import { Hub } from '../support/agent-hub.ts'
import { TemporaryFolder } from '../support/certs-deployment.ts'
import { sampleFile } from '../support/models-samples.ts'
import { thrownBy } from '../support/thrown.ts'

let deployment: Deployment
let folder: TemporaryFolder

beforeAll(async () => {
  ;[deployment, folder] = await Promise.all([Deployment.found(), TemporaryFolder.make()])
  await mkdir(join(folder.path, 'photos'))
  await writeFile(join(folder.path, 'photos', '1.jpg'), await sampleFile(1))
})

afterAll(async () => {
  await Promise.all([deployment[Symbol.asyncDispose](), folder[Symbol.asyncDispose]()])
})

const parse = (port: number, cameras: string) =>
  parseAgentConfig(
    `server: { host: 127.0.0.1, port: ${port} }\ncredentials: ${deployment.agentFolder}\ncameras: ${cameras}`,
    join(folder.path, 'agent.yaml'),
  )

describe('an agent', () => {
  it('says where its cameras stand, before all questions, as far as it was told', async () => {
    await using hub = await Hub.start(deployment.server)
    const hall = '{ source: photos/, place: { latitude: 47.3769, longitude: 8.5417, bearing: 90 } }'
    const gate = '{ source: photos/, place: { address: "Bahnhofplatz 1, Zürich" } }'
    const config = parse(hub.port, `{ hall: ${hall}, gate: ${gate}, yard: photos/ }`)
    await using _agent = await Agent.start(config, { log: silentLog })
    const call = await hub.call()
    await call.welcome()
    expect(await call.expect('places')).toEqual({
      type: 'places',
      places: [
        { camera: 'hall', latitude: 47.3769, longitude: 8.5417, bearing: 90 },
        { camera: 'gate', address: 'Bahnhofplatz 1, Zürich' },
      ],
    })
  })

  it('says nothing of it where it was told nothing', async () => {
    await using hub = await Hub.start(deployment.server)
    await using _agent = await Agent.start(parse(hub.port, '{ hall: photos/ }'), {
      log: silentLog,
    })
    const call = await hub.call()
    await call.welcome()
    expect((await call.next())?.type).toBe('match')
  })

  it.each([
    '{ latitude: 47.4 }',
    '{ address: "Bahnhofplatz 1", latitude: 47.4, longitude: 8.5 }',
    '{ latitude: 91, longitude: 8.5 }',
    '{ latitude: 47.4, longitude: 181 }',
    '{ latitude: 47.4, longitude: 8.5, bearing: 400 }',
    '{}',
  ])('is not told that a camera stands at %s', (place) => {
    const cameras = `{ hall: { source: photos/, place: ${place} } }`
    const fault = thrownBy(() => parse(7443, cameras), ConfigFault)
    expect(fault.message).toMatch(/agent\.yaml:3:\d+: cameras\.hall\.place/)
  })
})

describe('placeText', () => {
  const place: Place = {
    ...{ latitude: -33.9, longitude: 18.4, bearing: null, fieldOfView: null, address: null },
  }

  it('gives a place to five digits, a metre, and how it was found', () => {
    expect(placeText(place)).toBe('-33.90000, 18.40000')
    expect(placeText({ ...place, bearing: 0 })).toBe('-33.90000, 18.40000, looking 0°')
    expect(placeText({ ...place, address: 'Long St 1' })).toBe('Long St 1 (-33.90000, 18.40000)')
  })
})
