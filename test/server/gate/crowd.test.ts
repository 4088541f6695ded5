import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { descriptorRoom } from '@vedette/server/gate/descriptors'
import { createMetrics } from '@vedette/shared/metrics'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { limitsOf, TestGate } from '../../support/server-gate.ts'

const deployment = await Deployment.found()
const sockets: Socket[] = []

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

afterAll(() => deployment[Symbol.asyncDispose]())

/** Dials from a loopback address of its own, and says nothing. */
function dial(port: number, localAddress = '127.0.0.1'): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  socket.on('error', () => {})
  sockets.push(socket)
  return socket
}

const gone = (socket: Socket) =>
  new Promise<void>((resolve) =>
    socket.closed ? resolve() : socket.once('close', () => resolve()),
  )

async function value(metrics: ReturnType<typeof createMetrics>, name: string, reason?: string) {
  const { values } = (await metrics.getSingleMetric(name)?.get()) ?? { values: [] }
  return values.find(({ labels }) => reason === undefined || labels.reason === reason)?.value ?? 0
}

describe('a connection that is one too many', () => {
  it.each([
    ['full', { connections: 2 }],
    ['address-full', { perAddress: 2 }],
    ['half-open', { halfOpen: 4 }],
    ['address-rate', { arrivalsPerAddress: { rate: 1, burst: 2 } }],
    ['rate', { arrivals: { rate: 1, burst: 4 } }],
  ])('is hung up on before TLS, counted and logged: %s', async (reason, limits) => {
    const metrics = createMetrics('server')
    await using door = await TestGate.open(deployment, { limits: limitsOf(limits), metrics })
    door.clock.advance(4000)
    const [first, second] = [dial(door.port), dial(door.port)]
    await Promise.all([once(first, 'connect'), once(second, 'connect')])
    const third = dial(door.port)
    const heard: Buffer[] = []
    third.on('data', (chunk: Buffer) => heard.push(chunk))
    await gone(third)
    expect(heard).toEqual([])
    expect([first.closed, second.closed]).toEqual([false, false])
    expect(await value(metrics, 'vedette_gate_refused_total', reason)).toBe(1)
    expect(await value(metrics, 'vedette_gate_connections')).toBe(2)
    expect(await value(metrics, 'vedette_gate_handshakes_total')).toBe(0)
    expect(await door.book.line('gate.turned-away')).toMatchObject({ [reason]: 1 })
  })

  it('is let in when another has gone', async () => {
    await using door = await TestGate.open(deployment, { limits: limitsOf({ connections: 1 }) })
    const first = dial(door.port)
    await once(first, 'connect')
    await gone(dial(door.port))
    first.destroy()
    await door.deserted()
    using agent = await door.welcome()
    await agent.settled()
  })

  it('costs one line of log in ten seconds, however many there are', async () => {
    await using door = await TestGate.open(deployment, { limits: limitsOf({ connections: 1 }) })
    await once(dial(door.port), 'connect')
    await Promise.all(Array.from({ length: 50 }, () => gone(dial(door.port))))
    expect(door.book.of('gate.turned-away')).toMatchObject([{ full: 1 }])
    door.clock.advance(4999)
    await Promise.all(Array.from({ length: 50 }, () => gone(dial(door.port))))
    door.clock.advance(5001)
    expect(door.book.of('gate.turned-away')).toHaveLength(2)
    const lines = door.book.of('gate.turned-away') as unknown as { full: number }[]
    expect(lines.reduce((sum, { full }) => sum + full, 0)).toBe(100)
  })
})

describe('an agent', () => {
  it('gets in from an address where it was welcome, though strangers fill their half', async () => {
    await using door = await TestGate.open(deployment, { limits: limitsOf({ halfOpen: 4 }) })
    using before = await door.welcome('gate-7')
    before.say({ type: 'goodbye', reason: 'shutdown' })
    await before.ended()
    const crowd = ['127.0.0.2', '127.0.0.3'].map((address) => dial(door.port, address))
    await Promise.all(crowd.map((socket) => once(socket, 'connect')))
    await gone(dial(door.port, '127.0.0.4'))
    using again = await door.welcome('gate-7')
    await again.settled()
  })

  it('gets in as well where an earlier life of the server has welcomed it', async () => {
    const limits = limitsOf({ halfOpen: 4 })
    await using door = await TestGate.open(deployment, { limits, known: ['127.0.0.1'] })
    const crowd = ['127.0.0.2', '127.0.0.3'].map((address) => dial(door.port, address))
    await Promise.all(crowd.map((socket) => once(socket, 'connect')))
    await gone(dial(door.port, '127.0.0.4'))
    using agent = await door.welcome('gate-7')
    await agent.settled()
  })

  it('makes its oldest connection go when it has one more than it may', async () => {
    await using door = await TestGate.open(deployment)
    const [first, second] = [await door.dial(), await door.dial()]
    await door.secured(2)
    using third = await door.dial()
    expect(await first.ended()).toEqual([{ type: 'goodbye', reason: 'replaced' }])
    using other = await door.welcome('gate-8')
    expect([second.socket.closed, third.socket.closed]).toEqual([false, false])
    await other.settled()
    second.socket.destroy()
  })
})

describe('the descriptors of the process', () => {
  async function procOf(limits: string, open: number) {
    const folder = await TemporaryFolder.make()
    await writeFile(join(folder.path, 'limits'), limits)
    await mkdir(join(folder.path, 'fd'))
    for (let i = 0; i < open; i++) await writeFile(join(folder.path, 'fd', String(i)), '')
    return folder
  }

  it('leave room for as many connections as there are, save 128 and those that are open', async () => {
    const text =
      'Limit  Soft Limit\nMax open files            1024                 4096     files\n'
    await using folder = await procOf(text, 10)
    expect(await descriptorRoom(folder.path)).toBe(1024 - 128 - 10)
  })

  it.each([
    [
      'are unlimited',
      'Max open files            unlimited            unlimited            files\n',
    ],
    ['are not told', ''],
  ])('set no limit where they %s', async (_what, text) => {
    await using folder = await procOf(text, 1)
    expect(await descriptorRoom(folder.path)).toBe(Number.POSITIVE_INFINITY)
    expect(await descriptorRoom('/nowhere')).toBe(Number.POSITIVE_INFINITY)
  })
})
