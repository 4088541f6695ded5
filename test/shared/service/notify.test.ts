import { silentLog } from '@vedette/shared/log'
import { Notifier } from '@vedette/shared/service/notify'
import { describe, expect, it } from 'vitest'
import { recordedLog } from '../../support/agent-log.ts'
import { NotifySocket } from '../../support/systemd-socket.ts'

describe('a notifier', () => {
  it('tells systemd each thing in its turn', async () => {
    await using socket = await NotifySocket.open()
    const notifier = new Notifier({ socket: socket.path, log: silentLog })
    void notifier.ready('serving\n3 agents')
    void notifier.alive('well')
    void notifier.reloading()
    await notifier.stopping()
    await socket.word('STOPPING')
    expect(socket.heard).toEqual([
      'READY=1 | STATUS=serving 3 agents',
      'WATCHDOG=1 | STATUS=well',
      'RELOADING=1 | STATUS=reading its configuration again',
      'STOPPING=1 | STATUS=stopping',
    ])
  })

  it('does not feed the watchdog when it says that something is wrong', async () => {
    await using socket = await NotifySocket.open()
    await new Notifier({ socket: socket.path, log: silentLog }).ill('database: locked')
    expect(await socket.word('database')).toBe('STATUS=not well: database: locked')
  })

  it('says nothing where nobody asked', async () => {
    const { log, lines } = recordedLog()
    const notifier = new Notifier({ socket: undefined, log, program: '/no/such/program' })
    await notifier.ready('serving')
    expect(lines).toEqual([])
  })

  it('goes on, and says so once, where systemd cannot be told', async () => {
    const { log, lines } = recordedLog()
    const notifier = new Notifier({ socket: '/no/such/socket', log, program: '/no/such/program' })
    await notifier.ready('serving')
    await notifier.alive('well')
    expect(lines).toMatchObject([{ event: 'systemd.unreachable', code: 'notify.failed' }])
  })
})
