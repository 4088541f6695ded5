import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { replaceFile } from '@vedette/agent/durable'
import { Wallet } from '@vedette/agent/identity/wallet'
import { createIssuing, createRoot, IssuingAuthority } from '@vedette/certs/authority'
import { newRequest } from '@vedette/shared/certificate-request'
import { CREDENTIAL_FILES, readCredentials, renewalSteps } from '@vedette/shared/credentials'
import { ConfigFault, IdentityFault } from '@vedette/shared/errors'
import type { Identity } from '@vedette/shared/identity'
import { splitPem } from '@vedette/shared/pem'
import type { Credentials } from '@vedette/shared/tls'
import { trustVersion } from '@vedette/shared/trust'
import { beforeEach, describe, expect, it } from 'vitest'
import { rejectionOf, thrownBy } from '../../support/thrown.ts'

const now = Date.now()
const agent: Identity = { role: 'agent', name: 'gate-7' }
const root = await createRoot({ now })
const authority = await IssuingAuthority.load(await createIssuing(root, { now }))
const otherRoot = await createRoot({ now })
const stranger = await IssuingAuthority.load(await createIssuing(otherRoot, { now }))
const { key, chain } = await authority.issue(agent, { now })
const first: Credentials = { chain, key, trust: root.certificate }

/** What the server would answer to a new request, and the key it is for. */
async function answer(identity = agent, by = authority, life?: number) {
  const { request, key } = await newRequest()
  return { ...(await by.issueFor(identity, request, { now, life })), key }
}

let folder: string
let wallet: Wallet

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vedette-wallet-'))
  for (const [file, text] of [
    [CREDENTIAL_FILES.chain, first.chain],
    [CREDENTIAL_FILES.key, first.key],
    [CREDENTIAL_FILES.trust, first.trust],
  ] as const) {
    await writeFile(join(folder, file), text, { mode: 0o600 })
  }
  wallet = await Wallet.open(folder)
  return () => rm(folder, { recursive: true, force: true })
})

const fits = ({ chain, key }: Credentials) =>
  new X509Certificate(chain).checkPrivateKey(createPrivateKey(key))

describe('a renewed certificate', () => {
  it('is kept: the next start goes by it, with a key for nobody else to read', async () => {
    const { chain, key } = await answer()
    const next = wallet.renewed(chain, key, now)
    await wallet.keep(next)
    expect(wallet.credentials).toEqual(next)
    expect(await readCredentials(folder)).toEqual(next)
    expect((await stat(join(folder, 'key.pem'))).mode & 0o777).toBe(0o600)
    expect((await readdir(folder)).sort()).toEqual(['chain.pem', 'key.pem', 'roots.pem'])
    expect(await readFile(join(folder, 'key.pem'), 'utf8')).toBe(key)
  })

  it.each<[string, () => Promise<{ chain: string; key: string }>]>([
    ['for another key', async () => ({ ...(await answer()), key: (await newRequest()).key })],
    ['for somebody else', () => answer({ role: 'agent', name: 'gate-8' })],
    ['for an operator of that name', () => answer({ role: 'operator', name: 'gate-7' })],
    ['of an unknown authority', () => answer(agent, stranger)],
    [
      'without its authority',
      async () => {
        const { chain, key } = await answer()
        return { chain: splitPem(chain)[0]!, key }
      },
    ],
    ['that has expired already', () => answer(agent, authority, -1000)],
    ['that is the present one', async () => first],
    ['that is nothing', async () => ({ ...(await answer()), chain: '' })],
    [
      'that cannot be read',
      async () => ({
        ...(await answer()),
        chain: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      }),
    ],
  ])('is not taken: %s', async (_what, made) => {
    const { chain, key } = await made()
    const fault = thrownBy(() => wallet.renewed(chain, key, now), IdentityFault)
    expect(fault.code).toBe('identity.bad-chain')
    expect(wallet.credentials).toEqual(first)
  })

  it('leaves a folder that can be used, wherever keeping it was cut short', async () => {
    const { chain, key } = await answer()
    const next = { chain, key, trust: first.trust }
    const steps = renewalSteps(first, next)
    for (const [done, { file, text, secret }] of steps.entries()) {
      const before = await readCredentials(folder)
      expect(fits(before)).toBe(true)
      expect(before.chain).toBe(done < 2 ? first.chain : chain)
      // Cut short within the step: what is half written has another name.
      await writeFile(join(folder, `${file}.new`), text.slice(0, 40))
      expect(await readCredentials(folder)).toEqual(before)
      await replaceFile(join(folder, file), text, secret)
      const after = await readCredentials(folder)
      expect(fits(after)).toBe(true)
      expect(after.chain).toBe(done < 1 ? first.chain : chain)
      // And the next renewal goes well from there.
      const again = await Wallet.open(folder)
      expect(again.credentials).toEqual(after)
    }
    expect(await readCredentials(folder)).toEqual(next)
  })

  it.each([1, 2])('is kept after step %d of one before was the last', async (done) => {
    const half = await answer()
    const steps = renewalSteps(first, { ...half, trust: first.trust })
    for (const { file, text, secret } of steps.slice(0, done)) {
      await replaceFile(join(folder, file), text, secret)
    }
    const { chain, key } = await answer()
    await wallet.keep(wallet.renewed(chain, key, now))
    expect(await readCredentials(folder)).toEqual({ chain, key, trust: first.trust })
  })

  it('is gone by even where the folder cannot be written, and that is said', async () => {
    const { chain, key } = await answer()
    await rm(folder, { recursive: true })
    expect(await rejectionOf(wallet.keep({ chain, key, trust: '' }), ConfigFault)).toMatchObject({
      code: 'config.missing',
    })
    expect(wallet.credentials).toEqual({ chain, key, trust: first.trust })
  })
})

describe('a credentials folder', () => {
  it('with several keys gives the one of its certificate', async () => {
    const others = await Promise.all([newRequest(), newRequest()])
    const keys = others[0].key + first.key + others[1].key
    await writeFile(join(folder, 'key.pem'), keys)
    expect(await readCredentials(folder)).toEqual(first)
  })

  it('with several keys of which none is right must be mended', async () => {
    const others = await Promise.all([newRequest(), newRequest()])
    await writeFile(join(folder, 'key.pem'), others[0].key + others[1].key)
    const fault = await rejectionOf(readCredentials(folder), ConfigFault)
    expect(fault).toMatchObject({ code: 'config.invalid' })
    expect(fault.hint).toContain('vedette-agent join')
  })
})

describe('a bundle of roots', () => {
  const both = root.certificate + otherRoot.certificate
  const peer = () => splitPem(first.chain).map((pem) => new X509Certificate(pem))

  it('is trusted from the next start on as well', async () => {
    await wallet.trustRoots(both, peer())
    expect(wallet.trust).toBe(trustVersion(both))
    expect(await readCredentials(folder)).toEqual({ ...first, trust: both })
    expect((await Wallet.open(folder)).trust).toBe(trustVersion(both))
  })

  it('is refused when nobody here would be known by it', async () => {
    const fault = await rejectionOf(wallet.trustRoots(otherRoot.certificate, peer()), IdentityFault)
    expect(fault.code).toBe('identity.bad-trust')
    expect(await readCredentials(folder)).toEqual(first)
    expect(wallet.credentials).toEqual(first)
  })

  it('is taken when the server has moved to it already, or we have', async () => {
    const moved = await stranger.issue({ role: 'server', name: 'hub' }, { now })
    const shown = splitPem(moved.chain).map((pem) => new X509Certificate(pem))
    await wallet.trustRoots(both, peer())
    await wallet.trustRoots(otherRoot.certificate, shown)
    expect(wallet.trust).toBe(trustVersion(otherRoot.certificate))
  })

  it.each(['', 'roots', first.chain])('is none: %#', async (text) => {
    const fault = await rejectionOf(wallet.trustRoots(text, peer()), IdentityFault)
    expect(fault.code).toBe('identity.bad-trust')
    expect(await readCredentials(folder)).toEqual(first)
  })

  it('has no version where the file is none', async () => {
    await chmod(join(folder, 'roots.pem'), 0o600)
    await writeFile(join(folder, 'roots.pem'), 'nothing')
    expect((await Wallet.open(folder)).trust).toBeUndefined()
  })
})
