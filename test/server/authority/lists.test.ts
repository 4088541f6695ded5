import { createPrivateKey } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:tls'
import { makeCrl } from '@vedette/certs/crl'
import { certsLayout } from '@vedette/certs/files'
import { Office } from '@vedette/certs/office'
import { issueCredentials } from '@vedette/certs/pki'
import { Certificates } from '@vedette/server/authority/certificates'
import { RevocationLists } from '@vedette/server/authority/lists'
import { createMetrics, type Metrics } from '@vedette/shared/metrics'
import { type Credentials, dialOptions } from '@vedette/shared/tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { issuingAuthorityOf } from '../../support/certs-deployment.ts'
import { ScriptedAgent } from '../../support/server-client.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { TestGate } from '../../support/server-gate.ts'
import { LogBook } from '../../support/server-log.ts'

const HOUR = 3_600_000

let deployment: Deployment
let office: Office
let gate: TestGate
let watch: Certificates
let clock: ManualClock
let book: LogBook
let metrics: Metrics

beforeEach(async () => {
  deployment = await Deployment.found()
  clock = new ManualClock(Date.now())
  book = new LogBook()
  office = await Office.open(deployment.home, clock)
  gate = await TestGate.open(deployment)
  const { home } = deployment
  metrics = createMetrics('server')
  const lists = new RevocationLists({ office, clock, log: book.log, metrics })
  const life = 720 * HOUR
  const random = () => 0.5
  watch = await Certificates.open({ home, office, lists, life, clock, random, log: book.log })
  watch.start([gate.gate], async () => {})
  await watch.refresh()
})

afterEach(async () => {
  await watch[Symbol.asyncDispose]()
  await gate[Symbol.asyncDispose]()
  await deployment[Symbol.asyncDispose]()
})

/** Where a folder is no list can be put. */
async function block(): Promise<void> {
  const { crl } = certsLayout(deployment.home).issuing(office.standing.signs)
  await rm(crl)
  await mkdir(crl)
}

/** The code with which TLS refuses; the register is not asked for that. */
async function refusalOf(credentials: Credentials): Promise<unknown> {
  const seen = gate.book.of('gate.refused').length
  const options = dialOptions(credentials, { role: 'server' })
  const socket = connect({ ...options, host: '127.0.0.1', port: gate.port })
  socket.on('error', () => {})
  await once(socket, 'close')
  return (await gate.book.line('gate.refused', seen)).code
}

describe('the doors of a running server', () => {
  it('check lists: TLS itself refuses who is revoked, before the register is asked', async () => {
    const { credentials, serial } = await deployment.issue('agent', 'gate-8')
    await using _before = await ScriptedAgent.welcome(gate.port, credentials)
    await deployment.ledger.revoke(serial, 'stolen')
    expect(await refusalOf(credentials)).toBe('identity.revoked')
    await watch.refresh()
    expect(await refusalOf(credentials)).toBe('CERT_REVOKED')
    await using _good = await gate.welcome()
  })

  it('never offer a session to resume, before and after a change of lists', async () => {
    for (const name of ['gate-1', 'gate-2']) {
      const { credentials, serial } = await deployment.issue('agent', name)
      const options = dialOptions(credentials, { role: 'server' })
      const sessions: Buffer[] = []
      const socket = connect({ ...options, host: '127.0.0.1', port: gate.port })
      socket.on('session', (session: Buffer) => sessions.push(session))
      socket.on('error', () => {})
      await once(socket, 'secureConnect')
      expect(socket.isSessionReused()).toBe(false)
      socket.destroy()
      expect(sessions).toEqual([])
      await deployment.ledger.revoke(serial, 'stolen')
      await watch.refresh()
    }
  })

  it('go on serving who is connected while the lists change', async () => {
    const agent = await gate.welcome()
    await deployment.ledger.revoke((await deployment.issue('agent', 'x')).serial, 'stolen')
    await watch.refresh()
    agent.say({ type: 'ping', n: 7 })
    expect(await agent.hears('pong')).toMatchObject({ n: 7 })
  })

  it('follow what another process changed within a second', async () => {
    const { serial } = await deployment.issue('agent', 'gate-8')
    await deployment.ledger.revoke(serial, 'stolen')
    clock.advance(1000)
    expect(await book.line('crl.made')).toMatchObject({ revoked: 1, number: 2 })
    await book.line('credentials.used', 1)
  })

  it('let good cameras in when a list has ended and cannot be made, and raise the alarm', async () => {
    await block()
    clock.advance(24 * HOUR - 1000)
    await watch.refresh()
    expect(book.of('crl.failed').length).toBeGreaterThan(0)
    expect(book.of('crl.alarm')).toMatchObject([{ level: 'error', state: 'expired' }])
    expect(book.of('credentials.used').at(-1)).toMatchObject({ lists: 0 })
    await using _good = await gate.welcome('gate-9')
    const { credentials, serial } = await deployment.issue('agent', 'gate-8')
    await deployment.ledger.revoke(serial, 'stolen')
    expect(await refusalOf(credentials)).toBe('identity.revoked')
  })

  it('would be shut to everybody by a list that has ended, were it used', async () => {
    const { certificate, key } = await issuingAuthorityOf(deployment.home)
    const yesterday = { thisUpdate: Date.now() - 48 * HOUR, nextUpdate: Date.now() - 24 * HOUR }
    const signer = { certificate, key: createPrivateKey(key) }
    const ended = await makeCrl(signer, { number: 9, ...yesterday, revoked: [] })
    const [ofRoot] = office.crls
    await using other = await TestGate.open(deployment)
    other.gate.useCredentials({ ...office.credentials, crl: [ofRoot!, ended] })
    const options = dialOptions(await deployment.agent('gate-9'), { role: 'server' })
    const socket = connect({ ...options, host: '127.0.0.1', port: other.port })
    socket.on('error', () => {})
    await once(socket, 'close')
    expect(await other.book.line('gate.refused')).toMatchObject({ code: 'CRL_HAS_EXPIRED' })
  })

  it('say once that a list was refused, and count it', async () => {
    const { crl } = certsLayout(deployment.home).issuing(office.standing.signs)
    await writeFile(crl, (await readFile(crl, 'utf8')).slice(0, 99))
    await watch.refresh()
    await watch.refresh()
    expect(book.of('crl.refused')).toMatchObject([{ code: 'crl.unreadable' }])
    expect(book.of('crl.made')).toHaveLength(1)
  })

  it("show the server's new certificate from the next connection on", async () => {
    const shown = async () => {
      const options = dialOptions(await deployment.agent('gate-7'), { role: 'server' })
      const socket = connect({ ...options, host: '127.0.0.1', port: gate.port })
      await once(socket, 'secureConnect')
      const { serialNumber } = socket.getPeerCertificate()
      socket.destroy()
      return serialNumber.toLowerCase()
    }
    const before = await shown()
    const agent = await gate.welcome('gate-8')
    const identity = { role: 'server', name: 'hub' } as const
    const { serial } = await issueCredentials({ home: deployment.home, identity, replace: true })
    await watch.refresh()
    expect(await shown()).toBe(serial)
    expect(serial).not.toBe(before)
    agent.say({ type: 'ping', n: 1 })
    expect(await agent.hears('pong')).toMatchObject({ n: 1 })
  })

  it('keep what they have when key and certificate do not belong together', async () => {
    const folder = certsLayout(deployment.home).credentials({ role: 'server', name: '' })
    const { credentials } = await deployment.issue('agent', 'gate-8')
    const shown = office.credentials.chain
    await writeFile(`${folder}/chain.pem`, credentials.chain)
    await watch.refresh()
    expect(office.credentials.chain).toBe(shown)
    await using _good = await gate.welcome('gate-9')
  })

  it('say in time that an authority ends, and count what is left', async () => {
    const scraped = async () => (await metrics.metrics()).split('\n')
    const left = async (kind: string) => {
      const line = (await scraped()).find((each) =>
        each.startsWith(`vedette_authority_left_seconds{kind="${kind}"}`),
      )
      return Number(line?.split(' ')[1]) / 86_400
    }
    expect(await left('issuing')).toBeCloseTo(180, 0)
    expect(book.of('authority.alarm')).toEqual([])
    clock.advance(155 * 24 * HOUR)
    await watch.refresh()
    await watch.refresh()
    expect(book.of('authority.alarm')).toMatchObject([{ kind: 'issuing', state: 'late' }])
    expect(await left('issuing')).toBeCloseTo(25, 0)
    expect(await scraped()).toContain('vedette_crl_in_force 1')
    expect(await scraped()).toContain('vedette_rotation_phase{phase="steady"} 1')
  })
})
