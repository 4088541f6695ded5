import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createServer } from 'node:tls'
import { encodeEnvelope } from '@vedette/shared/envelope'
import { encodeMessage } from '@vedette/shared/message'
import { acceptOptions } from '@vedette/shared/tls'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { helloOf } from '../../support/server-client.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { TestGate } from '../../support/server-gate.ts'

const deployment = await Deployment.found()
let door: TestGate

beforeEach(async () => {
  door = await TestGate.open(deployment)
  return () => door[Symbol.asyncDispose]()
})

afterAll(() => deployment[Symbol.asyncDispose]())

/** Clients that connect, send `first` and say no more; resolves when the server has accepted all. */
async function silent(count: number, first = Buffer.alloc(0)): Promise<Socket[]> {
  let accepted = 0
  const all = new Promise<void>((resolve) => {
    door.server.on('connection', () => ++accepted === count && resolve())
  })
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(door.port, '127.0.0.1')
    socket.on('error', () => {})
    if (first.length > 0) socket.write(first)
    return socket
  })
  await all
  return sockets
}

const closed = (sockets: readonly Socket[]) =>
  Promise.all(
    sockets.map((socket) => socket.closed || new Promise((gone) => socket.once('close', gone))),
  )

/** The head of a TLS record that announces a greeting, and nothing of it. */
const HALF_GREETING = Buffer.from('160301020001', 'hex')

describe('whoever comes and does not say who it is', () => {
  it.each([
    ['says nothing', Buffer.alloc(0)],
    ['stops in the middle of a TLS greeting', HALF_GREETING],
    ['stops after one byte', HALF_GREETING.subarray(0, 1)],
  ])('is cut off after five seconds: it %s', async (_what, first) => {
    const sockets = await silent(100, first)
    door.clock.advance(4999)
    expect(await door.connections()).toBe(100)
    door.clock.advance(1)
    await closed(sockets)
    await door.deserted()
    const lines = door.book.of('gate.refused').filter(({ code }) => code === 'handshake.timeout')
    expect(lines).toHaveLength(100)
    expect(new Set(lines.map(({ address }) => address)).size).toBe(100)
    expect(door.clock.pending).toEqual([])
  })

  it('is cut off as well when its certificate is good: a name is not a hello', async () => {
    using agent = await door.dial()
    door.clock.advance(5000)
    expect(await agent.ended()).toEqual([])
    await door.deserted()
    expect(door.welcomed).toEqual([])
  })

  it('is cut off in the middle of its hello', async () => {
    const hello = encodeEnvelope(encodeMessage(helloOf()))
    using agent = await door.dial()
    agent.write(hello.subarray(0, hello.length - 1))
    door.clock.advance(5000)
    expect(await agent.ended()).toEqual([])
    await door.deserted()
  })

  it('does not gain time by sending byte after byte', async () => {
    const [socket] = await silent(1)
    for (const byte of HALF_GREETING) {
      socket!.write(Buffer.of(byte))
      door.clock.advance(800)
    }
    expect(await door.connections()).toBe(1)
    door.clock.advance(200)
    await closed([socket!])
    await door.deserted()
  })

  it('is forgotten when it leaves by itself', async () => {
    const sockets = await silent(10)
    expect(door.clock.pending).toHaveLength(10)
    for (const socket of sockets) socket.destroy()
    await door.book.line('gate.refused', 9)
    await door.deserted()
    expect(door.clock.pending).toEqual([])
  })

  it('does not keep a good agent out, and a good agent is not cut off with it', async () => {
    await silent(50)
    using agent = await door.welcome()
    door.clock.advance(5000)
    await agent.settled()
    expect(door.gate.sessions.connected).toEqual(['gate-7'])
    expect(await door.connections()).toBe(1)
  })

  it('would stay if it were left to Node: its own timeout only speaks', async () => {
    const server = createServer({ ...acceptOptions(deployment.credentials), handshakeTimeout: 50 })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address!.port : 0
    const spoken = once(server, 'tlsClientError')
    const socket = connect(port, '127.0.0.1')
    const [error] = (await spoken) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ERR_TLS_HANDSHAKE_TIMEOUT')
    const count = await new Promise((resolve) => server.getConnections((_, n) => resolve(n)))
    expect([count, socket.closed]).toEqual([1, false])
    socket.destroy()
    server.close()
    await once(server, 'close')
  })
})
