import { once } from 'node:events'
import { connect } from 'node:net'
import type { Alert } from '@vedette/server/store/alerts'
import { IntegrityFault, Unavailable } from '@vedette/shared/errors'
import { BUSY_SINCE, PROTOCOL } from '@vedette/shared/message'
import { afterAll, describe, expect, it } from 'vitest'
import { helloOf, matchOf, type ScriptedAgent } from '../../support/server-client.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { TestGate } from '../../support/server-gate.ts'
import { newAlert, UNJUDGED } from '../../support/server-store.ts'

const deployment = await Deployment.found()

afterAll(() => deployment[Symbol.asyncDispose]())

const BEAT = 40

/** Promises that a test keeps, in the order in which they were asked for. */
class Answers {
  readonly given: PromiseWithResolversLike[] = []
  readonly give = (): Promise<void> => {
    const answer = withResolvers()
    this.given.push(answer)
    return answer.promise
  }
}

type PromiseWithResolversLike = {
  promise: Promise<void>
  resolve(): void
  reject(error: unknown): void
}

function withResolvers(): PromiseWithResolversLike {
  let [resolve, reject]: [() => void, (error: unknown) => void] = [() => {}, () => {}]
  const promise = new Promise<void>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

const acked = (agent: ScriptedAgent) =>
  agent.heard.flatMap((message) => (message.type === 'ack' ? [message.seq] : []))

describe('an agent that says hello', () => {
  it('is welcome, with the time and how often to speak', async () => {
    await using door = await TestGate.open(deployment)
    using agent = await door.dial()
    const hello = helloOf({ sentAt: door.clock.now() - 1500 })
    agent.say(hello)
    const welcome = await agent.hears('welcome')
    expect(welcome).toEqual({
      type: 'welcome',
      protocol: PROTOCOL,
      session: expect.stringMatching(/^[0-9a-f-]{36}$/),
      heartbeat: 15_000,
      now: door.clock.now(),
    })
    const { serial } = door.welcomed[0]!
    expect(await deployment.ledger.find(serial)).toMatchObject({ role: 'agent', name: 'gate-7' })
    expect(door.welcomed).toEqual([{ name: 'gate-7', serial, address: '127.0.0.1', hello }])
    expect(door.gate.sessions.connected).toEqual(['gate-7'])
    expect(door.gate.sessions.cameras.map(({ agent }) => agent)).toContain('gate-7')
    expect(await door.book.line('agent.welcome')).toMatchObject({
      agent: 'gate-7',
      serial,
      skew: 1500,
    })
  })

  it('is not welcome while its hello cannot be written down, and the reason is logged', async () => {
    const onWelcome = () => Promise.reject(new Unavailable('store.busy', 'locked'))
    await using door = await TestGate.open(deployment, { onWelcome })
    using agent = await door.dial()
    agent.say(helloOf())
    expect(await agent.ended()).toEqual([{ type: 'goodbye', reason: 'internal' }])
    expect(await door.book.line('agent.cut')).toMatchObject({ code: 'store.busy' })
    expect(door.gate.sessions.connected).toEqual([])
  })

  it('may ask in the same breath, above the limit for strangers', async () => {
    await using door = await TestGate.open(deployment)
    using agent = await door.dial()
    const chip = Buffer.concat([Buffer.from(matchOf(1).chip), Buffer.alloc(30_000)])
    agent.say(helloOf(), matchOf(1, { chip }))
    await door.probed(1)
    expect(door.probes[0]?.chip).toHaveLength(chip.length)
  })

  it('is answered when it pings, and gone when it says goodbye', async () => {
    await using door = await TestGate.open(deployment)
    using agent = await door.welcome()
    agent.say({ type: 'ping', n: 77 }, { type: 'pong', n: 5 })
    expect(await agent.hears('pong')).toEqual({ type: 'pong', n: 77 })
    agent.say({ type: 'goodbye', reason: 'shutdown' })
    expect((await agent.ended()).map(({ type }) => type)).toEqual(['welcome', 'pong'])
    expect(await door.book.line('agent.left')).toMatchObject({
      agent: 'gate-7',
      reason: 'shutdown',
    })
    expect(door.gate.sessions.connected).toEqual([])
  })

  it('is gone when it is silent for two heartbeats and a half', async () => {
    await using door = await TestGate.open(deployment)
    using agent = await door.welcome()
    door.clock.advance(30_000)
    await agent.settled()
    door.clock.advance(37_499)
    expect(door.gate.sessions.connected).toEqual(['gate-7'])
    door.clock.advance(1)
    expect((await agent.ended()).at(-1)).toEqual({ type: 'goodbye', reason: 'silent' })
    expect(await door.book.line('agent.left')).toBeDefined()
    expect(door.gate.sessions.connected).toEqual([])
  })

  it('takes the place of its own earlier session, which is told so', async () => {
    await using door = await TestGate.open(deployment)
    using first = await door.welcome()
    using other = await door.welcome('gate-8')
    using second = await door.welcome()
    expect((await first.ended()).at(-1)).toEqual({ type: 'goodbye', reason: 'replaced' })
    await door.book.line('agent.left')
    expect(door.gate.sessions.connected.sort()).toEqual(['gate-7', 'gate-8'])
    second.say(matchOf(1))
    await door.probed(1)
    await Promise.all([second.settled(), other.settled()])
  })
})

describe('an acknowledgement', () => {
  it('says the number and nothing else, of a match and of a miss alike', async () => {
    await using door = await TestGate.open(deployment)
    using agent = await door.welcome()
    agent.say(matchOf(3), matchOf(17))
    await door.probed(2)
    door.clock.advance(BEAT)
    await agent.hears('ack', 1)
    const acks = agent.heard.filter(({ type }) => type === 'ack')
    expect(acks).toEqual([
      { type: 'ack', seq: 3 },
      { type: 'ack', seq: 17 },
    ])
  })

  it('leaves at the same instant for a match that took long and a miss that did not', async () => {
    const answers = new Answers()
    await using door = await TestGate.open(deployment, { answer: answers.give })
    using agent = await door.welcome()
    agent.say(matchOf(1), matchOf(2))
    await door.probed(2)
    const [match, miss] = answers.given
    miss!.resolve()
    door.clock.advance(BEAT - 1)
    match!.resolve()
    await agent.settled()
    expect(acked(agent)).toEqual([])
    door.clock.advance(1)
    await agent.hears('ack', 1)
    expect(acked(agent).sort()).toEqual([1, 2])
  })

  it('waits for the next beat when the work took longer, and never comes before it is done', async () => {
    const answers = new Answers()
    await using door = await TestGate.open(deployment, { answer: answers.give })
    using agent = await door.welcome()
    agent.say(matchOf(1))
    await door.probed(1)
    door.clock.advance(BEAT + 1)
    await agent.settled()
    expect(acked(agent)).toEqual([])
    answers.given[0]!.resolve()
    await new Promise(setImmediate)
    door.clock.advance(BEAT - 2)
    await agent.settled()
    expect(acked(agent)).toEqual([])
    door.clock.advance(1)
    expect(await agent.hears('ack')).toEqual({ type: 'ack', seq: 1 })
  })

  it('never comes for what failed: the session ends, and the log says why', async () => {
    const answers = new Answers()
    await using door = await TestGate.open(deployment, { answer: answers.give })
    using agent = await door.welcome()
    using other = await door.welcome('gate-8')
    agent.say(matchOf(1))
    await door.probed(1)
    answers.given[0]!.reject(
      new IntegrityFault('vault.changed', 'entries/1/wrappedKey was changed'),
    )
    const heard = await agent.ended()
    expect(heard.map(({ type }) => type)).toEqual(['welcome', 'goodbye'])
    expect(heard.at(-1)).toEqual({ type: 'goodbye', reason: 'internal' })
    expect(await door.book.line('agent.cut')).toMatchObject({
      agent: 'gate-7',
      code: 'vault.changed',
    })
    await other.settled()
  })

  it('leaves questions of an agent that knows no busy in the socket while 64 are open', async () => {
    const answers = new Answers()
    await using door = await TestGate.open(deployment, { answer: answers.give })
    using agent = await door.welcome('gate-7', { protocol: BUSY_SINCE - 1 })
    for (let seq = 0; seq < 100; seq++) agent.say(matchOf(seq))
    await door.probed(64)
    for (let i = 0; i < 20; i++) await new Promise(setImmediate)
    expect(door.probes).toHaveLength(64)
    for (let i = 0; i < 100; i++) {
      answers.given[i]!.resolve()
      await door.probed(Math.min(100, 65 + i))
    }
    door.clock.advance(BEAT)
    await agent.hears('ack', 99)
    expect(acked(agent)).toEqual(Array.from({ length: 100 }, (_, seq) => seq))
  })
})

describe('an alert', () => {
  it('is announced to those that may from the moment on in which they may', async () => {
    await using door = await TestGate.open(deployment, { announce: { before: 'all' } })
    using before = await door.welcome('before', { announce: true })
    using after = await door.welcome('after', { announce: true })
    door.gate.sessions.useAnnounce({ after: 'all' })
    const { id, ...rest } = newAlert('entry')
    const open = { acknowledgedAt: null, acknowledgedBy: null, place: null, ...UNJUDGED }
    const alert = { ...rest, ...open, id, incident: id, state: 'open', shots: 1 } as const
    door.gate.sessions.announce(alert, 'Anna Ω')
    expect(await after.hears('alert')).toMatchObject({ id })
    await before.settled()
    expect(before.heard.map(({ type }) => type)).not.toContain('alert')
  })

  it('is announced to the agents that may and want to, and to nobody else', async () => {
    const announce = { own: 'own', all: 'all', mute: 'all', away: 'all' } as const
    await using door = await TestGate.open(deployment, { announce })
    using own = await door.welcome('own', { announce: true })
    using all = await door.welcome('all', { announce: true })
    using mute = await door.welcome('mute', { announce: false })
    using none = await door.welcome('none', { announce: true })
    const agents = { own, all, mute, none }
    const about = (agent: string): Alert => {
      const { id, ...rest } = newAlert('entry', { agent })
      return {
        ...rest,
        id,
        incident: id,
        state: 'open',
        shots: 1,
        acknowledgedAt: null,
        acknowledgedBy: null,
        ...UNJUDGED,
        place: null,
      }
    }
    const [first, second] = [about('own'), about('none')]
    door.gate.sessions.announce(first, 'Anna Ω')
    door.gate.sessions.announce(second, 'Bert')
    for (const agent of Object.values(agents)) await agent.settled()
    const told = Object.entries(agents).map(([name, agent]) => [
      name,
      agent.heard.flatMap((message) => (message.type === 'alert' ? [message.id] : [])),
    ])
    expect(Object.fromEntries(told)).toEqual({
      own: [first.id],
      all: [first.id, second.id],
      mute: [],
      none: [],
    })
    const { id, camera, list, capturedAt } = first
    expect(await own.hears('alert')).toEqual({
      type: 'alert',
      id,
      camera,
      name: 'Anna Ω',
      list,
      capturedAt,
    })
  })
})

describe('a gate that stops', () => {
  it('says goodbye to every agent and is gone when all are', async () => {
    const door = await TestGate.open(deployment)
    const agents = await Promise.all(
      ['gate-7', 'gate-8', 'gate-9'].map((name) => door.welcome(name)),
    )
    const stopping = door.gate[Symbol.asyncDispose]()
    for (const agent of agents) {
      expect((await agent.ended()).at(-1)).toMatchObject({ type: 'goodbye', reason: 'shutdown' })
    }
    await stopping
    expect(door.gate.sessions.connected).toEqual([])
    expect(door.clock.pending).toEqual([])
  })

  it('lets nobody in any more', async () => {
    const door = await TestGate.open(deployment)
    const { port } = door
    await door.gate[Symbol.asyncDispose]()
    const socket = connect(port, '127.0.0.1')
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNREFUSED')
  })

  it('does not wait for an agent that was about to say hello', async () => {
    const door = await TestGate.open(deployment)
    using agent = await door.dial()
    await door.secured(1)
    const stopping = door.gate[Symbol.asyncDispose]()
    agent.say(helloOf())
    expect((await agent.ended()).map(({ type }) => type)).toEqual(['goodbye'])
    await stopping
    expect(door.gate.sessions.connected).toEqual([])
  })

  it('does not welcome an agent whose hello was just being written down', async () => {
    const [asked, writing] = [withResolvers(), withResolvers()]
    const onWelcome = () => {
      asked.resolve()
      return writing.promise
    }
    const door = await TestGate.open(deployment, { onWelcome })
    using agent = await door.dial()
    agent.say(helloOf())
    await asked.promise
    const stopping = door.gate[Symbol.asyncDispose]()
    writing.resolve()
    expect((await agent.ended()).map(({ type }) => type)).toEqual(['goodbye'])
    await stopping
    expect(door.gate.sessions.connected).toEqual([])
  })
})
