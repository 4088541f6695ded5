import { X509Certificate } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createIssuing } from '@vedette/certs/authority'
import { certsLayout } from '@vedette/certs/files'
import { ROOT_KEY } from '@vedette/certs/new-authority'
import { Office } from '@vedette/certs/office'
import { initPki, issueCredentials } from '@vedette/certs/pki'
import { LIVES } from '@vedette/certs/profile'
import { openKey } from '@vedette/certs/sealed-key'
import { readCredentials } from '@vedette/shared/credentials'
import { ConfigFault, Refusal } from '@vedette/shared/errors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { foundDeployment, PASSPHRASE, TemporaryFolder } from '../support/certs-deployment.ts'
import { rejectionOf } from '../support/thrown.ts'

const now = Date.parse('2026-03-01T12:00:00Z')
const agent = { role: 'agent', name: 'gate-7' } as const

let folder: TemporaryFolder
let home: string

beforeEach(async () => {
  folder = await TemporaryFolder.make()
  home = folder.path
})

afterEach(() => folder[Symbol.asyncDispose]())

/** Every path below `home`: a folder's mode, or a file's mode and content. */
async function inventory(): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const mode = ((await stat(path)).mode & 0o777).toString(8)
    const content = entry.isFile() ? ` ${await readFile(path, 'utf8')}` : ''
    found[path.slice(home.length + 1)] = mode + content
  }
  return found
}

const modes = async () =>
  Object.fromEntries(
    Object.entries(await inventory()).map(([path, text]) => [
      path.replace(/\b[0-9a-f]{8}\b/, 'ID'),
      text.slice(0, 3),
    ]),
  )

describe('init', () => {
  it('writes this and nothing else, keys for their owner alone', async () => {
    await foundDeployment(home, now)
    expect(await modes()).toEqual({
      certs: '700',
      'certs/roots': '700',
      'certs/roots/ID': '700',
      'certs/roots/ID/certificate.pem': '644',
      'certs/roots/ID/key.sealed.json': '600',
      'certs/roots/ID/crl.pem': '644',
      'certs/roots/ID/crl-number': '644',
      'certs/office': '700',
      'certs/office/ID': '700',
      'certs/office/ID/certificate.pem': '644',
      'certs/office/ID/key.pem': '600',
      'certs/office/ID/crl.pem': '644',
      'certs/office/ID/crl-number': '644',
      'certs/office/state.json': '644',
      'certs/office/ledger.jsonl': '600',
      'certs/server': '700',
      'certs/server/chain.pem': '644',
      'certs/server/key.pem': '600',
      'certs/server/roots.pem': '644',
      'certs/operators': '700',
      'certs/operators/anna': '700',
      'certs/operators/anna/chain.pem': '644',
      'certs/operators/anna/key.pem': '600',
      'certs/operators/anna/roots.pem': '644',
    })
  })

  it('enters every leaf in the ledger', async () => {
    const { server, operator, root } = await foundDeployment(home, now)
    const { ledger } = await Office.open(home)
    expect(await ledger.all()).toMatchObject([
      { serial: server.serial, role: 'server', name: 'hub', at: now },
      { serial: operator.serial, role: 'operator', name: 'anna', at: now },
    ])
    for (const { folder: place, chain, notAfter } of [server, operator]) {
      expect(await readCredentials(place)).toMatchObject({ chain, trust: root })
      expect(notAfter).toBe(now + LIVES.leaf)
    }
  })

  it('seals the key of the root, which signs again once it is opened', async () => {
    const { root, rootKey } = await foundDeployment(home, now)
    const sealed = await readFile(rootKey, 'utf8')
    const key = await openKey(sealed, PASSPHRASE, ROOT_KEY)
    const next = await createIssuing({ certificate: root, key }, { now })
    const certificate = new X509Certificate(next.certificate)
    expect(certificate.verify(new X509Certificate(root).publicKey)).toBe(true)
  })

  it('leaves what else lies in certs alone', async () => {
    await mkdir(join(home, 'certs', 'src'), { recursive: true })
    await writeFile(join(home, 'certs', 'src', 'file.ts'), 'text')
    await foundDeployment(home, now)
    expect(await readFile(join(home, 'certs', 'src', 'file.ts'), 'utf8')).toBe('text')
  })

  it('refuses a second time and leaves everything as it was', async () => {
    await foundDeployment(home, now)
    const before = await inventory()
    const error = await rejectionOf(foundDeployment(home, now), ConfigFault)
    expect(error.code).toBe('config.exists')
    expect(error.hint).toBeDefined()
    expect(await inventory()).toEqual(before)
  })

  it('refuses as well when only the roots were taken away', async () => {
    await foundDeployment(home, now)
    await rename(join(home, 'certs', 'roots'), join(home, 'roots-in-the-safe'))
    expect((await rejectionOf(foundDeployment(home, now), ConfigFault)).code).toBe('config.exists')
  })

  it('lets one of two that run at once win, whole', async () => {
    const outcomes = await Promise.allSettled([foundDeployment(home), foundDeployment(home)])
    const won = outcomes.filter(({ status }) => status === 'fulfilled')
    const lost = outcomes.find(({ status }) => status === 'rejected')
    expect(won).toHaveLength(1)
    expect(lost).toMatchObject({ reason: { code: 'config.exists' } })
    const { ledger } = await Office.open(home)
    expect(await ledger.all()).toHaveLength(2)
    expect(await readdir(certsLayout(home).folder)).toHaveLength(4)
  })

  it('puts back what it moved when a folder cannot be moved into place', async () => {
    await mkdir(join(home, 'certs'))
    await writeFile(join(home, 'certs', 'operators'), 'a file where a folder must go')
    const before = await inventory()
    await expect(foundDeployment(home, now)).rejects.toThrow()
    expect(await inventory()).toEqual(before)
  })

  it.each([
    ['a short passphrase', { passphrase: 'short' }, 'request.invalid'],
    ['no passphrase', { passphrase: '' }, 'passphrase.missing'],
    ['a server that has no name', { serverName: 'Hub!' }, 'request.invalid'],
    ['an operator that has no name', { operator: '../anna' }, 'request.invalid'],
    ['a wildcard', { serverNames: { dns: ['*.example'], ip: [] } }, 'request.invalid'],
  ])('writes nothing at all for %s', async (_what, wrong, code) => {
    const options = {
      home,
      passphrase: PASSPHRASE,
      serverName: 'hub',
      serverNames: { dns: [], ip: [] },
      operator: 'anna',
      now,
    }
    expect((await rejectionOf(initPki({ ...options, ...wrong }), Refusal)).code).toBe(code)
    expect(await inventory()).toEqual({})
  })
})

describe('issuing credentials', () => {
  it('writes a folder, and the ledger knows its certificate', async () => {
    const { root } = await foundDeployment(home, now)
    const issued = await issueCredentials({ home, identity: agent, now, life: 60_000 })
    expect(issued).toMatchObject({ identity: agent, notAfter: now + 60_000 })
    expect(issued.folder).toBe(join(home, 'certs', 'agents', 'gate-7'))
    expect(issued).not.toHaveProperty('key')
    const credentials = await readCredentials(issued.folder)
    expect(credentials).toMatchObject({ chain: issued.chain, trust: root })
    const { ledger } = await Office.open(home)
    expect(await ledger.find(issued.serial)).toMatchObject({
      ...agent,
      at: now,
      fingerprint256: new X509Certificate(credentials.chain).fingerprint256,
    })
    expect(await modes()).toMatchObject({
      'certs/agents': '700',
      'certs/agents/gate-7': '700',
      'certs/agents/gate-7/key.pem': '600',
    })
  })

  it('refuses to overwrite credentials and leaves everything as it was', async () => {
    await foundDeployment(home, now)
    await issueCredentials({ home, identity: agent, now })
    const before = await inventory()
    const error = await rejectionOf(issueCredentials({ home, identity: agent, now }), Refusal)
    expect(error.code).toBe('certificate.exists')
    expect(error.hint).toContain('--replace')
    expect(await inventory()).toEqual(before)
  })

  it('replaces them when told to, with a new key', async () => {
    await foundDeployment(home, now)
    const first = await issueCredentials({ home, identity: agent, now })
    const old = await readCredentials(first.folder)
    const second = await issueCredentials({ home, identity: agent, now, replace: true })
    const fresh = await readCredentials(second.folder)
    expect(fresh.chain).toBe(second.chain)
    expect(fresh.key).not.toBe(old.key)
    expect(await readdir(join(home, 'certs', 'agents'))).toEqual(['gate-7'])
    const { ledger } = await Office.open(home)
    expect(await ledger.find(first.serial)).toMatchObject({ revocation: undefined })
  })

  it('renews the server with its host names', async () => {
    const { server } = await foundDeployment(home, now)
    const names = { dns: ['hub.example'], ip: [] }
    const options = { home, identity: server.identity, names, now, replace: true }
    const { folder: place, chain } = await issueCredentials(options)
    expect(place).toBe(server.folder)
    expect(new X509Certificate(chain).checkHost('hub.example')).toBe('hub.example')
  })

  it('works with the root locked away', async () => {
    const { root, rootKey } = await foundDeployment(home, now)
    await rm(rootKey)
    const { folder: place } = await issueCredentials({ home, identity: agent, now })
    expect(await readCredentials(place)).toMatchObject({ trust: root })
  })

  it('says what to do where there is no deployment', async () => {
    const error = await rejectionOf(issueCredentials({ home, identity: agent, now }), ConfigFault)
    expect(error.code).toBe('config.missing')
    expect(error.hint).toContain('vedette init')
    expect(await inventory()).toEqual({})
  })

  it('refuses a name that would leave its folder', async () => {
    await foundDeployment(home, now)
    const escaping = { role: 'agent', name: '../server' } as const
    const error = await rejectionOf(issueCredentials({ home, identity: escaping, now }), Refusal)
    expect(error.code).toBe('request.invalid')
  })
})
