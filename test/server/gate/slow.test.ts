import { encodeEnvelope } from '@vedette/shared/envelope'
import { encodeMessage } from '@vedette/shared/message'
import { createMetrics } from '@vedette/shared/metrics'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { matchOf, type ScriptedAgent } from '../../support/server-client.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { TestGate } from '../../support/server-gate.ts'
import { newAlert, UNJUDGED } from '../../support/server-store.ts'

const deployment = await Deployment.found()

afterAll(() => deployment[Symbol.asyncDispose]())

const turns = async (count = 10) => {
  for (let i = 0; i < count; i++) await new Promise(setImmediate)
}

const ending = async (door: TestGate) => (await door.book.line('agent.left')).reason

const envelope = (bytes: number) => {
  const chip = Buffer.concat([Buffer.from(matchOf(1).chip), Buffer.alloc(bytes)])
  return encodeEnvelope(encodeMessage(matchOf(1, { chip })))
}

/** Sends `bytes` and makes sure that the gate has read them. */
async function dribble(door: TestGate, agent: ScriptedAgent, bytes: Uint8Array): Promise<void> {
  await new Promise((written) => agent.socket.write(bytes, written))
  await new Promise((resolve) => setTimeout(resolve, 20))
  await turns()
  expect(door.probes).toHaveLength(0)
}

describe('an agent that begins an envelope', () => {
  it('has ten seconds for the whole of it', async () => {
    await using door = await TestGate.open(deployment)
    using agent = await door.welcome()
    const whole = envelope(30_000)
    await dribble(door, agent, whole.subarray(0, 20_000))
    door.clock.advance(9999)
    await turns()
    expect(door.gate.sessions.connected).toEqual(['gate-7'])
    door.clock.advance(1)
    expect((await agent.ended()).at(-1)).toEqual({ type: 'goodbye', reason: 'slow' })
    expect(await ending(door)).toBe('slow')
    expect(door.probes).toHaveLength(0)
  })

  it('has five seconds for 5 KiB of it', async () => {
    await using door = await TestGate.open(deployment)
    using agent = await door.welcome()
    await dribble(door, agent, envelope(30_000).subarray(0, 3))
    door.clock.advance(4999)
    await turns()
    expect(door.gate.sessions.connected).toEqual(['gate-7'])
    door.clock.advance(1)
    expect((await agent.ended()).at(-1)).toEqual({ type: 'goodbye', reason: 'slow' })
  })

  it('may take its time when the envelope comes whole in time, and begin anew', async () => {
    await using door = await TestGate.open(deployment)
    using agent = await door.welcome()
    const whole = envelope(30_000)
    await dribble(door, agent, whole.subarray(0, 20_000))
    door.clock.advance(9000)
    agent.write(whole.subarray(20_000))
    await door.probed(1)
    door.clock.advance(9000)
    await agent.settled()
    expect(door.clock.pending.filter((ms) => ms < 10_000 && ms > 2000)).toEqual([])
  })
})

describe('an agent that does not take what it is told', () => {
  const about = (agent: string) => {
    const { id, ...rest } = newAlert('entry', { agent })
    const open = {
      state: 'open' as const,
      acknowledgedAt: null,
      acknowledgedBy: null,
      ...UNJUDGED,
      place: null,
    }
    return { ...rest, ...open, id, incident: id, shots: 1 }
  }

  it('is gone when a mebibyte waits for it, and the gate holds no more', async () => {
    const metrics = createMetrics('server')
    const announce = { deaf: 'all' } as const
    await using door = await TestGate.open(deployment, { announce, metrics })
    using agent = await door.welcome('deaf', { announce: true })
    using other = await door.welcome('gate-8')
    agent.socket.pause()
    vi.spyOn(agent.socket, 'read').mockReturnValue(null)
    const alert = about('deaf')
    const before = process.memoryUsage.rss()
    for (let i = 0; i < 200_000 && door.gate.sessions.connected.includes('deaf'); i++) {
      door.gate.sessions.announce(alert, 'x'.repeat(200))
      if (i % 200 === 0) await new Promise(setImmediate)
    }
    expect(await ending(door)).toBe('slow')
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 2 ** 20)
    const { values = [] } =
      (await metrics.getSingleMetric('vedette_gate_closed_total')?.get()) ?? {}
    expect(values).toMatchObject([{ labels: { reason: 'slow' }, value: 1 }])
    await other.settled()
  })

  it('is gone when it has taken nothing for ten seconds', async () => {
    const announce = { deaf: 'all' } as const
    await using door = await TestGate.open(deployment, { announce })
    using agent = await door.welcome('deaf', { announce: true })
    agent.socket.pause()
    vi.spyOn(agent.socket, 'read').mockReturnValue(null)
    const alert = about('deaf')
    const watched = () => door.clock.pending.includes(10_000)
    for (let i = 0; i < 200_000 && !watched(); i++) {
      door.gate.sessions.announce(alert, 'x'.repeat(200))
      if (i % 50 === 0) await new Promise(setImmediate)
    }
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 5))
    if (!watched()) return expect.fail('everything was taken after all')
    door.clock.advance(9999)
    await turns()
    expect(door.gate.sessions.connected).toEqual(['deaf'])
    door.clock.advance(1)
    expect(await ending(door)).toBe('slow')
  })
})
