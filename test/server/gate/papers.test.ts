import { X509Certificate } from 'node:crypto'
import { Office } from '@vedette/certs/office'
import { Papers } from '@vedette/server/gate/papers'
import { newRequest } from '@vedette/shared/certificate-request'
import { readCredentials } from '@vedette/shared/credentials'
import { createMetrics } from '@vedette/shared/metrics'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { matchOf, ScriptedAgent } from '../../support/server-client.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { TestGate } from '../../support/server-gate.ts'

const LIFE_MS = 3_600_000

const deployment = await Deployment.found()
afterAll(() => deployment[Symbol.asyncDispose]())

let door: TestGate
let office: Office
let trusted: [string, string][]
let count = 0
/** A name of its own for each test. */
let name: string

beforeEach(async () => {
  name = `gate-${++count}`
  office = await Office.open(deployment.home)
  trusted = []
  door = await TestGate.open(deployment, {
    papersOf: (clock, log) =>
      new Papers({
        office,
        agents: { trusted: async (...row) => void trusted.push(row) },
        life: LIFE_MS,
        clock,
        log,
        metrics: createMetrics('server'),
      }),
  })
  return () => door[Symbol.asyncDispose]()
})

const certificates = async () => (await office.ledger.all()).filter((entry) => entry.name === name)
const version = () => office.trust.version

describe('an agent that asks for a new certificate', () => {
  it('gets one for the key it holds, to the same name, which stands in the ledger', async () => {
    using agent = await door.welcome(name, { trust: version() })
    const { request, key } = await newRequest()
    agent.say({ type: 'renew', request })
    const { chain } = await agent.hears('renewed')
    const leaf = new X509Certificate(Buffer.from(chain))
    expect(leaf.subjectAltName).toBe(`URI:urn:vedette:agent:${name}`)
    const [former, fresh] = await certificates()
    expect(fresh!.serial).toBe(leaf.serialNumber.toLowerCase())
    expect(fresh!.serial).not.toBe(former!.serial)
    expect(Date.parse(leaf.validTo) - Date.now()).toBeLessThanOrEqual(LIFE_MS)

    const { trust } = await deployment.agent(name)
    const credentials = { chain: Buffer.from(chain).toString(), key, trust }
    using second = await ScriptedAgent.welcome(door.port, credentials)
    await second.settled()
    expect(door.book.of('certificate.renewed')).toMatchObject([
      { agent: name, former: former!.serial, serial: fresh!.serial },
    ])
  })

  it('is welcome on both connections until it leaves the former, and gets what it is owed', async () => {
    let answer = () => {}
    const answered = new Promise<void>((resolve) => {
      answer = resolve
    })
    await using slow = await TestGate.open(deployment, { answer: () => answered })
    const own = await deployment.agent(name)
    using first = await ScriptedAgent.welcome(slow.port, own)
    first.say(matchOf(1))
    await slow.probed(1)
    const { credentials } = await deployment.another('agent', name)
    using second = await ScriptedAgent.welcome(slow.port, credentials)
    first.say(matchOf(2))
    await slow.probed(2)
    second.say(matchOf(1))
    await slow.probed(3)
    answer()
    await new Promise(setImmediate)
    slow.clock.advance(100)
    await first.hears('ack', 1)
    await second.hears('ack')
    expect(slow.gate.sessions.connected).toEqual([name])
    first.say({ type: 'goodbye', reason: 'renewed' })
    await first.ended()
    await second.settled()
    expect(slow.gate.sessions.connected).toEqual([name])
  })

  it('is not on both for ever', async () => {
    using first = await door.welcome(name)
    const { credentials } = await deployment.another('agent', name)
    using second = await ScriptedAgent.welcome(door.port, credentials)
    door.clock.advance(15_000)
    expect((await first.ended()).at(-1)).toEqual({ type: 'goodbye', reason: 'replaced' })
    await second.settled()
    expect(door.gate.sessions.connected).toEqual([name])
  })

  it('is answered, and gets none, for what is no request', async () => {
    using agent = await door.welcome(name, { trust: version() })
    agent.say({ type: 'renew', request: 'gimme' })
    expect(await agent.hears('unrenewed')).toMatchObject({ code: 'request.invalid' })
    await agent.settled()
    expect(await certificates()).toHaveLength(1)
    expect(door.book.of('certificate.unrenewed')).toMatchObject([{ code: 'request.invalid' }])
  })

  it('gets none when its own is revoked, though it is still connected', async () => {
    using agent = await door.welcome(name, { trust: version() })
    const [own] = await certificates()
    await office.ledger.revoke(own!.serial, 'stolen')
    agent.say({ type: 'renew', request: (await newRequest()).request })
    expect(await agent.hears('unrenewed')).toMatchObject({ code: 'identity.revoked' })
    expect(await certificates()).toHaveLength(1)
  })

  it('gets no more than it can need', async () => {
    using agent = await door.welcome(name, { trust: version() })
    for (let i = 0; i < 4; i++) {
      agent.say({ type: 'renew', request: (await newRequest()).request })
      await agent.hears('renewed', i)
    }
    agent.say({ type: 'renew', request: (await newRequest()).request })
    expect(await agent.hears('unrenewed')).toMatchObject({ code: 'renewal.throttled' })
    expect(await certificates()).toHaveLength(5)
    door.clock.advance(10_000)
    agent.say({ type: 'renew', request: (await newRequest()).request })
    await agent.hears('renewed', 4)
  })

  it('gains nothing by coming again', async () => {
    for (let i = 0; i < 4; i++) {
      using agent = await door.welcome(name, { trust: version() })
      agent.say({ type: 'renew', request: (await newRequest()).request })
      await agent.hears('renewed')
      agent.say({ type: 'goodbye', reason: 'shutdown' })
      await agent.ended()
    }
    using last = await door.welcome(name, { trust: version() })
    last.say({ type: 'renew', request: (await newRequest()).request })
    expect(await last.hears('unrenewed')).toMatchObject({ code: 'renewal.throttled' })
  })
})

describe('an agent that is welcome', () => {
  it('is told the roots when it trusts others, and what it confirms is written down', async () => {
    using agent = await door.welcome(name, { trust: 'an older version' })
    const { roots, version: told } = await agent.hears('trust')
    expect(told).toBe(version())
    expect(Buffer.from(roots).toString()).toBe(office.trust.roots)
    agent.say({ type: 'trusted', version: told })
    await agent.settled()
    expect(trusted).toEqual([[name, told]])
    await door.gate.sessions.tellPapers()
    await agent.settled()
    expect(agent.heard.filter(({ type }) => type === 'trust')).toHaveLength(1)
  })

  it('is told nothing when all is as it should be', async () => {
    using agent = await door.welcome(name, { trust: version() })
    await agent.settled()
    expect(agent.heard.map(({ type }) => type)).toEqual(['welcome', 'pong'])
  })

  it('is told to renew when another authority signs by now', async () => {
    Object.defineProperty(office, 'standing', {
      value: { ...office.standing, signs: '00000000' },
    })
    using agent = await door.welcome(name, { trust: version() })
    expect((await agent.hears('stale')).within).toBeGreaterThan(0)
  })
})

describe('an agent whose certificate ends', () => {
  const short = async () => {
    const { credentials, folder } = await deployment.another('agent', name, LIFE_MS)
    const [leaf] = (await readCredentials(folder)).chain.split('\n\n')
    return { credentials, notAfter: Date.parse(new X509Certificate(leaf!).validTo) }
  }

  it('is cut off within five seconds, and not a moment before', async () => {
    const { credentials, notAfter } = await short()
    using agent = await ScriptedAgent.welcome(door.port, credentials)
    while (notAfter - door.clock.now() > 30_000) {
      door.clock.advance(Math.min(20_000, notAfter - door.clock.now() - 30_000))
      await agent.settled()
    }
    door.clock.advance(notAfter - door.clock.now() - 1)
    await agent.settled()
    door.clock.advance(1)
    expect((await agent.ended()).at(-1)).toEqual({ type: 'goodbye', reason: 'expired' })
    await door.deserted()
    expect(door.book.of('agent.left')).toMatchObject([{ agent: name, reason: 'expired' }])
  })

  it('is cut off two seconds after the clock was put forward', async () => {
    const { credentials, notAfter } = await short()
    using agent = await ScriptedAgent.welcome(door.port, credentials)
    door.clock.jump(notAfter + 86_400_000)
    door.clock.advance(2000)
    expect((await agent.ended()).at(-1)).toEqual({ type: 'goodbye', reason: 'expired' })
  })

  it('costs no timer once it is gone', async () => {
    const { credentials } = await short()
    using agent = await ScriptedAgent.welcome(door.port, credentials)
    agent.say({ type: 'goodbye', reason: 'shutdown' })
    await agent.ended()
    await door.deserted()
    expect(door.clock.pending).toEqual([])
  })
})

describe('an agent that is revoked', () => {
  it('is cut off on all its connections, and nothing it says is read any more', async () => {
    using first = await door.welcome(name)
    const { credentials, serial } = await deployment.another('agent', name)
    using second = await ScriptedAgent.welcome(door.port, credentials)
    using other = await door.welcome(`${name}-other`)
    for (const entry of await certificates()) await office.ledger.revoke(entry.serial, 'stolen')
    await door.gate.recheck()
    for (const agent of [first, second]) agent.say(matchOf(1))
    for (const agent of [first, second]) {
      expect((await agent.ended()).at(-1)).toEqual({ type: 'goodbye', reason: 'revoked' })
    }
    expect(door.probes).toEqual([])
    expect(door.gate.sessions.connected).toEqual([`${name}-other`])
    await other.settled()
    const lines = door.book.of('agent.left').filter((line) => line.agent === name)
    expect(lines.map(({ reason }) => reason)).toEqual(['revoked', 'revoked'])
    expect(serial).toBeDefined()
  })

  it('is not welcome when that came between TLS and its hello', async () => {
    using agent = await door.dial(name)
    await door.secured(1)
    const [own] = await certificates()
    await office.ledger.revoke(own!.serial, 'stolen')
    const { helloOf } = await import('../../support/server-client.ts')
    agent.say(helloOf())
    const heard = await agent.ended()
    expect(heard).toEqual([{ type: 'goodbye', reason: 'revoked' }])
    expect(door.welcomed).toEqual([])
  })
})
