import { createPublicKey, X509Certificate } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createRoot } from '@vedette/certs/authority'
import { readCredentials } from '@vedette/shared/credentials'
import { peerOf } from '@vedette/shared/tls'
import { trustVersion } from '@vedette/shared/trust'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/agent-deployment.ts'
import { type Call, Hub } from '../../support/agent-hub.ts'
import { RenewingUplink } from '../../support/agent-renewing.ts'
import { settle } from '../../support/agent-sources.ts'
import { eventually } from '../../support/until.ts'

const deployment = await Deployment.found()
afterAll(() => deployment[Symbol.asyncDispose]())

let hub: Hub
let agent: RenewingUplink
let call: Call

beforeEach(async () => {
  hub = await Hub.start(deployment.server)
  agent = await RenewingUplink.start(deployment, hub)
  call = await hub.call()
  await call.welcome()
  await eventually(() => expect(agent.uplink.state).toBe('open'))
  return async () => {
    await agent[Symbol.asyncDispose]()
    await hub[Symbol.asyncDispose]()
  }
})

const serialOf = (at: Call) => peerOf(at.socket.getPeerX509Certificate(), 'agent').serial

/** The second connection, once the request on the first was answered. */
async function secondCall(): Promise<Call> {
  await agent.pass(call)
  const { request } = await call.expect('renew')
  call.say({ type: 'renewed', chain: await agent.issue(request) })
  return hub.call()
}

const failures = () => agent.of('certificate.unrenewed').map(({ code }) => code)
const failed = (count: number) => eventually(() => expect(failures()).toHaveLength(count))

describe('an agent whose certificate is at two thirds of its life', () => {
  it('asks for another, and not a moment before', async () => {
    await agent.pass(call, agent.due - 1)
    await call.quiet()
    agent.clock.advance(1)
    await call.expect('renew')
  })

  it('goes on on a second connection, and ends the first when it owes nothing there', async () => {
    const former = agent.wallet.credentials
    agent.uplink.ask(2)
    expect((await call.matches(2)).map(({ track }) => track)).toEqual(['t1', 't2'])

    const second = await secondCall()
    expect(serialOf(second)).not.toBe(serialOf(call))
    await second.expect('hello')
    agent.uplink.ask(1)
    expect((await call.matches(1)).map(({ track }) => track)).toEqual(['t3'])
    expect(agent.wallet.credentials).toEqual(former)

    second.greet()
    await eventually(() => expect(agent.of('certificate.renewed')).toHaveLength(1))
    agent.uplink.ask(1)
    for (const seq of [1, 2]) call.ack(seq)
    await call.quiet()
    expect(agent.uplink.state).toBe('open')
    call.ack(3)
    expect(await call.next()).toEqual({ type: 'goodbye', reason: 'renewed' })
    call.socket.end()
    expect((await second.matches(1)).map(({ track }) => track)).toEqual(['t4'])
    second.ack(4)
    await second.quiet()
    expect([agent.uplink.outbox.size, agent.uplink.endings]).toEqual([0, []])

    const kept = await readCredentials(agent.folder)
    expect(kept).toEqual(agent.wallet.credentials)
    expect(kept.key).not.toBe(former.key)
    expect(new X509Certificate(kept.chain).serialNumber.toLowerCase()).toBe(serialOf(second))
  })

  it('asks for a new key each time, and keeps no key that came to nothing', async () => {
    await agent.pass(call)
    const first = await call.expect('renew')
    call.say({ type: 'unrenewed', code: 'renewal.throttled' })
    await failed(1)
    await agent.pass(call, agent.clock.now() + 5000)
    const second = await call.expect('renew')
    expect(second.request).not.toBe(first.request)
    expect((await readdir(agent.folder)).sort()).toEqual(['chain.pem', 'key.pem', 'roots.pem'])
    const keys = (await readFile(join(agent.folder, 'key.pem'), 'utf8')).match(/BEGIN/g)
    expect(keys).toHaveLength(1)
  })

  it.each<[string, (second: Call) => unknown]>([
    ['says goodbye to it', (second) => second.say({ type: 'goodbye', reason: 'identity' })],
    ['hangs up on it', (second) => second.die()],
    ['speaks nonsense on it', (second) => second.say({ type: 'ack', seq: 1 })],
  ])('stays as it is where the server %s, and tries again', async (_what, refuse) => {
    const former = agent.wallet.credentials
    const second = await secondCall()
    await second.expect('hello')
    refuse(second)
    await failed(1)
    agent.uplink.ask(1)
    expect(await call.matches(1)).toHaveLength(1)
    call.ack(1)
    await call.quiet()
    expect(agent.uplink.state).toBe('open')
    expect(agent.wallet.credentials).toEqual(former)
    expect(await readCredentials(agent.folder)).toEqual(former)
    await second.ended()

    await agent.pass(call, agent.clock.now() + 5000)
    const again = await call.expect('renew')
    call.say({ type: 'renewed', chain: await agent.issue(again.request) })
    const third = await hub.call()
    await third.welcome()
    await eventually(() => expect(agent.of('certificate.renewed')).toHaveLength(1))
  })

  it('gives up on a second connection that is not answered', async () => {
    const second = await secondCall()
    await second.expect('hello')
    agent.clock.advance(10_000)
    await failed(1)
    expect(failures()).toEqual(['uplink.silent'])
    await call.heard()
    expect(agent.uplink.state).toBe('open')
  })

  it.each<[string, (request: string) => Promise<Uint8Array>]>([
    ['for somebody else', (request) => agent.issue(request, { role: 'agent', name: 'gate-9' })],
    [
      'for an operator',
      (request) => agent.issue(request, { role: 'operator', name: 'gate-agent' }),
    ],
    ['it has already', async () => Buffer.from(agent.wallet.credentials.chain)],
    ['that is none', async () => Uint8Array.of(1, 2, 3)],
  ])('does not take a certificate %s', async (_what, chain) => {
    await agent.pass(call)
    const { request } = await call.expect('renew')
    call.say({ type: 'renewed', chain: await chain(request) })
    await failed(1)
    expect(failures()).toEqual(['identity.bad-chain'])
    expect(hub.waiting).toBe(0)
    expect(agent.uplink.state).toBe('open')
  })

  it('asks again on the next connection when the one it asked on is lost', async () => {
    await agent.pass(call)
    await call.expect('renew')
    call.die()
    await failed(1)
    expect(failures()).toEqual(['uplink.closed'])
    await agent.uplink.clock.pass()
    const next = await hub.call()
    await next.welcome()
    await eventually(() => expect(agent.uplink.state).toBe('open'))
    agent.clock.advance(5000)
    await next.expect('renew')
  })

  it('does not wait for acknowledgements that never come: they are asked for again', async () => {
    agent.uplink.ask(1)
    await call.matches(1)
    const second = await secondCall()
    await second.welcome()
    await eventually(() => expect(agent.of('certificate.renewed')).toHaveLength(1))
    agent.clock.advance(10_000)
    const rest = [await call.next(), await call.next()].map((message) => message?.type)
    expect(rest).toContain('goodbye')
    call.socket.end()
    expect((await second.matches(1)).map(({ track }) => track)).toEqual(['t1'])
  })

  it('goes on on the second when the first is lost while it owes something', async () => {
    agent.uplink.ask(1)
    await call.matches(1)
    const second = await secondCall()
    await second.welcome()
    await eventually(() => expect(agent.of('certificate.renewed')).toHaveLength(1))
    call.die()
    expect((await second.matches(1)).map(({ track }) => track)).toEqual(['t1'])
    expect(agent.uplink.endings).toEqual([])
  })
})

describe('an agent whose certificate has expired', () => {
  it('does not renew it, says what to do, and says it once', async () => {
    call.die()
    const { notAfter } = agent.wallet.period
    agent.clock.advance(notAfter - agent.clock.now())
    for (let i = 0; i < 3; i++) agent.clock.advance(60_000)
    await settle()
    await eventually(() => expect(agent.of('certificate.expired')).toHaveLength(1))
    const [line] = agent.of('certificate.expired')
    expect(line).toMatchObject({ level: 'error', code: 'identity.expired' })
    expect(line!.hint).toContain('vedette-agent join')
    expect(agent.of('certificate.unrenewed')).toEqual([])
  })

  it('does not ask even where the connection is still open', async () => {
    await agent.pass(call, agent.due - 1)
    const { notAfter } = agent.wallet.period
    // The clock jumps: no heartbeat was missed.
    agent.clock.jump(notAfter + 1000)
    agent.clock.advance(1000)
    await eventually(() => expect(agent.of('certificate.expired')).toHaveLength(1))
    await call.quiet()
  })
})

describe('an agent that is told', () => {
  it('that its authority is on its way out, renews within the time given', async () => {
    call.say({ type: 'stale', within: 30_000 })
    await call.expect('renew')
  })

  it('of new roots, keeps them and says so', async () => {
    const { trust } = agent.wallet.credentials
    const roots = trust + (await createRoot({ now: Date.now() })).certificate
    const version = trustVersion(roots)
    call.say({ type: 'trust', version, roots: Buffer.from(roots) })
    expect(await call.next()).toEqual({ type: 'trusted', version })
    expect((await readCredentials(agent.folder)).trust).toBe(roots)
    call.die()
    await agent.uplink.clock.pass()
    const next = await hub.call()
    expect(await next.expect('hello')).toBeDefined()
  })

  it.each(['other roots', 'another version', 'nothing'])(
    'of roots that are %s, keeps its own and says nothing',
    async (what) => {
      const { trust } = agent.wallet.credentials
      const stranger = (await createRoot({ now: Date.now() })).certificate
      const roots = { 'other roots': stranger, 'another version': trust + stranger, nothing: '' }[
        what
      ]!
      const version = what === 'other roots' ? trustVersion(stranger) : 'ab'.repeat(16)
      call.say({ type: 'trust', version, roots: Buffer.from(roots) })
      await call.quiet()
      await eventually(() => expect(agent.of('trust.refused')).toHaveLength(1))
      expect(agent.of('trust.refused')[0]).toMatchObject({ code: 'identity.bad-trust' })
      expect((await readCredentials(agent.folder)).trust).toBe(trust)
    },
  )
})

it('a request is signed by a key that is in no message and no log', async () => {
  const second = await secondCall()
  await second.welcome()
  await eventually(() => expect(agent.of('certificate.renewed')).toHaveLength(1))
  const { key, chain } = await readCredentials(agent.folder)
  expect(createPublicKey(key).equals(new X509Certificate(chain).publicKey)).toBe(true)
  const body = key.split('\n')[1]!
  expect(JSON.stringify(agent.lines)).not.toContain(body)
})
