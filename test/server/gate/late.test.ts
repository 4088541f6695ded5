import { skewOf, takenAt } from '@vedette/server/gate/timing'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { helloOf, matchOf } from '../../support/server-client.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { TestGate } from '../../support/server-gate.ts'

const HOUR = 3_600_000
const deployment = await Deployment.found()

let door: TestGate

beforeEach(async () => {
  door = await TestGate.open(deployment)
})

afterEach(() => door[Symbol.asyncDispose]())

afterAll(() => deployment[Symbol.asyncDispose]())

describe('the clock of an agent', () => {
  it.each([
    ['as good as right', 1500, 0],
    ['a moment fast', -1500, 0],
    ['five minutes slow', 300_000, 300_000],
    ['five minutes fast', -300_000, -300_000],
    ['a day slow', 24 * HOUR, 24 * HOUR],
    ['more than a day slow', 24 * HOUR + 1, undefined],
    ['more than a day fast', -24 * HOUR - 1, undefined],
  ])('%s', (_what, behind, skew) => {
    expect(skewOf(1e12 - behind, 1e12)).toBe(skew)
  })

  it('never puts a picture after its arrival', () => {
    expect(takenAt(1000, 0, 900)).toBe(900)
    expect(takenAt(1000, -300, 900)).toBe(700)
  })

  it.each([
    ['slow', 300_000],
    ['fast', -300_000],
  ])('may be five minutes %s: what it saw is put right', async (_what, behind) => {
    const now = door.clock.now()
    using agent = await door.welcome('gate-7', { sentAt: now - behind })
    agent.say(matchOf(1, { capturedAt: now - behind - 40 }))
    await door.probed(1)
    expect(door.probes[0]).toMatchObject({ capturedAt: now - 40, receivedAt: now })
  })

  it.each([
    ['slow', 24 * HOUR + 60_000],
    ['fast', -24 * HOUR - 60_000],
  ])(
    'more than a day %s is refused, by a reason of its own, and nothing is stored',
    async (_what, behind) => {
      using agent = await door.dial()
      agent.say(helloOf({ sentAt: door.clock.now() - behind }))
      expect(await agent.ended()).toMatchObject([{ type: 'goodbye', reason: 'clock' }])
      expect(await door.book.line('agent.left')).toMatchObject({ agent: 'gate-7', reason: 'clock' })
      expect([door.gate.sessions.connected, door.welcomed]).toEqual([[], []])
    },
  )
})

describe('an outbox at the gate', () => {
  const outbox = { stream: 'a', first: 1 }

  it('has what comes again acknowledged, and not judged again', async () => {
    using first = await door.welcome('gate-7', { outbox })
    for (const seq of [1, 2]) first.say(matchOf(seq))
    await door.probed(2)
    first.socket.destroy()
    using second = await door.welcome('gate-7', { outbox })
    for (const seq of [1, 2, 3]) second.say(matchOf(seq))
    await door.probed(3)
    door.clock.advance(40)
    await second.settled()
    expect(door.probes.map(({ track }) => track)).toEqual(['track-1', 'track-2', 'track-3'])
    const acks = second.heard.flatMap((message) => (message.type === 'ack' ? message.seq : []))
    expect(acks).toEqual([1, 2, 3])
  })

  it('is told how far it has come', async () => {
    using first = await door.welcome('gate-7', { outbox })
    first.say(matchOf(1))
    await door.probed(1)
    first.socket.destroy()
    using second = await door.welcome('gate-7', { outbox })
    expect(second.heard[0]).toMatchObject({ type: 'welcome', done: 1 })
    using other = await door.welcome('gate-7', { outbox: { stream: 'b', first: 1 } })
    expect(other.heard[0]).toMatchObject({ type: 'welcome', done: 0 })
  })

  it('still must rise within a connection', async () => {
    using agent = await door.welcome('gate-7', { outbox })
    for (const seq of [2, 1]) agent.say(matchOf(seq))
    expect((await agent.ended()).at(-1)).toEqual({ type: 'goodbye', reason: 'protocol' })
    expect(await door.book.line('agent.cut')).toMatchObject({ code: 'session.sequence' })
    expect(door.probes).toHaveLength(1)
  })

  it('of an agent that says nothing of it means nothing beyond its connection', async () => {
    for (let i = 0; i < 2; i++) {
      using agent = await door.welcome('gate-7')
      agent.say(matchOf(1))
      await door.probed(i + 1)
    }
    expect(door.probes).toHaveLength(2)
  })

  it('counts what came late', async () => {
    using agent = await door.welcome('gate-7', { outbox })
    const now = door.clock.now()
    for (const [i, age] of [10_000, 10_001, 900_000].entries()) {
      agent.say(matchOf(i + 1, { capturedAt: now - age }))
    }
    await door.probed(3)
    expect(await door.metrics.metrics()).toContain('vedette_gate_late_total 2')
  })
})
