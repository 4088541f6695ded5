import { issueCredentials } from '@vedette/certs/pki'
import { freePort } from '@vedette/scripts/free-port'
import { DeskClient } from '@vedette/server/cli/desk-client'
import type { ActRecord } from '@vedette/server/store/audit-search'
import { readCredentials } from '@vedette/shared/credentials'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { House } from '../../support/house.ts'
import { ScriptedAgent } from '../../support/server-client.ts'
import { until } from '../../support/until.ts'

const MODEL = { model: 'dlib-resnet29-1' }
let house: House

beforeAll(async () => {
  house = await House.found()
  await house.startServer()
})
afterAll(() => house[Symbol.asyncDispose]())

/** Acts of kinds, oldest first, once there are so many. */
async function acts(kind: string, count = 1): Promise<ActRecord[]> {
  const desk = await house.desk()
  let found: ActRecord[] = []
  await until(async () => {
    found = await desk.json<ActRecord[]>('GET', `/audit?kind=${kind}`)
    return found.length >= count
  })
  return found.reverse()
}

async function agent(name: string) {
  const identity = { role: 'agent', name } as const
  const { folder, serial } = await issueCredentials({ home: house.home, identity })
  return { folder, serial }
}

describe('without anybody asking for it, there is recorded', () => {
  it('who signed in, once a connection', async () => {
    const desk = await house.desk()
    await desk.json('GET', '/agents')
    await desk.json('GET', '/agents')
    const before = await acts('operator.signed-in')
    expect(before[0]).toMatchObject({ by: 'anna', from: '127.0.0.1', about: { operator: 'anna' } })
    await desk.json('GET', '/agents')
    expect((await acts('operator.signed-in')).length - before.length).toBeLessThanOrEqual(1)
  })

  it('from when to when an agent and its cameras were there', async () => {
    const { folder, serial } = await agent('gate-7')
    const credentials = await readCredentials(folder)
    const one = await ScriptedAgent.welcome(house.config.gate.port, credentials, MODEL)
    const [arrived] = await acts('agent.arrived')
    expect(arrived).toMatchObject({
      by: 'agent:gate-7',
      from: '127.0.0.1',
      about: { agent: 'gate-7', certificate: serial },
      details: { cameras: ['north', 'south'], software: 'test/1' },
    })
    one[Symbol.dispose]()
    const [left] = await acts('agent.left')
    expect(left).toMatchObject({ about: { agent: 'gate-7' }, details: { since: arrived!.at } })
    expect(left!.at).toBeGreaterThanOrEqual(arrived!.at)
  })

  it('that somebody was refused at the desk, and not what they asked for', async () => {
    const { folder, serial } = await agent('gate-8')
    await using client = new DeskClient(
      `127.0.0.1:${house.config.desk.port}`,
      await readCredentials(folder),
    )
    await expect(client.json('GET', '/entries')).rejects.toMatchObject({
      code: 'request.forbidden',
    })
    const refused = await acts('operator.refused')
    expect(refused.at(-1)).toMatchObject({ by: 'unknown', about: { certificate: serial } })
  })

  it('what the server starts with, and what of its configuration is other than before', async () => {
    const [started] = await acts('server.started')
    expect(started!.details).toMatchObject({
      entries: 0,
      reference: { entries: 0, templates: 0, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      configuration: { whole: expect.stringMatching(/^[0-9a-f]{64}$/) },
    })
    await house.stopServer()
    house.config.match = { ...house.config.match, cooldown: 5000 }
    house.config.gate = { ...house.config.gate, port: await freePort() }
    const server = await house.startServer()
    const [changed] = await acts('configuration.changed')
    expect(changed!.details).toMatchObject({ changed: ['gate', 'match'] })
    await server.reload({ ...house.config, match: { ...house.config.match, budget: 2 } })
    const all = await acts('configuration.changed', 2)
    expect(all.at(-1)!.details).toMatchObject({ changed: ['match'] })
    const stopped = await acts('server.stopped')
    expect(stopped).toHaveLength(1)
  })

  it('each certificate that was issued, by whichever process, also while no server ran', async () => {
    await house.stopServer()
    const { serial } = await agent('gate-9')
    await house.startServer()
    await house.stopServer()
    await house.startServer()
    const issued = (await acts('certificate.issued')).filter(
      ({ about }) => about?.certificate === serial,
    )
    expect(issued).toMatchObject([{ by: 'server', about: { agent: 'gate-9' } }])
  })

  it('who took a certificate back, once, with their name', async () => {
    const { serial } = await agent('gate-10')
    const desk = await house.desk()
    await desk.json('POST', '/revocations', { role: 'agent', name: 'gate-10', reason: 'stolen' })
    await house.stopServer()
    await house.startServer()
    const revoked = await acts('certificate.revoked')
    expect(revoked).toMatchObject([
      { by: 'anna', about: { agent: 'gate-10' }, details: { serials: [serial], reason: 'stolen' } },
    ])
  })
})
