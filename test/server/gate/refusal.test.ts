import { once } from 'node:events'
import { EnvelopeReader, encodeEnvelope } from '@vedette/shared/envelope'
import { encodeMessage } from '@vedette/shared/message'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { badCertificates } from '../../support/certs-bad.ts'
import { foundDeployment, TemporaryFolder } from '../../support/certs-deployment.ts'
import { helloOf, ScriptedAgent } from '../../support/server-client.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { TestGate } from '../../support/server-gate.ts'

const deployment = await Deployment.found()
const bad = await badCertificates(deployment.home)
const door = await TestGate.open(deployment)

afterAll(async () => {
  await door[Symbol.asyncDispose]()
  await deployment[Symbol.asyncDispose]()
})

afterEach(() => vi.restoreAllMocks())

const refusals = () => door.book.of('gate.refused').length

describe('the gate', () => {
  it('knows 33 kinds of bad certificates', () => expect(bad).toHaveLength(33))

  it.each(bad)('refuses and says why: $name', async ({ credentials, reason }) => {
    const read = vi.spyOn(EnvelopeReader.prototype, 'push')
    const [before, welcomed] = [refusals(), door.welcomed.length]
    using agent = await ScriptedAgent.dial(door.port, credentials)
    agent.say(helloOf())
    agent.write(Buffer.alloc(1024))
    expect(await agent.ended()).toEqual([])
    const line = await door.book.line('gate.refused', before)
    expect(line).toMatchObject({ level: 'warn', code: reason })
    expect(read).not.toHaveBeenCalled()
    expect(door.welcomed).toHaveLength(welcomed)
    expect(door.gate.sessions.connected).toEqual([])
  })

  it('would process the same bytes of an honest agent: the test can tell', async () => {
    const read = vi.spyOn(EnvelopeReader.prototype, 'push')
    using agent = await door.dial('honest-one')
    agent.say(helloOf())
    await agent.hears('welcome')
    expect(read).toHaveBeenCalled()
  })

  it.each(['TLSv1.2', 'TLSv1.1'] as const)('refuses %s', async (version) => {
    const before = refusals()
    const old = { minVersion: version, maxVersion: version }
    using agent = await ScriptedAgent.dial(door.port, await deployment.agent('gate-7'), old)
    expect(await agent.ended()).toEqual([])
    const { code } = await door.book.line('gate.refused', before)
    expect(code).toMatch(/^ERR_SSL_(UNSUPPORTED_PROTOCOL|TLSV1_ALERT_PROTOCOL_VERSION)$/)
  })

  it('refuses what is no TLS at all', async () => {
    const { connect } = await import('node:net')
    const before = refusals()
    const socket = connect(door.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(encodeEnvelope(encodeMessage(helloOf())))
    await once(socket, 'close')
    expect((await door.book.line('gate.refused', before)).code).toMatch(/^ERR_SSL_/)
  })

  it('refuses a certificate that is revoked from the next connection on', async () => {
    const { credentials, serial } = await deployment.issue('agent', 'stolen')
    using first = await ScriptedAgent.welcome(door.port, credentials)
    await deployment.ledger.revoke(serial, 'camera stolen')
    const before = refusals()
    using second = await ScriptedAgent.dial(door.port, credentials)
    second.say(helloOf())
    expect(await second.ended()).toEqual([])
    expect((await door.book.line('gate.refused', before)).code).toBe('identity.revoked')
    first.say({ type: 'goodbye', reason: 'shutdown' })
  })

  it('resumes no session, whatever it gave for that', async () => {
    const credentials = await deployment.agent('gate-7')
    using first = await ScriptedAgent.welcome(door.port, credentials)
    await first.settled()
    const own = first.socket.getSession()
    for (const session of [...first.tickets, ...(own ? [own] : [])]) {
      using second = await ScriptedAgent.dial(door.port, credentials, { session })
      second.say(helloOf())
      await second.hears('welcome')
      expect(second.socket.isSessionReused()).toBe(false)
      expect(second.socket.getProtocol()).toBe('TLSv1.3')
    }
  })

  it('is refused itself by an agent of another deployment', async () => {
    await using elsewhere = await TemporaryFolder.make()
    await foundDeployment(elsewhere.path)
    const before = refusals()
    const [stranger] = (await badCertificates(elsewhere.path)).filter(
      ({ name }) => name === 'revoked',
    )
    using agent = await ScriptedAgent.dial(door.port, stranger!.credentials)
    agent.say(helloOf())
    expect(await agent.ended()).toEqual([])
    expect(await door.book.line('gate.refused', before)).toBeDefined()
  })
})
