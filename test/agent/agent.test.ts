import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Agent, type AgentOptions } from '@vedette/agent/agent'
import { parseAgentConfig } from '@vedette/agent/config'
import { ConfigFault, IntegrityFault } from '@vedette/shared/errors'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
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
})

afterAll(() => deployment[Symbol.asyncDispose]())

beforeEach(async () => {
  folder = await TemporaryFolder.make()
  await mkdir(join(folder.path, 'photos'))
  for (const sample of [1, 2]) {
    await writeFile(join(folder.path, 'photos', `${sample}.jpg`), await sampleFile(sample))
  }
})

afterEach(() => folder[Symbol.asyncDispose]())

/** Starts an agent with these cameras, YAML, and the settings that follow. */
function start(port: number, cameras: string, options: Partial<AgentOptions> = {}, settings = '') {
  const { log, lines } = recordedLog()
  const text = `
server: { host: 127.0.0.1, port: ${port} }
credentials: ${deployment.agentFolder}
cameras: ${cameras}
${settings}`
  const config = parseAgentConfig(text, join(folder.path, 'agent.yaml'))
  return { lines, started: Agent.start(config, { log, random: () => 0, ...options }) }
}

describe('Agent', () => {
  it('tells the server of its cameras, and asks about everybody they see', async () => {
    await using hub = await Hub.start(deployment.server)
    const { started, lines } = start(hub.port, '{ hall: photos/, gate: photos/ }')
    await using agent = await started
    const call = await hub.call()
    const hello = await call.expect('hello')
    expect(hello).toMatchObject({ cameras: ['hall', 'gate'], announce: false })
    call.greet()
    await agent.watched
    const { cameras, waiting, dropped } = agent.status()
    expect([waiting, dropped]).toEqual([8, 0])
    for (const counts of [cameras.hall!, cameras.gate!]) {
      expect(counts).toMatchObject({ frames: 2, skipped: 0, questions: 4 })
    }
    const matches = await call.matches(8)
    for (const { seq } of matches) call.ack(seq)
    expect(matches.filter(({ camera }) => camera === 'hall')).toHaveLength(4)
    expect(new Set(matches.map(({ track }) => track)).size).toBe(8)
    await eventually(() => expect(agent.status()).toMatchObject({ uplink: 'open', waiting: 0 }))
    const events = lines.map(({ event }) => event)
    expect(events).toContain('agent.start')
    expect(events.filter((event) => event === 'camera.end')).toHaveLength(2)
  })

  it('watches one camera though another was never there', async () => {
    await using hub = await Hub.start(deployment.server)
    const cameras = `{
      none: { source: no-such-clip.mp4 },
      webcam: { source: 'snapshot:/dev/none' },
      gone: { source: no-such-folder/ },
      gate: photos/ }`
    const { started, lines } = start(hub.port, cameras)
    await using agent = await started
    const call = await hub.call()
    await call.welcome()
    const matches = await call.matches(4)
    expect(new Set(matches.map(({ camera }) => camera))).toEqual(new Set(['gate']))
    await eventually(() => {
      const lost = lines.filter(({ event }) => event === 'camera.lost')
      expect(new Set(lost.map(({ camera, code }) => `${camera} ${code}`))).toEqual(
        new Set(['none camera.not-found', 'webcam camera.not-found', 'gone camera.not-found']),
      )
    })
    expect(agent.status().cameras.none).toMatchObject({ frames: 0 })
  })

  it('keeps what it saw for a server that comes later', async () => {
    const early = await Hub.start(deployment.server)
    const { port } = early
    await early[Symbol.asyncDispose]()
    const { started } = start(port, '{ gate: photos/ }')
    await using agent = await started
    await agent.watched
    expect(agent.status()).toMatchObject({ waiting: 4 })
    await using hub = await Hub.start(deployment.server, port)
    const call = await hub.call()
    await call.welcome()
    expect((await call.matches(4)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
  })

  it('says goodbye when it is disposed of', async () => {
    await using hub = await Hub.start(deployment.server)
    const { started, lines } = start(hub.port, '{ gate: no-such-clip.mp4 }')
    const agent = await started
    const call = await hub.call()
    await call.welcome()
    await call.quiet()
    const disposing = agent[Symbol.asyncDispose]()
    await call.expect('goodbye')
    call.socket.end()
    await disposing
    expect(agent.status().uplink).toBe('stopped')
    expect(lines.at(-1)).toMatchObject({ event: 'agent.stop', waiting: 0 })
  })

  it('hands alerts on, and asks for them where it is told to', async () => {
    await using hub = await Hub.start(deployment.server)
    const alerts: string[] = []
    const options = { onAlert: ({ name }: { name: string }) => alerts.push(name) }
    const { started } = start(hub.port, '{ gate: no-such-clip.mp4 }', options, 'announce: true')
    await using agent = await started
    const call = await hub.call()
    expect(await call.expect('hello')).toMatchObject({ announce: true })
    call.greet()
    const notice = { camera: 'gate', list: 'wanted', capturedAt: 1 } as const
    call.say({ type: 'alert', id: 'a', name: 'Somebody', ...notice })
    await call.quiet()
    expect(alerts).toEqual(['Somebody'])
    expect(agent.status().uplink).toBe('open')
  })

  it('writes nothing of faces and names into its log', async () => {
    await using hub = await Hub.start(deployment.server)
    const { started, lines } = start(hub.port, '{ gate: photos/ }')
    await using agent = await started
    const call = await hub.call()
    await call.welcome()
    await call.matches(4)
    const notice = { camera: 'gate', list: 'wanted', capturedAt: 1 } as const
    call.say({ type: 'alert', id: 'a', name: 'Somebody', ...notice })
    await call.quiet()
    await agent.watched
    const text = JSON.stringify(lines)
    expect(text).not.toMatch(/probe|chip|Somebody|PRIVATE KEY/)
    expect(text.length).toBeLessThan(10_000)
  })

  it('does not start without credentials, and says where they come from', async () => {
    const config = parseAgentConfig(
      'server: { host: hub }\ncredentials: none\ncameras: { gate: a.mp4 }',
      join(folder.path, 'agent.yaml'),
    )
    const fault = await rejectionOf(Agent.start(config, { log: recordedLog().log }), ConfigFault)
    expect(fault.code).toBe('config.missing')
    expect(fault.message).toContain(join(folder.path, 'none'))
    expect(fault.hint).toContain('vedette certs issue agent')
  })

  it('does not start with a model that it does not have', async () => {
    const { started } = start(1, '{ gate: a.mp4 }', {}, 'models: { detector: oracle }')
    expect(await rejectionOf(started, IntegrityFault)).toMatchObject({ code: 'model.unknown' })
  })
})
