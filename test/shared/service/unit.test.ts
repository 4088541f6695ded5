import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { agentUnit } from '@vedette/agent/service'
import { channelsConfig } from '@vedette/server/channels/config'
import { serverUnit } from '@vedette/server/service/unit'
import { ConfigFault } from '@vedette/shared/errors'
import { installSteps, refuseHidden, typed, uninstallSteps } from '@vedette/shared/service/steps'
import { parseUnitState } from '@vedette/shared/service/unit-state'
import { describe, expect, it } from 'vitest'
import { thrownBy } from '../../support/thrown.ts'

const ANALYZE = '/usr/bin/systemd-analyze'
const run = promisify(execFile)

const server = serverUnit({
  home: '/var/lib/vedette',
  data: '/var/lib/vedette/data',
  vaultKey: '/var/lib/vedette/vault.key',
  exec: ['/usr/bin/true'],
  user: 'vedette',
  configuration: '/etc/vedette',
})
const place = {
  exec: ['/usr/bin/true'],
  user: 'vedette',
  file: '/var/lib/vedette-agent/agent.yaml',
  state: '/var/lib/vedette-agent',
  configuration: '/etc/vedette-agent',
}
const agent = agentUnit({ ...place, video: true, nests: false })

/** What systemd-analyze says of a unit, with these arguments after its first. */
async function analyzed(text: string, ...args: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vedette-unit-'))
  try {
    const file = join(folder, 'vedette-trial.service')
    await writeFile(file, text)
    const { stdout, stderr } = await run(ANALYZE, [...args, file])
    return stdout + stderr
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('the units', () => {
  it.each([
    ['server', server],
    ['agent', agent],
  ])('leave an exposure of 1.5 at most: %s', { skip: !existsSync(ANALYZE) }, async (_of, text) => {
    const args = ['security', '--offline=true', '--no-pager', '--threshold=15']
    expect(await analyzed(text, ...args)).toMatch(/Overall exposure level .*: 1\.[0-5] /)
  })

  it.each([
    ['server', server],
    ['agent', agent],
    ['agent that nests', agentUnit({ ...place, video: false, nests: true })],
  ])(
    'are taken by systemd without complaint: %s',
    {
      skip: !existsSync(ANALYZE),
    },
    async (_of, text) => {
      expect(await analyzed(text, 'verify', '--man=no')).toBe('')
    },
  )

  it.each([
    ['server', server],
    ['agent', agent],
  ])(
    'are told when it serves, watch it, and do not insist where a person must act: %s',
    (_, text) => {
      for (const line of [
        'Type=notify',
        'WatchdogSec=20s',
        'Restart=always',
        'RestartPreventExitStatus=78',
        'ExecReload=/bin/sh -c "kill -HUP $MAINPID"',
        'LimitCORE=0',
        'CapabilityBoundingSet=',
        'NoNewPrivileges=yes',
      ]) {
        expect(text.split('\n')).toContain(line)
      }
      expect(text).not.toContain('MemoryDenyWriteExecute')
    },
  )

  it('hand the vault key over in memory, and no other', () => {
    expect(server).toContain('LoadCredential=vault.key:/var/lib/vedette/vault.key')
    expect(agent).not.toContain('LoadCredential')
  })

  it('let an agent have cameras that are plugged in, and no other device', () => {
    expect(agent).toContain('DeviceAllow=char-video4linux rw')
    expect(agentUnit({ ...place, video: false, nests: false })).toContain('PrivateDevices=yes')
    expect(server).toContain('PrivateDevices=yes')
  })

  it('let a server that speaks have the sound card, and no other device', () => {
    const loud = serverUnit({
      ...{ home: '/var/lib/vedette', data: '/var/lib/vedette/data' },
      ...{ vaultKey: '/var/lib/vedette/vault.key', exec: ['/usr/bin/true'], user: 'vedette' },
      channels: channelsConfig.parse({ speech: { card: true } }),
    })
    expect(loud).toContain('SupplementaryGroups=audio\n')
    expect(loud.match(/DeviceAllow=.*|DevicePolicy=.*/g)).toEqual([
      'DevicePolicy=closed',
      'DeviceAllow=char-alsa rw',
    ])
  })

  it('let through a home that is not below /var/lib', () => {
    const home = '/srv/the vedette'
    const text = serverUnit({
      ...{ home, data: `${home}/data`, vaultKey: '/etc/vault.key' },
      ...{ exec: ['/opt/100% $ure/vedette-server'], user: 'vedette' },
    })
    expect(text).toContain(
      'ExecStart="/opt/100%% $$ure/vedette-server" --home "/srv/the vedette"\n',
    )
    expect(text).toContain('ReadWritePaths="/srv/the vedette"\n')
    expect(text).not.toContain('StateDirectory')
  })
})

describe('installing a service', () => {
  const options = {
    name: 'vedette-server.service',
    text: '[Unit]\n',
    user: 'vedette',
    state: '/srv/vedette',
    owned: ['/srv/vedette/certs'],
    passwd: 'root:x:0:0::/root:/bin/sh\n',
    start: true,
  }

  it('makes the user, gives it what is its own, writes the unit and starts it', () => {
    expect(installSteps(options).map(typed)).toEqual([
      'useradd --system --user-group --no-create-home --home-dir /srv/vedette --shell /usr/sbin/nologin vedette',
      'install -d -o vedette -g vedette -m 0750 /srv/vedette',
      'chown -R vedette:vedette /srv/vedette/certs',
      "install -m 0644 /dev/stdin /etc/systemd/system/vedette-server.service <<'END'\n[Unit]\nEND",
      'systemctl daemon-reload',
      'systemctl enable vedette-server.service',
      'systemctl restart vedette-server.service',
    ])
  })

  it('uses a user that is there, and starts nothing where it is told not to', () => {
    const passwd = `${options.passwd}vedette:x:998:998::/:/bin/false\n`
    const steps = installSteps({ ...options, passwd, owned: [], start: false }).map(typed)
    expect(steps.map((line) => line.split(' ')[0])).toEqual(['install', 'install', 'systemctl'])
  })

  it('is undone without touching data', () => {
    expect(uninstallSteps(options.name).map(typed)).toEqual([
      'systemctl disable --now vedette-server.service',
      'rm -f /etc/systemd/system/vedette-server.service',
      'systemctl daemon-reload',
    ])
  })

  it.each(['/root/vedette/bin/vedette-server.js', '/home/anna/vedette', '/tmp/vedette'])(
    'is refused for a program where the service would not see it: %s',
    (path) => {
      const fault = thrownBy(() => refuseHidden(['/usr/bin/node', path]), ConfigFault)
      expect(fault).toMatchObject({ code: 'config.invalid', hint: expect.stringContaining('/opt') })
    },
  )
})

describe('what systemd says of a unit', () => {
  it('is read', () => {
    const text =
      'Result=watchdog\nNRestarts=3\nLoadState=loaded\nActiveState=active\nSubState=running\nStatusText=serving 2 agents\n'
    expect(parseUnitState('vedette-agent.service', text)).toEqual({
      unit: 'vedette-agent.service',
      load: 'loaded',
      active: 'active',
      sub: 'running',
      status: 'serving 2 agents',
      restarts: 3,
      result: 'watchdog',
    })
  })
})
