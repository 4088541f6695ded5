import { X509Certificate } from 'node:crypto'
import { createIssuing, createRoot, IssuingAuthority } from '@vedette/certs/authority'
import { IdentityFault } from '@vedette/shared/errors'
import { splitPem } from '@vedette/shared/pem'
import { leadsTo, rootsOf, trustVersion } from '@vedette/shared/trust'
import { beforeAll, describe, expect, it } from 'vitest'
import { thrownBy } from '../support/thrown.ts'

const now = Date.now()
let [first, second]: string[] = []
let chain: X509Certificate[]
let issuing: string

beforeAll(async () => {
  const root = await createRoot({ now })
  const below = await createIssuing(root, { now })
  const authority = await IssuingAuthority.load(below)
  const issued = await authority.issue({ role: 'agent', name: 'gate-7' }, { now })
  ;[first, second] = [root.certificate, (await createRoot({ now })).certificate]
  chain = splitPem(issued.chain).map((pem) => new X509Certificate(pem))
  issuing = below.certificate
})

describe('the version of a bundle of roots', () => {
  it('is the same whatever the order, the repeats and the white space', () => {
    const version = trustVersion(first! + second!)
    expect(version).toMatch(/^[0-9a-f]{32}$/)
    for (const same of [second! + first!, `# roots\n${first}\n\n${second}${first}`]) {
      expect(trustVersion(same)).toBe(version)
    }
  })

  it('is another for other roots', () => {
    const versions = [first!, second!, first! + second!].map(trustVersion)
    expect(new Set(versions).size).toBe(3)
  })
})

describe('a bundle of roots', () => {
  it.each([
    ['nothing', () => ''],
    ['no PEM', () => 'roots'],
    ['an issuing authority', () => issuing],
    ['a leaf', () => chain[0]!.toString()],
    ['a root and a leaf', () => first + chain[0]!.toString()],
    [
      'PEM around what is no certificate',
      () => '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    ],
    ['more than eight', () => first!.repeat(9)],
  ])('is not: %s', (_what, roots) => {
    expect(thrownBy(() => rootsOf(roots()), IdentityFault).code).toBe('identity.bad-trust')
    expect(thrownBy(() => trustVersion(roots()), IdentityFault).code).toBe('identity.bad-trust')
  })

  it('is what a chain leads to, or is not', () => {
    const [own, other] = [rootsOf(first!), rootsOf(second!)]
    expect(leadsTo(chain, own)).toBe(true)
    expect(leadsTo(chain, [...other, ...own])).toBe(true)
    expect(leadsTo([...chain, ...own], own)).toBe(true)
    expect(leadsTo(chain, other)).toBe(false)
    expect(leadsTo([...chain, ...other], other)).toBe(false)
    expect(leadsTo(chain.slice(0, 1), own)).toBe(false)
    expect(leadsTo([], own)).toBe(false)
  })
})
