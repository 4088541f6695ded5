import { getEventListeners, once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { GOODBYE_REASONS } from '@vedette/shared/message'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/agent-deployment.ts'
import { Hub } from '../../support/agent-hub.ts'
import { settle } from '../../support/agent-sources.ts'
import { RunningUplink } from '../../support/agent-uplink.ts'
import { eventually } from '../../support/until.ts'

let deployment: Deployment

beforeAll(async () => {
  deployment = await Deployment.found()
})

afterAll(() => deployment[Symbol.asyncDispose]())

const startHub = () => Hub.start(deployment.server)
const dial = (hub: Hub) => new RunningUplink(hub, deployment.agent)

describe('Uplink, heartbeats', () => {
  it('pings as often as the server wishes while the server answers', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    const call = await hub.call()
    await call.welcome({ heartbeat: 7000 })
    await eventually(() => expect(uplink.state).toBe('open'))
    for (let n = 1; n <= 5; n++) {
      uplink.clock.advance(7000)
      expect(await call.next()).toEqual({ type: 'ping', n })
      call.say({ type: 'pong', n })
      await call.quiet()
    }
    expect(uplink.state).toBe('open')
  })

  it('takes any message for a sign of life', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    const call = await hub.call()
    await call.welcome({ heartbeat: 7000 })
    await eventually(() => expect(uplink.state).toBe('open'))
    for (let n = 1; n <= 5; n++) {
      uplink.clock.advance(7000)
      await call.expect('ping')
      await call.quiet()
    }
    expect(uplink.state).toBe('open')
  })

  it('leaves a server that misses two', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    const call = await hub.call()
    await call.welcome({ heartbeat: 7000 })
    await eventually(() => expect(uplink.state).toBe('open'))
    for (let n = 1; n <= 2; n++) {
      uplink.clock.advance(7000)
      expect(await call.next()).toEqual({ type: 'ping', n })
    }
    uplink.clock.advance(7000)
    await call.ended()
    expect(await uplink.clock.sleeping()).toBe(250)
    expect([uplink.state, uplink.endings]).toEqual(['waiting', ['uplink.silent']])
  })

  it.each([0, 1, 2 ** 31, 2 ** 53 - 1])(
    'keeps its own pace where the server wishes for %d ms',
    async (heartbeat) => {
      await using hub = await startHub()
      await using uplink = dial(hub)
      const call = await hub.call()
      await call.welcome({ heartbeat })
      await eventually(() => expect(uplink.state).toBe('open'))
      const [next] = uplink.clock.pending
      expect(next).toBeGreaterThanOrEqual(1000)
      expect(next).toBeLessThanOrEqual(60_000)
    },
  )
})

describe('Uplink, redialling', () => {
  it('waits longer each time nobody answers, and keeps nothing of the attempts', async () => {
    const gone = await startHub()
    const { port } = gone
    await gone[Symbol.asyncDispose]()
    await using uplink = new RunningUplink({ port }, deployment.agent)
    const waits: number[] = []
    while (waits.length < 9) waits.push(await uplink.clock.pass())
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000])
    expect(new Set(uplink.endings)).toEqual(new Set(['ECONNREFUSED']))
    expect(getEventListeners(uplink.signal, 'abort').length).toBeLessThanOrEqual(2)
  })

  it('is there when the server comes', async () => {
    const early = await startHub()
    const { port } = early
    await early[Symbol.asyncDispose]()
    await using uplink = new RunningUplink({ port }, deployment.agent)
    uplink.ask(2)
    await uplink.clock.sleeping()
    await using hub = await Hub.start(deployment.server, port)
    uplink.clock.advance(250)
    const call = await hub.call()
    await call.welcome()
    expect((await call.matches(2)).map(({ track }) => track)).toEqual(['t1', 't2'])
  })

  it('waits shortly again after a talk that went well', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    for (const [lasts, wait] of [
      [0, 250],
      [0, 500],
      [0, 1000],
      [60_001, 250],
    ] as const) {
      const call = await hub.call()
      await call.welcome({ heartbeat: 60_000 })
      await call.quiet()
      for (let passed = 0; passed < lasts; passed += 20_000) {
        uplink.clock.advance(20_001)
        await call.heard()
      }
      call.die()
      expect(await uplink.clock.pass()).toBe(wait)
    }
  })

  it.each(GOODBYE_REASONS)('acts on the goodbye "%s" by who must act', async (reason) => {
    const forbidden = ['version', 'model', 'revoked', 'expired'].includes(reason)
    for (const welcomed of [false, true]) {
      await using hub = await startHub()
      await using uplink = dial(hub)
      const call = await hub.call()
      if (welcomed) await call.welcome()
      else await call.expect('hello')
      call.say({ type: 'goodbye', reason })
      const wait = await uplink.clock.pass()
      expect(wait).toBe(forbidden ? 600_000 : reason === 'clock' ? 30_250 : 250)
      expect(uplink.endings).toEqual([`goodbye.${reason}`])
      const again = await hub.call()
      await again.welcome()
      await again.quiet()
      expect(uplink.state).toBe('open')
    }
  })

  it('is in the state refused after a refusal, and does not dial', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    uplink.ask(1)
    const call = await hub.call()
    await call.expect('hello')
    call.say({ type: 'goodbye', reason: 'model' })
    await uplink.clock.sleeping()
    expect(uplink.state).toBe('refused')
    uplink.clock.advance(599_999)
    await settle()
    expect([hub.waiting, uplink.state, uplink.outbox.size]).toEqual([0, 'refused', 1])
  })

  it('leaves a server that does not answer its hello', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    const call = await hub.call()
    await call.expect('hello')
    uplink.clock.advance(9999)
    await settle()
    expect(uplink.state).toBe('greeting')
    uplink.clock.advance(1)
    await call.ended()
    expect(await uplink.clock.sleeping()).toBe(250)
    expect([uplink.state, uplink.endings]).toEqual(['waiting', ['uplink.silent']])
  })

  it('leaves a server that does not answer TLS', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}))
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    await using uplink = new RunningUplink(silent.address() as AddressInfo, deployment.agent)
    await once(silent, 'connection')
    expect(uplink.clock.pending).toEqual([10_000])
    uplink.clock.advance(10_000)
    await uplink.clock.sleeping()
    expect(uplink.endings).toEqual(['uplink.unreachable'])
    silent.close()
  })
})

describe('Uplink, stopping', () => {
  it('says goodbye while it is open', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    const call = await hub.call()
    await call.welcome()
    await call.quiet()
    uplink.stop()
    expect(await call.next()).toEqual({ type: 'goodbye', reason: 'shutdown' })
    call.socket.end()
    await uplink.ended
    expect(uplink.state).toBe('stopped')
    expect(uplink.endings).toEqual([])
  })

  it('does not wait for a server that does not hang up', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    const call = await hub.call()
    await call.welcome()
    await call.quiet()
    const begin = performance.now()
    uplink.stop()
    await uplink.ended
    expect(performance.now() - begin).toBeLessThan(2500)
  })

  it('does not wait for a welcome', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    const call = await hub.call()
    await call.expect('hello')
    uplink.stop()
    await uplink.ended
    expect(uplink.state).toBe('stopped')
  })

  it('heeds a stop that comes with the welcome', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    const call = await hub.call()
    await call.expect('hello')
    call.greet()
    uplink.stop()
    await uplink.ended
    expect(uplink.state).toBe('stopped')
  })

  it('does not wait for TLS', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}))
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const uplink = new RunningUplink(silent.address() as AddressInfo, deployment.agent)
    await once(silent, 'connection')
    expect(uplink.state).toBe('dialling')
    uplink.stop()
    await uplink.ended
    expect(uplink.state).toBe('stopped')
    silent.close()
  })

  it('does not wait for the time to dial', async () => {
    const gone = await startHub()
    await gone[Symbol.asyncDispose]()
    const uplink = new RunningUplink({ port: 1 }, deployment.agent)
    await uplink.clock.sleeping()
    uplink.stop()
    await uplink.ended
    expect(uplink.state).toBe('stopped')
    expect(uplink.clock.pending).toEqual([])
  })

  it('keeps what was not done with', async () => {
    await using hub = await startHub()
    const uplink = dial(hub)
    uplink.ask(5)
    const call = await hub.call()
    await call.welcome()
    await call.matches(5)
    call.ack(1)
    await call.quiet()
    uplink.stop()
    await uplink.ended
    expect(uplink.outbox.size).toBe(4)
  })
})
