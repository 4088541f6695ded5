import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Agent } from '@vedette/agent/agent'
import { parseAgentConfig } from '@vedette/agent/config'
import { FaresBook } from '@vedette/agent/fares'
import { silentLog } from '@vedette/shared/log'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../support/agent-clock.ts'
import { Deployment } from '../support/agent-deployment.ts'
import { Hub } from '../support/agent-hub.ts'
import { TemporaryFolder } from '../support/certs-deployment.ts'
import { sampleFile } from '../support/models-samples.ts'

const NOTHING = { frames: 0, skipped: 0, still: 0, detections: 0, tracks: 0, questions: 0 }

describe('how an agent fares', () => {
  it('is told as rates of each camera, every fifteen seconds until nobody wants it', async () => {
    const clock = new ManualClock()
    const counts: Record<string, typeof NOTHING> = { north: NOTHING }
    const book = new FaresBook({ clock, counts: () => counts, outbox: { size: 7, dropped: 2 } })
    const told: ReturnType<typeof Object>[] = []
    const stop = book.tellEach((fares) => told.push(fares))
    counts.north = { ...NOTHING, frames: 75, skipped: 300, still: 30 }
    await clock.advance(15_000)
    expect(told).toEqual([
      { cameras: [{ camera: 'north', given: 25, skipped: 20, looked: 3 }], waiting: 7, dropped: 2 },
    ])
    delete counts.north
    await clock.advance(15_000)
    expect(told.at(-1)).toMatchObject({ cameras: [] })
    stop()
    await clock.advance(60_000)
    expect(told).toHaveLength(2)
  })

  it('is told to the server over the connection that there is', async () => {
    await using deployment = await Deployment.found()
    await using folder = await TemporaryFolder.make()
    await mkdir(join(folder.path, 'photos'))
    await writeFile(join(folder.path, 'photos', '1.jpg'), await sampleFile(1))
    await using hub = await Hub.start(deployment.server)
    const yaml = `server: { host: 127.0.0.1, port: ${hub.port} }
credentials: ${deployment.agentFolder}
cameras: { hall: photos/ }`
    const config = parseAgentConfig(yaml, join(folder.path, 'agent.yaml'))
    const clock = new ManualClock(Date.now())
    await using agent = await Agent.start(config, { log: silentLog, clock })
    const call = await hub.call()
    await call.welcome()
    await agent.watched
    expect(agent.status().uplink).toBe('open')
    await clock.advance(15_000)
    let told = await call.next()
    while (told?.type === 'match' || told?.type === 'ping') told = await call.next()
    const cameras = [{ camera: 'hall', given: expect.any(Number) }]
    expect(told).toMatchObject({ type: 'fares', cameras, dropped: 0 })
  })
})
