import { ConfigFault, Unavailable } from '@vedette/shared/errors'
import { Daemon, watchedEvery } from '@vedette/shared/service/daemon'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { recordedLog } from '../../support/agent-log.ts'
import { NotifySocket } from '../../support/systemd-socket.ts'

const PID = 4711

function daemon(socket: string, reload: () => Promise<void>, run = async () => {}) {
  const { log, lines } = recordedLog()
  const clock = new ManualClock()
  const environment = { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '20000000', WATCHDOG_PID: `${PID}` }
  const running = { status: () => 'serving', tests: [{ name: 'gallery', run }], reload }
  const made = new Daemon(running, { log, clock, environment, pid: PID })
  return { made, lines, clock }
}

describe('a daemon', () => {
  it('is ready, fed, reloaded and stopping, each as it happens', async () => {
    await using socket = await NotifySocket.open()
    const { made, lines, clock } = daemon(socket.path, async () => {})
    await socket.word('WATCHDOG')
    await made.reload()
    expect(clock.pending).toContain(5000)
    await made[Symbol.asyncDispose]()
    await socket.word('STOPPING')
    expect(socket.heard).toEqual([
      'READY=1 | STATUS=serving',
      'WATCHDOG=1 | STATUS=serving',
      'RELOADING=1 | STATUS=reading its configuration again',
      'READY=1 | STATUS=serving',
      'STOPPING=1 | STATUS=stopping',
    ])
    expect(lines.map(({ event }) => event)).toEqual(['config.reloaded'])
  })

  it('goes on as it was when its configuration cannot be taken over, and says why', async () => {
    await using socket = await NotifySocket.open()
    const { made, lines } = daemon(socket.path, async () => {
      throw new ConfigFault('config.syntax', 'agent.yaml:3:1: not YAML')
    })
    await made.reload()
    await made[Symbol.asyncDispose]()
    expect(lines).toMatchObject([{ event: 'config.refused', code: 'config.syntax' }])
    expect(socket.heard.filter((line) => line.startsWith('READY'))).toHaveLength(2)
  })

  it('is not fed when a self-test fails: its log and its status say which', async () => {
    await using socket = await NotifySocket.open()
    const { made, lines } = daemon(
      socket.path,
      async () => {},
      async () => {
        throw new Unavailable('gallery.blind', 'not found')
      },
    )
    expect(await socket.word('not well')).toBe('STATUS=not well: gallery: not found')
    await made[Symbol.asyncDispose]()
    expect(lines).toMatchObject([{ event: 'service.ill', test: 'gallery', code: 'gallery.blind' }])
    expect(socket.heard.join()).not.toContain('WATCHDOG=1')
  })
})

describe('the time within which systemd wants to hear something', () => {
  it.each([
    [{ WATCHDOG_USEC: '20000000' }, 20_000],
    [{ WATCHDOG_USEC: '20000000', WATCHDOG_PID: '4711' }, 20_000],
    [{ WATCHDOG_USEC: '20000000', WATCHDOG_PID: '12' }, undefined],
    [{ WATCHDOG_USEC: '' }, undefined],
    [{}, undefined],
  ])('is in %j for this process', (environment, expected) => {
    expect(watchedEvery(environment, PID)).toBe(expected)
  })
})
