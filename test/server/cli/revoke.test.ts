import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Office } from '@vedette/certs/office'
import { issueCredentials } from '@vedette/certs/pki'
import { type Revoked, revoke } from '@vedette/certs/revoking'
import { DeskClient } from '@vedette/server/cli/desk-client'
import { systemClock } from '@vedette/shared/clock'
import { readCredentials } from '@vedette/shared/credentials'
import type { Credentials } from '@vedette/shared/tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { House } from '../../support/house.ts'
import { run } from '../../support/server-cli.ts'
import { helloOf, matchOf, ScriptedAgent } from '../../support/server-client.ts'

const MODEL = { model: 'dlib-resnet29-1' }
let house: House

beforeAll(async () => {
  house = await House.found()
  await house.startServer()
  const ports = `gate: { port: ${house.config.gate.port} }\ndesk: { port: ${house.config.desk.port} }\n`
  await writeFile(join(house.home, 'server.yaml'), ports)
})

afterAll(() => house[Symbol.asyncDispose]())

const vedette = (...args: string[]) => run(['--home', house.home, '--operator', 'anna', ...args])

async function newcomer(role: 'agent' | 'operator', name: string) {
  const identity = { role, name }
  const { folder, serial } = await issueCredentials({ home: house.home, identity })
  return { credentials: await readCredentials(folder), serial }
}

/** Asks without end, and notes when the last answer came. */
async function stream(credentials: Credentials) {
  const agent = await ScriptedAgent.welcome(house.config.gate.port, credentials, MODEL)
  let seq = 0
  const timer = setInterval(() => agent.say(matchOf(++seq)), 25)
  const answered: number[] = []
  let known = 0
  const watch = setInterval(() => {
    const acks = agent.heard.filter(({ type }) => type === 'ack').length
    if (acks > known) answered.push(Date.now())
    known = acks
  }, 1)
  return {
    agent,
    answered,
    [Symbol.dispose]() {
      clearInterval(timer)
      clearInterval(watch)
      agent[Symbol.dispose]()
    },
  }
}

async function refused(credentials: Credentials): Promise<boolean> {
  using agent = await ScriptedAgent.dial(house.config.gate.port, credentials)
  agent.say(helloOf(MODEL))
  return await agent.hears('welcome').then(
    () => false,
    () => true,
  )
}

/** Serials that the lists on the disk name as revoked. */
async function listed(): Promise<Set<string>> {
  const office = await Office.open(house.home)
  const lists = [...office.certificates.keys()].map((id) => office.crl(id)?.revoked)
  return new Set(lists.flatMap((revoked) => [...(revoked?.keys() ?? [])]))
}

describe('vedette agents revoke', () => {
  it('ends a live stream: nothing is accepted two seconds after it returns, nor after a restart', async () => {
    const { credentials, serial } = await newcomer('agent', 'stolen')
    using streaming = await stream(credentials)
    await streaming.agent.hears('ack', 10)
    const ran = await vedette('--json', 'agents', 'revoke', 'stolen', '--reason', 'box stolen')
    const returned = Date.now()
    expect(ran.status).toBe(0)
    expect((JSON.parse(ran.out) as Revoked[]).map((one) => one.serial)).toEqual([serial])
    const heard = await streaming.agent.ended()
    expect(heard.at(-1)).toEqual({ type: 'goodbye', reason: 'revoked' })
    expect(streaming.answered.at(-1)! - returned).toBeLessThanOrEqual(2000)
    expect(await refused(credentials)).toBe(true)

    expect(await listed()).toContain(serial)
    await house.stopServer()
    await house.startServer()
    expect(await refused(credentials)).toBe(true)
  })

  it('says so when there is nothing to revoke', async () => {
    await newcomer('agent', 'twice')
    expect((await vedette('agents', 'revoke', 'twice')).status).toBe(0)
    const [again, unknown] = await Promise.all([
      vedette('agents', 'revoke', 'twice'),
      vedette('agents', 'revoke', 'nobody'),
    ])
    expect(again).toMatchObject({ status: 6, err: expect.stringContaining('wrong-state') })
    expect(unknown).toMatchObject({ status: 3, err: expect.stringContaining('not-found') })
  })

  it('works without a server, which then knows from its start', async () => {
    const { credentials, serial } = await newcomer('agent', 'offline')
    await house.stopServer()
    const ran = await vedette('agents', 'revoke', 'offline')
    expect([ran.status, ran.err]).toEqual([0, expect.stringContaining('does not answer')])
    expect(await listed()).toContain(serial)
    await house.startServer()
    expect(await refused(credentials)).toBe(true)
  })

  it('by another process than the server cuts the agent off within two seconds', async () => {
    const { credentials, serial } = await newcomer('agent', 'elsewhere')
    using streaming = await stream(credentials)
    await streaming.agent.hears('ack')
    const office = await Office.open(house.home)
    await revoke(office, { serial }, 'by hand', systemClock)
    const revoked = Date.now()
    await streaming.agent.ended()
    expect(streaming.answered.at(-1)! - revoked).toBeLessThanOrEqual(2000)
  })
})

describe('vedette certs revoke', () => {
  it('takes one certificate back and leaves the others of the agent', async () => {
    const first = await newcomer('agent', 'double')
    const identity = { role: 'agent', name: 'double' } as const
    const { folder } = await issueCredentials({ home: house.home, identity, replace: true })
    const second = await readCredentials(folder)
    const colons = first.serial.toUpperCase().match(/../g)!.join(':')
    expect((await vedette('certs', 'revoke', colons)).status).toBe(0)
    expect(await refused(first.credentials)).toBe(true)
    expect(await refused(second)).toBe(false)
  })

  it('ends what an operator is watching', async () => {
    const { credentials } = await newcomer('operator', 'bert')
    await (await house.desk()).json('POST', '/operators', { name: 'bert', role: 'viewer' })
    await using bert = new DeskClient(`127.0.0.1:${house.config.desk.port}`, credentials)
    const events = bert.events('/alerts/events?since=0', new AbortController().signal)
    const ended = events.next().then(
      ({ done }) => done,
      () => true,
    )
    await bert.json('GET', '/agents')
    expect((await vedette('certs', 'revoke', 'operator/bert')).status).toBe(0)
    expect(await ended).toBe(true)
    await expect(bert.json('GET', '/agents')).rejects.toThrow()
  })

  it('does not take back the certificate it is asked with', async () => {
    const ran = await vedette('certs', 'revoke', 'operator/anna')
    expect(ran).toMatchObject({ status: 7, err: expect.stringContaining('another operator') })
    expect((await vedette('agents', 'list')).status).toBe(0)
  })
})
