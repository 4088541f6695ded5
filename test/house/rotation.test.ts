import { existsSync } from 'node:fs'
import { certsLayout } from '@vedette/certs/files'
import { issueCredentials } from '@vedette/certs/pki'
import { Rotation } from '@vedette/certs/rotation'
import { LightAgent } from '@vedette/scripts/bench/light-agent'
import type { Readiness } from '@vedette/server/authority/followers'
import type { CertsStatus } from '@vedette/server/authority/status'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PASSPHRASE } from '../support/certs-deployment.ts'
import { House } from '../support/house.ts'
import { run } from '../support/server-cli.ts'
import { until } from '../support/until.ts'

// Each runs several programs one after the other.

let house: House
let agent: LightAgent

beforeAll(async () => {
  house = await House.found()
  await house.startServer()
  agent = await startAgent('gate-7')
  await until(() => agent.welcome)
})

afterAll(async () => {
  await agent[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})

/** One that renews as soon as it is told to. */
async function startAgent(name: string, random = () => 0): Promise<LightAgent> {
  const identity = { role: 'agent', name } as const
  const { folder } = await issueCredentials({ home: house.home, identity })
  return LightAgent.start({ folder, port: house.config.gate.port, random })
}

async function vedette(...args: string[]) {
  return run([...args, ...globals(), '--json'], { env: { VEDETTE_PASSPHRASE: PASSPHRASE } })
}

function globals(): string[] {
  const credentials = certsLayout(house.home).credentials({ role: 'operator', name: 'anna' })
  const desk = `127.0.0.1:${house.config.desk.port}`
  return ['--home', house.home, '--desk', desk, '--credentials', credentials]
}

async function rotate(...args: string[]) {
  const { status, out, err } = await vedette('certs', 'rotate', ...args)
  return { status, err, facts: status === 0 ? JSON.parse(out) : undefined }
}

async function statusNow(): Promise<CertsStatus> {
  const { status, out } = await vedette('certs', 'status')
  expect(status).toBe(0)
  return JSON.parse(out) as CertsStatus
}

/** It can hang up and come back with what it has. */
async function expectWelcomeAgain(): Promise<void> {
  const { welcomes } = agent
  agent.redial()
  await until(() => agent.welcome && agent.welcomes > welcomes)
}

describe('a rotation of the root in a house at work', () => {
  it('is followed by an agent that stays connected, and by the operator', async () => {
    const before = await statusNow()
    expect(before).toMatchObject({ phase: 'steady', next: 'prepare', red: [] })

    expect(await rotate('prepare', '--root')).toMatchObject({ facts: { phase: 'prepared' } })
    const activated = await rotate('activate', '--wait', '20')
    expect(activated).toMatchObject({ facts: { phase: 'activated', left: [] } })
    const retired = await rotate('retire', '--wait', '20')
    expect(retired).toMatchObject({ status: 0, facts: { phase: 'retired', left: [] } })
    await expectWelcomeAgain()

    const after = await statusNow()
    expect(after).toMatchObject({ phase: 'retired', changes: 'root', red: [] })
    expect(after.trust).not.toBe(before.trust)
    const by = new Set(after.certificates.map(({ authority }) => authority))
    expect([...by]).toEqual([after.authorities.find(({ does }) => does === 'signs')?.id])
  })

  it('can be taken back phase by phase, while the agent stays', async () => {
    for (const phase of ['moved', 'activated', 'prepared', 'steady']) {
      expect(await rotate('rollback', '--wait', '20')).toMatchObject({ facts: { phase } })
      expect(agent.welcome).toBe(true)
    }
    await expectWelcomeAgain()
  })

  it('waits for who is here, and names who is left behind when it is forced to go on', async () => {
    await using slow = await startAgent('gate-8', () => 1)
    const lost = await startAgent('gate-6', () => 1)
    const away = { role: 'agent', name: 'gate-9' } as const
    await issueCredentials({ home: house.home, identity: away })
    await until(() => slow.welcome && lost.welcome)
    await rotate('prepare')
    await rotate('activate', '--wait', '20')
    await lost[Symbol.asyncDispose]() // it may be back in a moment
    const refused = await rotate('retire', '--wait', '1')
    expect(refused.status).toBe(7)
    expect(refused.err).toContain('gate-8 (certificate)')
    expect(refused.err).toContain('gate-6 (certificate)')
    expect(refused.err).toContain('[rotation.not-followed]')
    const forced = await rotate('retire', '--force')
    expect(forced.facts.phase).toBe('retired')
    expect(forced.facts.left.map(({ name }: { name: string }) => name).sort()).toEqual([
      'gate-6',
      'gate-8',
      'gate-9',
    ])
    await until(() => !slow.welcome)
    await expectWelcomeAgain()
  })

  it('says what is next, keeps its order, and asks before it does anything by itself', async () => {
    expect((await rotate('activate')).status).toBe(6)
    const asked = await rotate()
    expect(asked.status).toBe(7)
    expect(asked.err).toContain('next phase is prepare')
    expect((await rotate('status')).facts).toMatchObject({ phase: 'retired', next: 'prepare' })
  })
})

describe('who asks whether a fleet has followed', () => {
  it('is told of the phase that is on the disk, though nobody told the server of it', async () => {
    const { home } = house
    const unsaid = new Rotation({
      home,
      passphrase: async () => PASSPHRASE,
      server: async () => {},
    })
    await using desk = await house.desk()
    await unsaid.prepare('issuing')
    await unsaid.activate()
    const { waiting } = await desk.json<Readiness>('GET', '/certificates/readiness/forward')
    // Whoever renews by itself meanwhile has followed without having been told.
    expect(new Set(waiting.map(({ lacks }) => lacks))).toEqual(new Set(['certificate']))
  })
})

describe('the certificates of a house', () => {
  it('are shown as a table, and the list is there to be fetched', async () => {
    const { lists } = await statusNow()
    const desk = await house.desk()
    for (const { authority } of lists) {
      const der = await desk.bytes(`/crls/${authority}`)
      expect(der.subarray(0, 1)).toEqual(Buffer.of(0x30))
    }
    await expect(desk.bytes('/crls/00000000')).rejects.toMatchObject({ code: 'crl.not-found' })
    const shown = await run(['certs', 'status', ...globals()])
    expect(shown.out).toMatch(/^ROLE +NAME +SERIAL +BY +AGE +USED +UNTIL +STATE$/m)
    expect(shown.out).toMatch(/^LIST OF +KIND +NUMBER/m)
  })

  it('without a server are read from the files; a list that has ended is red', async () => {
    await house.stopServer()
    const credentials = certsLayout(house.home).credentials({ role: 'operator', name: 'anna' })
    const at = ['--home', house.home, '--credentials', credentials, '--json']
    await house.write('server.yaml', 'desk: { port: 1 }')
    const good = await run(['certs', 'status', ...at])
    expect(good).toMatchObject({ status: 0, err: expect.stringContaining('does not run') })
    const status = JSON.parse(good.out) as CertsStatus
    const [root] = status.authorities
    const file = certsLayout(house.home).root(root!.id).crl
    expect(existsSync(file)).toBe(true)
    await house.write(file.slice(house.home.length + 1), 'no list')
    const red = await run(['certs', 'status', ...at])
    expect(red.status).toBe(1)
    expect(JSON.parse(red.out).red).toEqual([`list of root ${root!.id}: missing`])
  })
})
