import { Office } from '@vedette/certs/office'
import { issueCredentials } from '@vedette/certs/pki'
import { readCredentials } from '@vedette/shared/credentials'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { badCertificates } from '../support/certs-bad.ts'
import { foundDeployment, TemporaryFolder } from '../support/certs-deployment.ts'
import { SmallGate, talk } from '../support/certs-gate.ts'

const temporary = await TemporaryFolder.make()
const home = temporary.path
const { server } = await foundDeployment(home)
const issued = await issueCredentials({ home, identity: { role: 'agent', name: 'gate-7' } })
const agent = await readCredentials(issued.folder)
const { ledger } = await Office.open(home)
const bad = await badCertificates(home)
const gate = await SmallGate.start(await readCredentials(server.folder), ledger, 'agent')

afterAll(async () => {
  await gate[Symbol.asyncDispose]()
  await temporary[Symbol.asyncDispose]()
})

beforeEach(() => {
  gate.bytesProcessed = 0
})

describe('a server that asks TLS, then the identity, then the ledger', () => {
  it('admits an agent by TLS 1.3 and learns who it is', async () => {
    const { received } = await talk(gate.port, agent)
    expect(await gate.verdict()).toEqual({
      version: 'TLSv1.3',
      resumed: false,
      peer: {
        identity: { role: 'agent', name: 'gate-7' },
        serial: issued.serial,
        notAfter: issued.notAfter,
        fingerprint: issued.fingerprint256,
      },
    })
    expect(received.toString()).toBe('!')
    expect(gate.bytesProcessed).toBe(1024)
  })

  it.each(bad)('refuses: $name', async ({ credentials, reason }) => {
    const { received } = await talk(gate.port, credentials)
    expect(await gate.verdict()).toEqual({ refused: reason })
    expect(received).toHaveLength(0)
    expect(gate.bytesProcessed).toBe(0)
  })

  it('refuses an agent that offers no more than TLS 1.2', async () => {
    const { received } = await talk(gate.port, agent, {
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.2',
    })
    expect(await gate.verdict()).toEqual({ refused: 'ERR_SSL_UNSUPPORTED_PROTOCOL' })
    expect(received).toHaveLength(0)
    expect(gate.bytesProcessed).toBe(0)
  })

  it('refuses an agent from the moment another process revokes its certificate', async () => {
    const identity = { role: 'agent', name: 'gate-8' } as const
    const { folder, serial } = await issueCredentials({ home, identity })
    const credentials = await readCredentials(folder)
    await talk(gate.port, credentials)
    expect(await gate.verdict()).toMatchObject({ peer: { identity } })

    const elsewhere = await Office.open(home)
    await elsewhere.ledger.revoke(serial, 'camera stolen')
    await talk(gate.port, credentials)
    expect(await gate.verdict()).toEqual({ refused: 'identity.revoked' })
  })

  it.each([
    { resumed: false, overrides: {} },
    { resumed: true, overrides: { secureOptions: 0 } }, // shows that the test would notice
  ])('resumes a session: $resumed, given $overrides', async ({ resumed, overrides }) => {
    const own = await readCredentials(server.folder)
    await using other = await SmallGate.start(own, ledger, 'agent', overrides)
    const { sessions } = await talk(other.port, agent)
    expect(await other.verdict()).toMatchObject({ resumed: false })
    const session = sessions.at(-1)
    await talk(other.port, agent, session ? { session } : {})
    expect(await other.verdict()).toMatchObject({ resumed })
  })

  it('is never dialled with a chain that was cut short: it cannot be loaded', async () => {
    const cut = { ...agent, chain: agent.chain.slice(0, -100) }
    await expect(talk(gate.port, cut)).rejects.toThrow('PEM')
  })

  it('is refused by the agent unless it is the server of this deployment', async () => {
    await using elsewhere = await TemporaryFolder.make()
    const stranger = await foundDeployment(elsewhere.path)
    for (const folder of [stranger.server.folder, issued.folder]) {
      await using impostor = await SmallGate.start(await readCredentials(folder), ledger, 'agent')
      const { received } = await talk(impostor.port, agent)
      expect(received).toHaveLength(0)
      expect(await impostor.verdict()).toHaveProperty('refused')
    }
  })
})
