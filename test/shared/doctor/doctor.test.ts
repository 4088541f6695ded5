import { chmod, cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { certificateCheck, secretCheck } from '@vedette/shared/doctor/files'
import { examine, findingsText, ok } from '@vedette/shared/doctor/findings'
import { clockCheck, diskCheck, memoryCheck, unitCheck } from '@vedette/shared/doctor/machine'
import { Unavailable } from '@vedette/shared/errors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/server-deployment.ts'

let deployment: Deployment
let agent: string
let other: string

beforeAll(async () => {
  deployment = await Deployment.found()
  agent = (await deployment.issue('agent', 'gate-7')).folder
  other = (await deployment.issue('agent', 'gate-8')).folder
})

afterAll(() => deployment[Symbol.asyncDispose]())

/** A copy of the agent's credentials, with what `change` did to it. */
async function changed(change: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(deployment.home, `copy-${Math.trunc(performance.now() * 1000)}`)
  await cp(agent, folder, { recursive: true })
  await change(folder)
  return folder
}

const DAY = 86_400_000
const certificate = (folder: string, now = Date.now()) =>
  certificateCheck('certificate', folder, now).look()

describe('a doctor', () => {
  it('goes on where a look throws, and says what to do', async () => {
    const findings = await examine([
      {
        name: 'server',
        look: async () => {
          throw new Unavailable('uplink.unreachable', 'no answer', { hint: 'start it' })
        },
      },
      { name: 'clock', look: async () => ok('right') },
    ])
    expect(findings).toEqual([
      {
        ...{ check: 'server', state: 'fail', code: 'uplink.unreachable' },
        ...{ found: 'no answer [uplink.unreachable]', todo: 'start it' },
      },
      { check: 'clock', state: 'ok', found: 'right' },
    ])
    expect(findingsText(findings)).toBe(
      [
        'fail  server  no answer [uplink.unreachable]',
        '              → start it',
        'ok    clock   right',
      ].join('\n'),
    )
  })

  it.each([
    ['yes\n', 'ok'],
    ['no\n', 'warn'],
    ['', 'warn'],
  ])('sees whether the clock is kept in step: %j', async (said, state) => {
    expect(await clockCheck(async () => said).look()).toMatchObject({ state })
  })

  it.each([
    [50e9, 'ok'],
    [800e6, 'warn'],
    [100e6, 'fail'],
  ])('sees how much room there is on the disk: %d bytes', async (bytes, state) => {
    expect(await diskCheck('/data', async () => bytes).look()).toMatchObject({ state })
  })

  it('asks the disk itself', async () => {
    expect((await diskCheck(deployment.home).look()).found).toMatch(/^\d+ MB free for /)
  })

  it.each([
    [4_000_000, 'ok'],
    [200_000, 'warn'],
    [50_000, 'fail'],
  ])('sees how much memory is left: %d kB', async (kB, state) => {
    const read = async () => `MemTotal: 8000000 kB\nMemAvailable:    ${kB} kB\n`
    expect(await memoryCheck(read).look()).toMatchObject({ state })
  })

  it.each([
    [{ active: 'active' }, 'ok', 'vedette-agent.service is active'],
    [{ active: 'active', restarts: 9 }, 'warn', 'started 9 times'],
    [{ active: 'inactive' }, 'warn', 'inactive'],
    [{ active: 'failed', result: 'watchdog' }, 'fail', 'it ended by watchdog'],
    [{ load: 'not-found' }, 'warn', 'not installed'],
  ])('sees how the service does: %j', async (state, expected, found) => {
    const usual = { load: 'loaded', active: '', sub: '', status: '', restarts: 0, result: '' }
    const ask = async (unit: string) => ({ unit, ...usual, ...state })
    const finding = await unitCheck('vedette-agent.service', ask).look()
    expect(finding).toMatchObject({ state: expected, found: expect.stringContaining(found) })
  })

  it('says so where no systemd runs the machine', async () => {
    const ask = async () => {
      throw new Unavailable('service.failed', 'no bus')
    }
    expect(await unitCheck('vedette-agent.service', ask).look()).toMatchObject({
      state: 'warn',
      found: 'no systemd runs this machine',
    })
  })

  it('sees that others could read a key', async () => {
    const folder = await changed((copy) => chmod(join(copy, 'key.pem'), 0o640))
    const finding = await secretCheck('key', join(folder, 'key.pem')).look()
    expect(finding).toMatchObject({ state: 'fail', todo: expect.stringContaining('chmod 600') })
    expect(await secretCheck('key', join(agent, 'key.pem')).look()).toMatchObject({ state: 'ok' })
  })
})

describe('a certificate', () => {
  it('is well until the last quarter of its life, then should have been renewed, then is over', async () => {
    const [, days] = /, ([\d.]+) days,/.exec((await certificate(agent)).found) ?? []
    const life = Number(days) * DAY
    expect(await certificate(agent, Date.now() + 0.7 * life)).toMatchObject({ state: 'ok' })
    expect(await certificate(agent, Date.now() + 0.9 * life)).toMatchObject({
      state: 'warn',
      found: expect.stringContaining('should have been renewed'),
    })
    expect(await certificate(agent, Date.now() + 1.1 * life)).toMatchObject({
      state: 'fail',
      found: expect.stringContaining('it ended'),
    })
  })

  it('that counts from later on is a clock that is behind', async () => {
    expect(await certificate(agent, Date.now() - 400 * DAY)).toMatchObject({
      state: 'fail',
      todo: expect.stringContaining('clock'),
    })
  })

  it('without its own key is of no use', async () => {
    const folder = await changed((copy) => cp(join(other, 'key.pem'), join(copy, 'key.pem')))
    expect(await certificate(folder)).toMatchObject({
      state: 'fail',
      found: expect.stringContaining('do not belong together'),
    })
  })

  it('whose root is another one is of no use', async () => {
    await using elsewhere = await Deployment.found()
    const { folder: foreign } = await elsewhere.issue('agent', 'gate-7')
    const roots = await readFile(join(foreign, 'roots.pem'))
    const folder = await changed((copy) => writeFile(join(copy, 'roots.pem'), roots))
    expect(await certificate(folder)).toMatchObject({
      state: 'fail',
      found: expect.stringContaining('no root'),
    })
  })
})
