import type { Trouble } from '@vedette/shared/message'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CAMERA, matchOf } from '../../support/server-client.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { TestGate } from '../../support/server-gate.ts'
import { jpegHeader } from '../../support/server-jpeg.ts'

let deployment: Deployment

beforeAll(async () => {
  deployment = await Deployment.found()
})

afterAll(() => deployment[Symbol.asyncDispose]())

const trouble = (seq: number, more: Partial<Trouble> = {}): Trouble => ({
  ...{ type: 'trouble', seq, camera: CAMERA, kind: 'covered', over: false },
  ...{ since: 1_763_650_000_000, at: 1_763_650_006_000, picture: jpegHeader(320, 180) },
  ...more,
})

async function gateHearing() {
  const heard: { agent: string; trouble: Trouble }[] = []
  const gate = await TestGate.open(deployment, {
    onTrouble: async (agent, said) => void heard.push({ agent, trouble: said }),
  })
  return { gate, heard }
}

describe('a trouble at the gate', () => {
  it('is taken under the agent’s own name, and acknowledged on the beat when it is dealt with', async () => {
    const { gate, heard } = await gateHearing()
    await using _gate = gate
    using agent = await gate.welcome()
    agent.say(trouble(0), trouble(1, { over: true }))
    await agent.settled()
    expect(heard.map(({ agent: name, trouble: said }) => [name, said.kind, said.over])).toEqual([
      ['gate-7', 'covered', false],
      ['gate-7', 'covered', true],
    ])
    expect(agent.heard.filter(({ type }) => type === 'ack')).toEqual([])
    gate.clock.advance(40)
    expect(await agent.hears('ack', 1)).toEqual({ type: 'ack', seq: 1 })
  })

  it.each([
    ['session.unknown-camera', trouble(0, { camera: 'elsewhere' })],
    ['chip.not-jpeg', trouble(0, { picture: Buffer.from('not a picture at all') })],
    ['chip.too-large', trouble(0, { picture: jpegHeader(4000, 3000) })],
    ['message.invalid', { ...trouble(0), kind: 'bored' } as unknown as Trouble],
    ['message.invalid', { ...trouble(0), since: -1 }],
  ])('that breaks the protocol ends the talk: %s', async (code, bad) => {
    const { gate, heard } = await gateHearing()
    await using _gate = gate
    using agent = await gate.welcome()
    agent.say(bad)
    expect((await agent.ended()).at(-1)).toEqual({ type: 'goodbye', reason: 'protocol' })
    expect(await gate.book.line('agent.cut')).toMatchObject({ code, agent: 'gate-7' })
    expect(heard).toEqual([])
  })

  it('counts with the questions: a number that was there already is refused', async () => {
    const { gate, heard } = await gateHearing()
    await using _gate = gate
    using agent = await gate.welcome()
    agent.say(matchOf(5), trouble(5))
    await agent.ended()
    expect(await gate.book.line('agent.cut')).toMatchObject({ code: 'session.sequence' })
    expect(heard).toEqual([])
  })
})

describe('a canary at the gate', () => {
  const mark = { id: 'c-1', issuedAt: 1_763_650_000_000, token: Uint8Array.of(1, 2, 3) }
  const canary = { type: 'canary', camera: CAMERA, mark } as const

  it('is asked of agents that know it, and of no others', async () => {
    await using gate = await TestGate.open(deployment)
    using knowing = await gate.welcome('gate-7', { canary: true })
    using older = await gate.welcome('gate-8')
    expect(gate.gate.sessions.checkable).toEqual([
      { agent: 'gate-7', camera: CAMERA },
      { agent: 'gate-7', camera: 'south' },
    ])
    gate.gate.sessions.ask('gate-7', canary)
    gate.gate.sessions.ask('gate-9', canary)
    expect(await knowing.hears('canary')).toMatchObject({ camera: CAMERA, mark: { id: 'c-1' } })
    await older.settled()
    expect(older.heard.some(({ type }) => type === 'canary')).toBe(false)
  })

  it('comes back with the question, mark and all', async () => {
    await using gate = await TestGate.open(deployment)
    using agent = await gate.welcome('gate-7', { canary: true })
    agent.say({ ...matchOf(0), canary: mark })
    await gate.probed(1)
    expect(gate.probes[0]).toMatchObject({ agent: 'gate-7', camera: CAMERA, canary: { id: 'c-1' } })
  })
})
