import type { Unviewed, View } from '@vedette/shared/message'
import { MOST_LIVE_FACES } from '@vedette/shared/message'
import { afterAll, describe, expect, it } from 'vitest'
import { helloOf, matchOf } from '../../support/server-client.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { TestGate } from '../../support/server-gate.ts'
import { jpegHeader } from '../../support/server-jpeg.ts'
import { viewOf } from '../../support/server-live.ts'

const deployment = await Deployment.found()
afterAll(() => deployment[Symbol.asyncDispose]())

async function gateSeeing() {
  const seen: [string, View | Unviewed][] = []
  const gate = await TestGate.open(deployment, {
    onView: (agent, view) => void seen.push([agent, view]),
    onUnviewed: (agent, unviewed) => void seen.push([agent, unviewed]),
  })
  return { gate, seen }
}

describe('a live picture at the gate', () => {
  it('is handed on under the agent’s own name, and said to be taken', async () => {
    const { gate, seen } = await gateSeeing()
    await using _gate = gate
    using agent = await gate.welcome('gate-7', { live: 'on' })
    agent.say(viewOf(0), { type: 'unviewed', camera: 'south', code: 'camera.stalled' })
    expect(await agent.hears('viewed')).toEqual({ type: 'viewed', n: 0 })
    await agent.settled()
    expect(seen.map(([name, { type, camera }]) => [name, type, camera])).toEqual([
      ['gate-7', 'view', 'north'],
      ['gate-7', 'unviewed', 'south'],
    ])
  })

  it('was taken when our clock says, whatever the agent’s says', async () => {
    const { gate, seen } = await gateSeeing()
    await using _gate = gate
    const now = gate.clock.now()
    using agent = await gate.welcome('gate-7', { live: 'on', sentAt: now - 3_600_000 })
    agent.say(viewOf(0, { capturedAt: now - 3_600_000 - 400 }))
    agent.say(viewOf(1, { capturedAt: now + 9_000_000 }))
    await agent.hears('viewed', 1)
    const times = seen.map(([, view]) => view.type === 'view' && view.capturedAt - now)
    expect(times).toEqual([-400, 0])
  })

  it.each<[string, object]>([
    ['session.unknown-camera', { camera: 'attic' }],
    ['chip.not-jpeg', { picture: Buffer.from('no picture at all') }],
    ['chip.too-large', { picture: jpegHeader(961, 540) }],
    ['body.binary-too-long', { picture: Buffer.alloc(64 * 1024 + 1) }],
    ['message.invalid', { faces: Array.from({ length: MOST_LIVE_FACES + 1 }, face) }],
    ['message.invalid', { faces: [{ ...face(), poor: 'ugly' }] }],
    ['message.invalid', { faces: [{ ...face(), name: 'Anna Example' }] }],
    ['message.invalid', { width: 0 }],
    ['message.invalid', { n: -1 }],
  ])('that breaks the protocol ends the talk, and nobody sees it: %s', async (code, more) => {
    const { gate, seen } = await gateSeeing()
    await using _gate = gate
    using agent = await gate.welcome('gate-7', { live: 'on' })
    agent.say(viewOf(0, more))
    expect((await agent.ended()).at(-1)).toEqual({ type: 'goodbye', reason: 'protocol' })
    expect(await gate.book.line('agent.cut')).toMatchObject({ code, agent: 'gate-7' })
    expect(seen).toEqual([])
  })

  it('before hello ends the talk', async () => {
    const { gate, seen } = await gateSeeing()
    await using _gate = gate
    using agent = await gate.dial()
    agent.say(viewOf(0))
    expect((await agent.ended()).at(-1)).toEqual({ type: 'goodbye', reason: 'protocol' })
    expect(seen).toEqual([])
  })

  it('is read no faster than anybody can ask for, and keeps no other agent waiting', async () => {
    const { gate, seen } = await gateSeeing()
    await using _gate = gate
    using greedy = await gate.welcome('gate-7', { live: 'on' })
    using other = await gate.welcome('gate-8')
    for (let n = 0; n < 200; n++) greedy.say(viewOf(n))
    // Two cameras: twenty a second, and two seconds' worth saved up.
    await greedy.hears('viewed', 39)
    other.say(matchOf(0))
    await gate.probed(1)
    await other.settled()
    expect(seen).toHaveLength(40)
    gate.clock.advance(1000)
    await greedy.hears('viewed', 40)
  })
})

describe('a camera can be looked through', () => {
  it.each([
    ['on', 'north', helloOf({ live: 'on' })],
    ['off', 'north', helloOf({ live: 'off' })],
    ['old', 'north', helloOf()],
    ['not-announced', 'attic', helloOf({ live: 'on' })],
  ])('or not, as its agent said: %s', async (viewing, camera, hello) => {
    const { gate } = await gateSeeing()
    await using _gate = gate
    using _agent = await gate.welcome('gate-7', hello)
    expect(gate.gate.sessions.viewing({ agent: 'gate-7', camera })).toBe(viewing)
    expect(gate.gate.sessions.viewing({ agent: 'gate-9', camera })).toBe('away')
  })
})

function face() {
  return { track: 't', box: [0, 0, 1, 1] as [number, number, number, number], asked: 0 }
}
