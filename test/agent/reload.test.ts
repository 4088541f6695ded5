import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Agent } from '@vedette/agent/agent'
import { parseAgentConfig } from '@vedette/agent/config'
import { Outbox } from '@vedette/agent/outbox/outbox'
import { outboxTest, seeingTest } from '@vedette/agent/self-test'
import { Models } from '@vedette/models/models'
import { systemClock } from '@vedette/shared/clock'
import { ConfigFault, Unavailable } from '@vedette/shared/errors'
import { silentLog } from '@vedette/shared/log'
import { createMetrics } from '@vedette/shared/metrics'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Deployment } from '../support/agent-deployment.ts'
import { Hub } from '../support/agent-hub.ts'
import { recordedLog } from '../support/agent-log.ts'
import { TemporaryFolder } from '../support/certs-deployment.ts'
import { sampleFile } from '../support/models-samples.ts'
import { rejectionOf } from '../support/thrown.ts'
import { eventually } from '../support/until.ts'

let deployment: Deployment
let folder: TemporaryFolder

beforeAll(async () => {
  deployment = await Deployment.found()
  folder = await TemporaryFolder.make()
  await mkdir(join(folder.path, 'photos'))
  await writeFile(join(folder.path, 'photos', '1.jpg'), await sampleFile(1))
})

afterAll(async () => {
  await deployment[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

function configOf(port: number, cameras: string, more = '') {
  const text = `
server: { host: 127.0.0.1, port: ${port} }
credentials: ${deployment.agentFolder}
cameras: ${cameras}
metrics: off
${more}`
  return parseAgentConfig(text, join(folder.path, 'agent.yaml'))
}

/** A camera that never comes. */
const AWAY = `{ source: no-such-clip.mp4 }`

describe('an agent that reads its configuration again', () => {
  it('watches what is named now, and tells the server', async () => {
    await using hub = await Hub.start(deployment.server)
    const { log, lines } = recordedLog()
    const first = configOf(hub.port, `{ hall: photos/, gate: ${AWAY} }`)
    await using agent = await Agent.start(first, { log, random: () => 0 })
    const call = await hub.call()
    await call.welcome()
    for (const { seq } of await call.matches(3)) call.ack(seq)
    await eventually(() => expect(agent.status().waiting).toBe(0))

    const next = `{ hall: photos/, yard: ${AWAY} }`
    await agent.reload(configOf(hub.port, next, 'announce: true\nlog: warn'))
    const again = await hub.call()
    const hello = await again.expect('hello')
    expect(hello).toMatchObject({ cameras: ['hall', 'yard'], announce: true })
    expect(Object.keys(agent.status().cameras)).toEqual(['hall', 'yard'])
    expect(agent.status().cameras.hall).toMatchObject({ questions: 3 }) // and not twice as many
    expect(log.level).toBe('warn')
    expect(lines.filter(({ event }) => event === 'agent.start')).toHaveLength(1)
  })

  it('goes on announcing a camera that is gone until its questions are delivered', async () => {
    await using hub = await Hub.start(deployment.server)
    const { log } = recordedLog()
    const first = configOf(hub.port, `{ hall: photos/, gate: ${AWAY} }`)
    await using agent = await Agent.start(first, { log, random: () => 0 })
    await (await hub.call()).welcome()
    await agent.reload(configOf(hub.port, `{ gate: ${AWAY} }`))
    const again = await hub.call()
    expect(await again.expect('hello')).toMatchObject({ cameras: ['gate', 'hall'] })
  })

  it('takes over nothing where some of it cannot change, and names what', async () => {
    await using hub = await Hub.start(deployment.server)
    const { log } = recordedLog()
    const first = configOf(hub.port, `{ gate: ${AWAY} }`)
    await using agent = await Agent.start(first, { log, random: () => 0 })
    const next = configOf(hub.port + 1, `{ yard: ${AWAY} }`, 'models: { threads: 2 }\nlog: warn')
    expect(await rejectionOf(agent.reload(next), ConfigFault)).toMatchObject({
      code: 'config.fixed',
      message: 'cannot change while it runs: models.threads, server.port',
    })
    expect(Object.keys(agent.status().cameras)).toEqual(['gate'])
    expect(log.level).toBe('debug')
  })
})

describe('the self-test of the outbox', () => {
  const failing = (code: 'store.full' | 'store.busy') =>
    outboxTest({
      check: () => {
        throw new Unavailable(code, 'the database says so')
      },
    })

  it('writes to it, and fails where that cannot be done', async () => {
    const options = { limits: { size: 2 ** 20, age: 60_000 }, clock: systemClock, log: silentLog }
    const place = join(folder.path, 'outbox')
    const outbox = Outbox.open({ ...options, folder: place, metrics: createMetrics('agent') })
    await outboxTest(outbox).run()
    await outbox[Symbol.asyncDispose]()
    await expect(outboxTest(outbox).run()).rejects.toThrow('not open')
  })

  it('is well though the disk is full: starting anew would lose what is in memory', async () => {
    await failing('store.full').run()
    expect((await rejectionOf(failing('store.busy').run(), Unavailable)).code).toBe('store.busy')
  })
})

describe('the self-test of what sees', () => {
  it('is well as long as the same pixels give the same embedding', async () => {
    await using models = await Models.open()
    const test = seeingTest(models)
    await test.run()
    await test.run()
    const probes = models.probes.bind(models)
    vi.spyOn(models, 'probes').mockImplementation(async (...args) =>
      (await probes(...args)).map((probe) => probe.map((x, i) => (i < 64 ? -x : x))),
    )
    expect((await rejectionOf(test.run(), Unavailable)).code).toBe('models.changed')
  })
})
