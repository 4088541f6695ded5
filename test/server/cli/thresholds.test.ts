import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { issueCredentials } from '@vedette/certs/pki'
import { readServerConfig } from '@vedette/server/config'
import { Server } from '@vedette/server/server'
import type { Report } from '@vedette/server/thresholds/report'
import { readCredentials } from '@vedette/shared/credentials'
import { silentLog } from '@vedette/shared/log'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PASSPHRASE, TemporaryFolder } from '../../support/certs-deployment.ts'
import { run } from '../../support/server-cli.ts'
import { ScriptedAgent } from '../../support/server-client.ts'

const folder = await TemporaryFolder.make()
const home = join(folder.path, 'home')
const env = { VEDETTE_PASSPHRASE: PASSPHRASE, VEDETTE_HOME: home }
const thresholds = (...args: string[]) => run(['thresholds', ...args], { env })
let server: Server

beforeAll(async () => {
  await run(['init', '--gate-port', '0', '--operator', 'anna'], { env })
  const config = await readServerConfig(home)
  server = await Server.start({ ...config, desk: { ...config.desk, port: 0 } }, { log: silentLog })
  const yaml = await readFile(join(home, 'server.yaml'), 'utf8')
  await writeFile(join(home, 'server.yaml'), yaml.replace('7444', String(server.deskPort)))
  const identity = { role: 'agent', name: 'gate-7' } as const
  const credentials = await readCredentials((await issueCredentials({ home, identity })).folder)
  using _agent = await ScriptedAgent.welcome(server.gatePort, credentials, {
    model: 'dlib-resnet29-1',
  })
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

const shown = async () => JSON.parse((await thresholds('show', '--json')).out) as Report[]

describe('vedette thresholds', () => {
  it('show: a row for each camera, with where its budget comes from', async () => {
    const { status, out, err } = await thresholds('show')
    expect([status, err]).toEqual([0, ''])
    expect(out).toMatch(/^CAMERA +BUDGET[\s\S]*gate-7\/north +1 \(server\.yaml\).*0\.9500 floor/)
    expect(await shown()).toMatchObject([{ camera: 'north' }, { camera: 'south' }])
  })

  it('explain: step by step, and drawn', async () => {
    const file = join(folder.path, 'north.svg')
    const { status, out, err } = await thresholds('explain', 'gate-7/north', '--plot', file)
    expect([status, err]).toEqual([0, `drawn to ${file}\n`])
    expect(out).toMatch(/At most 1 false alert a week[\s\S]*Not enough evidence yet[\s\S]*Forecast/)
    expect(await readFile(file, 'utf8')).toMatch(/^<svg/)
  })

  it('set: shows what would change, saves nothing and ends with 2 where nobody can agree', async () => {
    const { status, out, err } = await thresholds('set', '0.25', '--camera', 'gate-7/north')
    expect(status).toBe(2)
    expect(out).toMatch(/gate-7\/north +1 → 0\.25 +0\.9500 → 0\.9/)
    expect(out).toContain('1 of 1 camera has not enough evidence yet')
    expect(err).toContain('nothing was saved')
    expect((await shown()).map(({ budget }) => budget.budget)).toEqual([1, 1])
  })

  it('set --yes: saves, for a camera, a list or all; unset: takes it back', async () => {
    for (const place of [['--camera', 'gate-7/north'], ['--list', 'wanted'], []]) {
      const set = await thresholds('set', '3', '--yes', '--json', ...place)
      expect([set.status, set.err]).toEqual([0, 'saved\n'])
      expect(JSON.parse(set.out)).toMatchObject({ budget: 3, saved: true })
    }
    expect((await shown()).map(({ camera, list, budget }) => [camera, list, budget.scope])).toEqual(
      [
        ['north', null, 'camera'],
        ['south', null, 'server'],
        ['south', 'wanted', 'list'],
      ],
    )
    for (const place of [['--camera', 'gate-7/north'], ['--list', 'wanted'], []]) {
      expect((await thresholds('unset', '--yes', ...place)).status).toBe(0)
    }
    expect((await shown()).map(({ budget }) => budget.scope)).toEqual(['file', 'file'])
  })

  it.each([
    [['set', 'few'], 2, 'expected a number above 0'],
    [['set', '0'], 2, 'expected a number above 0'],
    [['set', '1', '--camera', 'north'], 2, 'expected AGENT/CAMERA'],
    [['set', '1', '--camera', 'a/b', '--list', 'wanted'], 2, 'cannot be used with'],
    [['set', '1', '--camera', 'gate-7/roof'], 3, '[camera.not-found]'],
    [['set', '1', '--list', 'lost'], 3, 'choose one of: wanted'],
    [['set', '1e9'], 7, '[threshold.invalid]'],
    [['unset'], 3, '[threshold.not-found]'],
    [['forget', 'gate-7/north'], 3, '[camera.not-found]'],
    [['explain', 'gate-7/roof'], 3, '[camera.not-found]'],
  ])('%j ends with %d', async (args, status, words) => {
    const ran = await thresholds(...args)
    expect([ran.status, ran.out]).toEqual([status, ''])
    expect(ran.err).toContain(words)
  })
})
