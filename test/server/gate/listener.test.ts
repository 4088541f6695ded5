import { once } from 'node:events'
import { connect, Server, type Socket } from 'node:net'
import { Listener } from '@vedette/server/gate/listener'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { eventually } from '../../support/until.ts'

afterEach(() => vi.restoreAllMocks())

async function opened() {
  const clock = new ManualClock()
  const sockets: Socket[] = []
  const troubles: string[] = []
  const listen = vi.spyOn(Server.prototype, 'listen')
  const listener = await Listener.open({
    host: '127.0.0.1',
    port: 0,
    clock,
    onSocket: (socket) => sockets.push(socket),
    onTrouble: (error) => troubles.push(error.message),
  })
  return { listener, clock, sockets, troubles, server: listen.mock.contexts[0] as Server }
}

async function dial(port: number): Promise<'in' | string> {
  const socket = connect(port, '127.0.0.1')
  return new Promise((resolve) => {
    socket.once('connect', () => {
      socket.destroy()
      resolve('in')
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'))
  })
}

describe('a listener that can take no more', () => {
  it('rests for a second, keeps whom it has, and takes the same port up again', async () => {
    const { listener, clock, sockets, troubles, server } = await opened()
    const { port } = listener
    const here = connect(port, '127.0.0.1')
    await once(here, 'connect')
    await eventually(() => expect(sockets).toHaveLength(1))
    server.emit('error', new Error('accept EMFILE'))
    expect([troubles, listener.open]).toEqual([['accept EMFILE'], true])
    expect(await dial(port)).toBe('ECONNREFUSED')
    clock.advance(1000)
    await once(server, 'listening')
    expect([listener.port, await dial(port)]).toEqual([port, 'in'])
    here.write('still here')
    const [heard] = (await once(sockets[0]!, 'data')) as [Buffer]
    expect(heard.toString()).toBe('still here')
    here.destroy()
    for (const socket of sockets) socket.destroy()
    await listener.stop()
  })

  it('tries again each second while the port cannot be had', async () => {
    const { listener, clock, troubles, server } = await opened()
    const { port } = listener
    server.emit('error', new Error('accept EMFILE'))
    const squatter = new Server()
    squatter.listen(port, '127.0.0.1')
    await once(squatter, 'listening')
    for (const tries of [2, 3]) {
      clock.advance(1000)
      await eventually(() => expect(troubles).toHaveLength(tries))
    }
    squatter.close()
    await once(squatter, 'close')
    clock.advance(1000)
    await eventually(async () => expect(await dial(port)).toBe('in'))
    await listener.stop()
  })

  it('can stop while it rests', async () => {
    const { listener, clock, server } = await opened()
    server.emit('error', new Error('accept EMFILE'))
    await listener.stop()
    clock.advance(10_000)
    expect(await dial(listener.port)).toBe('ECONNREFUSED')
    expect(clock.pending).toEqual([])
  })
})
