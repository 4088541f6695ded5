import type { GateLimits } from '@vedette/server/gate/limits'
import { BUSY_SINCE } from '@vedette/shared/message'
import { createMetrics } from '@vedette/shared/metrics'
import { afterAll, describe, expect, it } from 'vitest'
import { CAMERA, matchOf, type ScriptedAgent } from '../../support/server-client.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { limitsOf, TestGate } from '../../support/server-gate.ts'

const deployment = await Deployment.found()

afterAll(() => deployment[Symbol.asyncDispose]())

const BEAT = 40
const TEN_A_SECOND = { questions: { rate: 10, burst: 30 } }

const open = (limits: Partial<GateLimits>, more = {}) =>
  TestGate.open(deployment, { limits: limitsOf(limits), ...more })

const current = (cameras = [CAMERA]) => ({ protocol: BUSY_SINCE, cameras })

function busied(agent: ScriptedAgent): number[] {
  return agent.heard.flatMap((message) => (message.type === 'busy' ? [message.seq] : []))
}

const asks = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => matchOf(first + i))

describe('an agent that asks more than ten times a second', () => {
  it('is told to hold back, from which question on and for how long', async () => {
    const metrics = createMetrics('server')
    await using door = await open(TEN_A_SECOND, { metrics })
    using agent = await door.welcome('gate-7', current())
    agent.say(...asks(1, 40))
    await agent.hears('busy', 9)
    expect(door.probes.map(({ track }) => track)).toEqual(asks(1, 30).map(({ track }) => track))
    expect(busied(agent)).toEqual(Array.from({ length: 10 }, (_, i) => 31 + i))
    expect(await agent.hears('busy')).toEqual({ type: 'busy', seq: 31, retryAfter: 1500 })
    const { values } = (await metrics.getSingleMetric('vedette_gate_busy_total')?.get()) ?? {}
    expect(values).toMatchObject([{ value: 10 }])
    door.clock.advance(BEAT)
    await agent.hears('ack', 29)
  })

  it('is not looked at until it says that it resumes, and is in order then', async () => {
    await using door = await open(TEN_A_SECOND)
    using agent = await door.welcome('gate-7', current())
    agent.say(...asks(1, 31))
    await agent.hears('busy')
    door.clock.advance(5000)
    agent.say(...asks(32, 35))
    await agent.hears('busy', 4)
    expect(door.probes).toHaveLength(30)
    agent.say({ type: 'resume' }, ...asks(31, 35))
    await door.probed(35)
    expect(door.probes.map(({ track }) => track)).toEqual(asks(1, 35).map(({ track }) => track))
  })

  it('has thirty for each of its cameras', async () => {
    await using door = await open(TEN_A_SECOND)
    using agent = await door.welcome('gate-7', current([CAMERA, 'south', 'west']))
    agent.say(...asks(1, 91))
    expect(await agent.hears('busy')).toMatchObject({ seq: 91 })
    expect(door.probes).toHaveLength(90)
  })

  it('is held to the protocol while it is held back', async () => {
    await using door = await open(TEN_A_SECOND)
    using agent = await door.welcome('gate-7', current())
    agent.say(...asks(1, 31), matchOf(32, { camera: 'elsewhere' }))
    expect((await agent.ended()).at(-1)).toEqual({ type: 'goodbye', reason: 'protocol' })
    expect(await door.book.line('agent.cut')).toMatchObject({ code: 'session.unknown-camera' })
  })

  it('is read four times a second when it goes on all the same', async () => {
    await using door = await open(TEN_A_SECOND)
    using agent = await door.welcome('gate-7', current())
    agent.say(...asks(1, 100))
    await agent.hears('busy', 63)
    for (const more of [0, 1, 2]) {
      for (let i = 0; i < 10; i++) await new Promise(setImmediate)
      expect(busied(agent)).toHaveLength(64 + more)
      door.clock.advance(249)
      for (let i = 0; i < 10; i++) await new Promise(setImmediate)
      expect(busied(agent)).toHaveLength(64 + more)
      door.clock.advance(1)
      await agent.hears('busy', 64 + more)
    }
    expect(door.probes).toHaveLength(30)
  })

  it('does not keep another waiting', async () => {
    await using door = await open(TEN_A_SECOND)
    using greedy = await door.welcome('greedy', current())
    using modest = await door.welcome('modest', current())
    greedy.say(...asks(1, 200))
    await greedy.hears('busy', 63)
    modest.say(matchOf(1))
    await door.probed(31)
    expect(door.probes.at(-1)?.agent).toBe('modest')
    expect(busied(modest)).toEqual([])
  })

  it('is read more slowly when it is too old to be told', async () => {
    await using door = await open({ questions: { rate: 10, burst: 5 } })
    using agent = await door.welcome('gate-7', { protocol: BUSY_SINCE - 1, cameras: [CAMERA] })
    agent.say(...asks(1, 8))
    await door.probed(5)
    for (let more = 1; more <= 3; more++) {
      for (let i = 0; i < 10; i++) await new Promise(setImmediate)
      expect(door.probes).toHaveLength(4 + more)
      door.clock.advance(99)
      await new Promise(setImmediate)
      expect(door.probes).toHaveLength(4 + more)
      door.clock.advance(1)
      await door.probed(5 + more)
    }
    expect(busied(agent)).toEqual([])
  })
})

describe('an agent of which 64 questions wait', () => {
  it('is told to hold back with the next', async () => {
    const answers: (() => void)[] = []
    const answer = () => new Promise<void>((resolve) => answers.push(resolve))
    await using door = await open({}, { answer })
    using agent = await door.welcome('gate-7', current())
    agent.say(...asks(1, 66))
    expect(await agent.hears('busy')).toEqual({ type: 'busy', seq: 65, retryAfter: 375 })
    expect(door.probes).toHaveLength(64)
    for (const done of answers.splice(0)) done()
    await new Promise(setImmediate)
    agent.say({ type: 'resume' }, ...asks(65, 66))
    await door.probed(66)
    for (const done of answers) done()
    await new Promise(setImmediate)
    door.clock.advance(BEAT)
    await agent.hears('ack', 65)
  })
})

describe('resume', () => {
  it('breaks the protocol where nobody was told to hold back', async () => {
    await using door = await open({})
    using agent = await door.welcome('gate-7', current())
    agent.say({ type: 'resume' })
    expect((await agent.ended()).at(-1)).toEqual({ type: 'goodbye', reason: 'protocol' })
    expect(await door.book.line('agent.cut')).toMatchObject({ code: 'session.out-of-order' })
  })
})
