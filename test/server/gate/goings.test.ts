import { BUSY_SINCE, type GoodbyeReason } from '@vedette/shared/message'
import { createMetrics, type Metrics } from '@vedette/shared/metrics'
import { afterAll, describe, expect, it } from 'vitest'
import { CAMERA, helloOf, matchOf } from '../../support/server-client.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { limitsOf, TestGate } from '../../support/server-gate.ts'

const deployment = await Deployment.found()

afterAll(() => deployment[Symbol.asyncDispose]())

const FLAPPING = { flapping: { connections: 15, within: 60_000, wait: 300_000 } }

async function closed(metrics: Metrics): Promise<Record<string, number>> {
  const { values = [] } = (await metrics.getSingleMetric('vedette_gate_closed_total')?.get()) ?? {}
  return Object.fromEntries(values.map(({ labels, value }) => [labels.reason, value]))
}

/** A gate whose questions are answered when the test says so. */
async function slowGate() {
  const answers: (() => void)[] = []
  const answer = () => new Promise<void>((resolve) => answers.push(resolve))
  const metrics = createMetrics('server')
  const door = await TestGate.open(deployment, { answer, metrics })
  return { door, answers, metrics }
}

const settle = async () => {
  for (let i = 0; i < 5; i++) await new Promise(setImmediate)
}

describe('a gate that stops', () => {
  it('answers what it has taken before it says goodbye', async () => {
    const { door, answers } = await slowGate()
    using agent = await door.welcome('gate-7', { protocol: BUSY_SINCE, cameras: [CAMERA] })
    agent.say(matchOf(1), matchOf(2))
    await door.probed(2)
    const stopping = door.gate[Symbol.asyncDispose]()
    agent.say(matchOf(3))
    await agent.settled()
    expect(door.probes).toHaveLength(2)
    for (const done of answers) done()
    await settle()
    door.clock.advance(40)
    const heard = (await agent.ended()).filter(({ type }) => type !== 'pong')
    expect(heard.slice(1)).toEqual([
      { type: 'ack', seq: 1 },
      { type: 'ack', seq: 2 },
      { type: 'goodbye', reason: 'shutdown', retryAfter: 0 },
    ])
    await stopping
  })

  it('waits ten seconds for that and no longer', async () => {
    const { door } = await slowGate()
    using agent = await door.welcome()
    agent.say(matchOf(1))
    await door.probed(1)
    const stopping = door.gate[Symbol.asyncDispose]()
    door.clock.advance(9999)
    await agent.settled()
    door.clock.advance(1)
    expect((await agent.ended()).at(-1)).toMatchObject({ type: 'goodbye', reason: 'shutdown' })
    await stopping
  })

  it('spreads the return of a fleet, and lets one agent come back at once', async () => {
    const door = await TestGate.open(deployment)
    const names = Array.from({ length: 20 }, (_, i) => `gate-${i}`)
    const agents = await Promise.all(names.map((name) => door.welcome(name)))
    await door.gate[Symbol.asyncDispose]()
    const waits = await Promise.all(
      agents.map(async (agent) => (await agent.hears('goodbye')).retryAfter ?? Number.NaN),
    )
    const gaps = waits.toSorted((a, b) => a - b).map((wait, i, all) => wait - (all[i - 1] ?? 0))
    expect(Math.max(...waits)).toBeLessThanOrEqual(19 * 40)
    for (const gap of gaps.slice(1)) expect(Math.abs(gap - 38)).toBeLessThanOrEqual(1)
  })
})

describe('an agent that connects more than fifteen times in a minute', () => {
  it('is kept out for five minutes, and told so', async () => {
    await using door = await TestGate.open(deployment, { limits: limitsOf(FLAPPING) })
    for (let i = 0; i < 15; i++) {
      using agent = await door.welcome()
      agent.say({ type: 'goodbye', reason: 'shutdown' })
      await agent.ended()
      door.clock.advance(1000)
    }
    using agent = await door.dial()
    agent.say(helloOf())
    const goodbye = { type: 'goodbye', reason: 'flapping', retryAfter: 300_000 }
    expect(await agent.ended()).toEqual([goodbye])
    door.clock.advance(299_000)
    using again = await door.dial()
    again.say(helloOf())
    expect(await again.ended()).toEqual([{ ...goodbye, retryAfter: 1000 }])
    expect(door.welcomed).toHaveLength(15)
    using other = await door.welcome('gate-8')
    await other.settled()
    door.clock.advance(1000)
    using back = await door.welcome()
    await back.settled()
  })

  it('is not one that connects fifteen times a minute for an hour', async () => {
    await using door = await TestGate.open(deployment, { limits: limitsOf(FLAPPING) })
    for (let i = 0; i < 60; i++) {
      using agent = await door.welcome()
      agent.say({ type: 'goodbye', reason: 'shutdown' })
      await agent.ended()
      door.clock.advance(4001)
    }
    expect(door.welcomed).toHaveLength(60)
  })
})

describe('every ending is counted by its reason:', () => {
  it.each<[string, (door: TestGate) => Promise<unknown>]>([
    [
      'left',
      async (door) => {
        using agent = await door.welcome()
        agent.say({ type: 'goodbye', reason: 'shutdown' })
        return agent.ended()
      },
    ],
    ['lost', async (door) => (await door.welcome()).socket.destroy()],
    ['lost', async (door) => (await door.welcome()).socket.end()],
    [
      'protocol',
      async (door) => {
        using agent = await door.welcome()
        agent.say(helloOf())
        return agent.ended()
      },
    ],
    [
      'internal' satisfies GoodbyeReason,
      async (door) => {
        using agent = await door.welcome()
        agent.say(matchOf(1))
        return agent.ended()
      },
    ],
    [
      'version',
      async (door) => {
        using agent = await door.dial()
        agent.say(helloOf({ protocol: 99 }))
        return agent.ended()
      },
    ],
    [
      'silent',
      async (door) => {
        using agent = await door.welcome()
        door.clock.advance(37_500)
        return agent.ended()
      },
    ],
  ])('%s', async (reason, end) => {
    const metrics = createMetrics('server')
    const answer = () => Promise.reject(new RangeError('broken'))
    await using door = await TestGate.open(deployment, { metrics, answer })
    await end(door)
    await door.deserted()
    await settle()
    expect(await closed(metrics)).toEqual({ [reason]: 1 })
  })

  it('shutdown and replaced', async () => {
    const metrics = createMetrics('server')
    const door = await TestGate.open(deployment, { metrics })
    using first = await door.welcome()
    using second = await door.welcome()
    await first.ended()
    await door.gate[Symbol.asyncDispose]()
    await second.ended()
    expect(await closed(metrics)).toEqual({ replaced: 1, shutdown: 1 })
  })
})
