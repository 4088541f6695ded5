import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildAgent, RunningAgent, runAgent } from '../support/agent-cli.ts'
import { Deployment } from '../support/agent-deployment.ts'
import { Hub } from '../support/agent-hub.ts'
import { TemporaryFolder } from '../support/certs-deployment.ts'
import { NotifySocket } from '../support/systemd-socket.ts'

let deployment: Deployment
let folder: TemporaryFolder

beforeAll(async () => {
  ;[deployment, folder] = await Promise.all([Deployment.found(), TemporaryFolder.make()])
  await buildAgent()
})

afterAll(async () => {
  await deployment[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

async function configured(cameras: string, port: number): Promise<string> {
  const file = join(folder.path, 'agent.yaml')
  const head = `server: { host: 127.0.0.1, port: ${port} }\ncredentials: ${deployment.agentFolder}\n`
  await writeFile(file, `${head}cameras: ${cameras}\nmetrics: off\n`)
  return file
}

describe('vedette-agent as a service', () => {
  it('is ready, takes over its configuration at SIGHUP or goes on as it was, and stops', async () => {
    await using hub = await Hub.start(deployment.server)
    await using socket = await NotifySocket.open()
    const file = await configured('{ gate: no-such-clip.mp4 }', hub.port)
    const agent = new RunningAgent(['-c', file], {
      NOTIFY_SOCKET: socket.path,
      WATCHDOG_USEC: '4000000',
    })
    const first = await hub.call()
    await first.welcome()
    await socket.word('WATCHDOG=1 | STATUS=uplink open')

    await configured('{ gate: no-such-clip.mp4, hall: ', hub.port)
    agent.kill('SIGHUP')
    await agent.wrote('config.refused')
    await configured('{ gate: no-such-clip.mp4, hall: none.mp4 }', hub.port)
    agent.kill('SIGHUP')
    const second = await hub.call()
    expect(await second.expect('hello')).toMatchObject({ cameras: ['gate', 'hall'] })
    second.greet()
    await agent.wrote('config.reloaded')

    agent.kill('SIGTERM')
    await second.expect('goodbye')
    second.socket.end()
    const { code, stderr } = await agent.finished
    expect(code).toBe(0)
    const refused = stderr.split('\n').find((line) => line.includes('config.refused'))
    expect(JSON.parse(refused ?? '')).toMatchObject({
      level: 'error',
      code: 'config.syntax',
      message: expect.stringContaining(`${file}:`),
    })
    const words = socket.heard.filter((word) => !word.startsWith('WATCHDOG'))
    expect(words.map((word) => word.split(' | ')[0])).toEqual([
      'READY=1',
      ...['RELOADING=1', 'READY=1'],
      ...['RELOADING=1', 'READY=1'],
      'STOPPING=1',
    ])
  })

  it('shows its unit, and what installing it would do', async () => {
    const file = await configured('{ desk: /dev/video0 }', 1)
    const env = { VEDETTE_PROGRAM: '/usr/bin/vedette-agent' }
    const shown = await runAgent(['service', 'show', '-c', file], env)
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(shown.stdout).toContain(`ExecStart=/usr/bin/vedette-agent run --config ${file}\n`)
    expect(shown.stdout).toContain('DeviceAllow=char-video4linux rw')
    expect(shown.stdout).toContain('User=vedette-agent')
    const dry = await runAgent(['service', 'install', '-c', file, '--dry-run'], env)
    expect(dry.stdout).toContain(shown.stdout)
    expect(dry.stdout).toContain('systemctl enable vedette-agent.service')
    expect(await readFile('/etc/systemd/system/vedette-agent.service').catch(() => 'none')).toBe(
      'none',
    )
  })

  it('is not installed from where a service would not see it', async () => {
    const file = await configured('{ gate: rtsp://127.0.0.1/1 }', 1)
    const env = { VEDETTE_PROGRAM: '/home/anna/vedette-agent' }
    const { code, stderr } = await runAgent(['service', 'install', '-c', file], env)
    expect([code, stderr]).toEqual([78, expect.stringContaining('/opt')])
  })
})
