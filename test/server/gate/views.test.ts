import type { More, Unviewed, View } from '@vedette/shared/message'
import { MOST_LIVE_FACES } from '@vedette/shared/message'
import { afterAll, describe, expect, it } from 'vitest'
import { helloOf, matchOf } from '../../support/server-client.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { TestGate } from '../../support/server-gate.ts'
import { jpegHeader } from '../../support/server-jpeg.ts'
import { viewOf } from '../../support/server-live.ts'

const deployment = await Deployment.found()
afterAll(() => deployment[Symbol.asyncDispose]())

/** The header of a picture, and more of it than goes into one piece. */
const whole = Buffer.concat([jpegHeader(320, 180), Buffer.alloc(5000, 7)])
const halves = (bytes: Buffer) =>
  [bytes.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2)] as const
const more = (picture: Buffer): More => ({ type: 'more', n: 9, picture })
const begun = (rest: number) => viewOf(0, { picture: whole.subarray(0, 2000), rest })

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

  it('comes in pieces, each said to be taken, and is handed on when it is whole', async () => {
    const { gate, seen } = await gateSeeing()
    await using _gate = gate
    using agent = await gate.welcome('gate-7', { live: 'on' })
    const [first, second, third] = [whole.subarray(0, 2000), ...halves(whole.subarray(2000))]
    // The first of these two is given up: another begins.
    agent.say(viewOf(0, { picture: first, rest: second.length + third.length }))
    agent.say(viewOf(1, { picture: first, rest: second.length + third.length, camera: 'south' }))
    agent.say({ type: 'more', n: 2, picture: second })
    await agent.hears('viewed', 2)
    expect(seen).toEqual([])
    agent.say({ type: 'more', n: 3, picture: third })
    await agent.hears('viewed', 3)
    const [[, view]] = seen as [[string, View]]
    expect(seen).toHaveLength(1)
    expect([view.camera, Buffer.compare(view.picture, whole), 'rest' in view]).toEqual([
      ...['south', 0, false],
    ])
  })

  it.each<[string, (View | More)[]]>([
    ['of no picture', [more(whole)]],
    ['after the last', [begun(100), more(whole.subarray(0, 100)), more(whole)]],
    ['longer than what is missing', [begun(1000), more(whole.subarray(0, 1001))]],
    ['too small', [begun(3000), more(whole.subarray(0, 1023))]],
    ['empty', [begun(3000), more(whole.subarray(0, 0))]],
    ['too small, the first', [viewOf(0, { rest: 3000 })]],
    ['of a picture that is too large', [begun(64 * 1024 - 1999)]],
  ])('in pieces that do not fit ends the talk, and nobody sees it: %s', async (_what, said) => {
    const { gate, seen } = await gateSeeing()
    await using _gate = gate
    using agent = await gate.welcome('gate-7', { live: 'on' })
    agent.say(...said)
    expect((await agent.ended()).at(-1)).toEqual({ type: 'goodbye', reason: 'protocol' })
    expect(await gate.book.line('agent.cut')).toMatchObject({ code: 'view.piece' })
    expect(seen.filter(([, { type }]) => type !== 'view')).toEqual([])
    expect(seen).toHaveLength(_what === 'after the last' ? 1 : 0)
  })

  it('in pieces that make no picture ends the talk, and nobody sees it', async () => {
    const { gate, seen } = await gateSeeing()
    await using _gate = gate
    using agent = await gate.welcome('gate-7', { live: 'on' })
    agent.say(viewOf(0, { picture: Buffer.alloc(2000), rest: 1 }), more(Buffer.alloc(1)))
    expect((await agent.ended()).at(-1)).toEqual({ type: 'goodbye', reason: 'protocol' })
    expect(await gate.book.line('agent.cut')).toMatchObject({ code: 'chip.not-jpeg' })
    expect(seen).toEqual([])
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
    ['message.invalid', { rest: -1 }],
    ['message.invalid', { rest: 64 * 1024 + 1 }],
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
