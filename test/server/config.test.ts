import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseServerConfig, readServerConfig } from '@vedette/server/config'
import { ConfigFault } from '@vedette/shared/errors'
import { describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../support/certs-deployment.ts'
import { rejectionOf, thrownBy } from '../support/thrown.ts'

const parse = (text: string) => parseServerConfig(text, '/srv/vedette/server.yaml')
const complaints = (text: string) => thrownBy(() => parse(text), ConfigFault).message.split('\n')

const LIMITS = {
  connections: 600,
  perAddress: 32,
  perAgent: 2,
  halfOpen: 256,
  arrivals: { rate: 100, burst: 200 },
  arrivalsPerAddress: { rate: 10, burst: 20 },
  questions: { rate: 10, burst: 30 },
  waiting: 64,
  flapping: { connections: 15, within: 60_000, wait: 300_000 },
}

const DAY = 86_400_000

describe('the configuration of the server', () => {
  it.each(['', '# nothing\n', '{}', 'gate:\n  {}\n'])(
    'has a default for everything: %j',
    (text) => {
      expect(parse(text)).toEqual({
        home: '/srv/vedette',
        gate: { host: '0.0.0.0', port: 7443, announce: {}, limits: LIMITS },
        desk: { host: '127.0.0.1', port: 7444 },
        console: {
          host: '127.0.0.1',
          idle: 900_000,
          longest: 43_200_000,
          wall: 7_776_000_000,
          secondFactor: 'optional',
          map: {},
        },
        channels: {
          private: false,
          loopback: false,
          speech: { program: 'espeak-ng', player: 'aplay', card: false },
        },
        join: { host: '0.0.0.0', port: 7445 },
        certificates: { life: 30 * 86_400_000 },
        data: '/srv/vedette/data',
        vaultKey: '/srv/vedette/vault.key',
        audit: { heads: 3_600_000, headActs: 10_000 },
        enrolment: {
          limits: { minute: 5, hour: 60, day: 300, everybody: 20 },
          bulkApproval: 'on',
        },
        store: { reserve: 64 },
        backup: { every: 'off', folder: '/srv/vedette/backups', keep: 7 },
        retention: {
          ...{ audit: 368 * DAY, views: 184 * DAY, alerts: 31 * DAY },
          ...{ nearMisses: 31 * DAY, joinAttempts: 31 * DAY, troubles: 31 * DAY },
        },
        match: { budget: 1, walks: 1000, cooldown: 60_000, trail: 600_000 },
        canary: { every: 30_000, limit: 90_000 },
        past: { walks: 100_000, size: 1e9 },
        live: { reason: 'optional' },
        search: { threads: 2 },
        models: { runtime: 'auto', threads: 1, folder: '/srv/vedette/models' },
        metrics: { enabled: true, host: '127.0.0.1', port: 9743 },
        geocode: { provider: 'off' },
        log: 'info',
      })
    },
  )

  it('takes paths from the folder of the file, and absolute ones as they are', () => {
    const text = 'data: ../large-disk/vedette\nvaultKey: /run/keys/vault'
    expect(parse(text)).toMatchObject({
      data: '/srv/large-disk/vedette',
      vaultKey: '/run/keys/vault',
    })
    const { home, data } = parseServerConfig('', 'server.yaml')
    expect([home, data]).toEqual([process.cwd(), join(process.cwd(), 'data')])
  })

  it('takes what is said', () => {
    const text = `
gate: { host: 10.0.0.5, port: 0, announce: { gate-north: own, hall: all } }
match: { budget: 0.5, walks: 200, floor: -1, cooldown: 1.5h }
canary: { every: off, limit: 2m }
search: { threads: 3 }
models: { runtime: tfjs }
log: debug
`
    expect(parse(text)).toMatchObject({
      gate: { host: '10.0.0.5', port: 0, announce: { 'gate-north': 'own', hall: 'all' } },
      match: { budget: 0.5, walks: 200, floor: -1, cooldown: 5_400_000 },
      canary: { every: 'off', limit: 120_000 },
      search: { threads: 3 },
      models: { runtime: 'tfjs', threads: 1 },
      log: 'debug',
    })
  })

  it.each(['canary: { every: 50s }', 'canary: { every: 500ms }', 'canary: { every: never }'])(
    'does not take %s',
    (text) => {
      expect(() => parse(text)).toThrow(/canary/)
    },
  )

  it('takes a floor for each model, too', () => {
    const text = 'match: { floor: { sface: 0.4 } }\nmodels: { folder: ../shared-models }'
    expect(parse(text)).toMatchObject({
      match: { floor: { sface: 0.4 } },
      models: { folder: '/srv/shared-models' },
    })
  })

  it('names every unknown key with its line and column', () => {
    const text = 'gate:\n  prot: 7443\nmatch:\n  floor: 0.9\n  treshold: 0.9\ndeskk: {}\n'
    expect(complaints(text).sort()).toEqual([
      '/srv/vedette/server.yaml:2:3: gate.prot: unknown key',
      '/srv/vedette/server.yaml:5:3: match.treshold: unknown key',
      '/srv/vedette/server.yaml:6:1: deskk: unknown key',
    ])
  })

  it.each([
    ['a port that is none', 'gate:\n  port: 70000', '2:9: gate.port'],
    ['a port that is a word', 'desk:\n  port: https', '2:9: desk.port'],
    ['a budget of nothing', 'match:\n  budget: 0', '2:11: match.budget'],
    ['a week without a walk', 'match:\n  walks: 0', '2:10: match.walks'],
    ['a floor above 1', 'match: { floor: 1.1 }', '1:17: match.floor'],
    ['a time without a unit', 'match:\n  cooldown: 60', '2:13: match.cooldown'],
    ['an agent that has no name', 'gate:\n  announce:\n    Gate!: own', '3:5: gate.announce.Gate!'],
    [
      'an announcement of nothing',
      'gate:\n  announce:\n    hall: some',
      '3:11: gate.announce.hall',
    ],
    ['half a thread', 'search:\n  threads: 0.5', '2:12: search.threads'],
    ['a runtime that is none', 'models:\n  runtime: cuda', '2:12: models.runtime'],
    ['a list in the place of a map', 'gate: []', '1:7: gate'],
  ])('refuses %s and says where', (_what, text, where) => {
    expect(complaints(text)).toEqual([expect.stringContaining(`server.yaml:${where}: `)])
  })

  it('refuses what is not YAML', () => {
    expect(thrownBy(() => parse('gate: {'), ConfigFault).code).toBe('config.syntax')
  })

  it('is read from its home, or says what to do where there is none', async () => {
    await using folder = await TemporaryFolder.make()
    const error = await rejectionOf(readServerConfig(folder.path), ConfigFault)
    expect([error.code, error.hint]).toEqual([
      'config.unreadable',
      expect.stringContaining('vedette init'),
    ])
    await writeFile(join(folder.path, 'server.yaml'), 'log: warn\n')
    const { home, log } = await readServerConfig(folder.path)
    expect([home, log]).toEqual([folder.path, 'warn'])
  })
})
