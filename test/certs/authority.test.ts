import { X509Certificate } from 'node:crypto'
import { createIssuing, createRoot, IssuingAuthority } from '@vedette/certs/authority'
import { splitChain } from '@vedette/certs/pem'
import { BACKDATE, LIVES } from '@vedette/certs/profile'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  X509Certificate as Readable,
  SubjectKeyIdentifierExtension,
} from '@vedette/certs/x509'
import { ConfigFault, Refusal } from '@vedette/shared/errors'
import type { Role } from '@vedette/shared/identity'
import { describe, expect, it } from 'vitest'
import { rejectionOf } from '../support/thrown.ts'

const now = Date.parse('2026-03-01T12:00:00.500Z')
const whole = Date.parse('2026-03-01T12:00:00Z')
const root = await createRoot({ now })
const issuing = await createIssuing(root, { now })
const authority = await IssuingAuthority.load(issuing)
const agent = { role: 'agent', name: 'gate-7' } as const

/** What a certificate may do, by its extensions. */
function powersOf(pem: string) {
  const certificate = new Readable(pem)
  const { ca, pathLength, critical } = certificate.getExtension(BasicConstraintsExtension)!
  const usage = certificate.getExtension(KeyUsagesExtension)!
  return {
    ca,
    pathLength,
    usages: usage.usages,
    extended: certificate.getExtension(ExtendedKeyUsageExtension)?.usages,
    critical: critical && usage.critical,
  }
}

const authorityUsage = KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign

describe('a root and its issuing authority', () => {
  it('are a root of path length 1 and an authority of path length 0', () => {
    const common = { ca: true, usages: authorityUsage, extended: undefined, critical: true }
    expect(powersOf(root.certificate)).toEqual({ ...common, pathLength: 1 })
    expect(powersOf(issuing.certificate)).toEqual({ ...common, pathLength: 0 })
  })

  it('live as long as they are told, from a minute ago', async () => {
    const short = await createRoot({ now, life: 5000 })
    for (const [pem, life] of [
      [root.certificate, LIVES.root],
      [issuing.certificate, LIVES.issuing],
      [short.certificate, 5000],
    ] as const) {
      const certificate = new X509Certificate(pem)
      expect(Date.parse(certificate.validFrom)).toBe(whole - BACKDATE)
      expect(Date.parse(certificate.validTo)).toBe(whole + life)
    }
  })

  it('have names of their own in every deployment', async () => {
    const another = new X509Certificate((await createRoot({ now })).certificate)
    expect(another.subject).not.toBe(new X509Certificate(root.certificate).subject)
  })

  it('do not outlive one another', async () => {
    const short = await createRoot({ now, life: 10_000 })
    const { certificate } = await createIssuing(short, { now })
    expect(Date.parse(new X509Certificate(certificate).validTo)).toBe(whole + 10_000)
  })

  it('are refused unless certificate and key belong together', async () => {
    const other = await createIssuing(root, { now })
    const { chain, key } = await authority.issue(agent, { now })
    for (const wrong of [
      { certificate: issuing.certificate, key: other.key },
      { certificate: splitChain(chain)[0]!, key },
      { certificate: 'no certificate', key },
      { certificate: issuing.certificate, key: 'no key' },
    ]) {
      const error = await rejectionOf(IssuingAuthority.load(wrong), ConfigFault)
      expect(error.code).toBe('config.invalid')
    }
  })
})

describe('a leaf', () => {
  const { clientAuth, serverAuth } = ExtendedKeyUsage

  it.each<[Role, ExtendedKeyUsage]>([
    ['server', serverAuth],
    ['agent', clientAuth],
    ['operator', clientAuth],
  ])('of role %s carries one identity and one use', async (role, use) => {
    const { chain } = await authority.issue({ role, name: 'some-name' }, { now })
    const leaf = splitChain(chain)[0]!
    expect(powersOf(leaf)).toEqual({
      ca: false,
      pathLength: undefined,
      usages: KeyUsageFlags.digitalSignature,
      extended: [use],
      critical: true,
    })
    const { subjectAltName, subject } = new X509Certificate(leaf)
    expect(subjectAltName).toBe(`URI:urn:vedette:${role}:some-name`)
    expect(subject).toBe(`CN=${role} some-name`)
  })

  it('verifies as a chain, each by the key of the next', async () => {
    const { chain, serial, fingerprint256 } = await authority.issue(agent, { now })
    const certificates = splitChain(chain + root.certificate).map((pem) => new X509Certificate(pem))
    expect(certificates).toHaveLength(3)
    for (const [i, certificate] of certificates.entries()) {
      const issuer = certificates[Math.min(i + 1, 2)]!
      expect(certificate.checkIssued(issuer)).toBe(true)
      expect(certificate.verify(issuer.publicKey)).toBe(true)
      expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
    }
    const readable = splitChain(chain).map((pem) => new Readable(pem))
    const authorityKeyId = readable[0]!.getExtension(AuthorityKeyIdentifierExtension)!.keyId
    expect(readable[1]!.getExtension(SubjectKeyIdentifierExtension)!.keyId).toBe(authorityKeyId)
    expect(certificates[0]).toMatchObject({ serialNumber: serial.toUpperCase(), fingerprint256 })
  })

  it('has a positive serial of 32 digits that never comes twice', async () => {
    const issued = await Promise.all(
      Array.from({ length: 50 }, () => authority.issue(agent, { now })),
    )
    const serials = issued.map(({ serial }) => serial)
    expect(new Set(serials).size).toBe(50)
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9a-f]{31}$/)
  })

  it('of a server carries the host names and addresses too', async () => {
    const { chain } = await authority.issue(
      { role: 'server', name: 'hub' },
      { now, names: { dns: ['hub.example'], ip: ['192.0.2.1', '2001:db8::1'] } },
    )
    const leaf = new X509Certificate(chain)
    expect(leaf.checkHost('hub.example')).toBe('hub.example')
    expect(leaf.checkIP('192.0.2.1')).toBe('192.0.2.1')
    expect(leaf.checkIP('2001:db8::1')).toBe('2001:db8::1')
  })

  it('lives 30 days or as told, and never beyond its authority', async () => {
    const lives = [undefined, 60_000, 1000 * LIVES.issuing]
    const issued = lives.map((life) => authority.issue(agent, { now, life }))
    const ends = (await Promise.all(issued)).map(({ notAfter }) => notAfter - whole)
    expect(ends).toEqual([LIVES.leaf, 60_000, LIVES.issuing])
    expect(authority.notAfter).toBe(whole + LIVES.issuing)
  })

  it('is not issued any more when the life of its authority is over', async () => {
    const late = authority.issue(agent, { now: authority.notAfter })
    expect((await rejectionOf(late, ConfigFault)).code).toBe('config.invalid')
  })

  it.each(['', 'Gate-7', 'gate_7', '-gate', 'gate 7', '*', 'g'.repeat(64)])(
    'is refused to the name %j',
    async (name) => {
      const error = await rejectionOf(authority.issue({ role: 'agent', name }, { now }), Refusal)
      expect(error.code).toBe('request.invalid')
    },
  )

  it('carries no host name that is none, and none at all unless a server holds it', async () => {
    const hub = { role: 'server', name: 'hub' } as const
    for (const [identity, names] of [
      [hub, { dns: ['*.example'], ip: [] }],
      [hub, { dns: ['a..b'], ip: [] }],
      [hub, { dns: ['192.0.2.1'], ip: [] }],
      [hub, { dns: [], ip: ['192.0.2'] }],
      [agent, { dns: [], ip: [] }],
    ] as const) {
      const error = await rejectionOf(authority.issue(identity, { now, names }), Refusal)
      expect(error.code).toBe('request.invalid')
    }
  })

  it('has room in its common name for the longest name', async () => {
    const name = 'o'.repeat(63)
    const { chain } = await authority.issue({ role: 'operator', name }, { now })
    const leaf = new X509Certificate(chain)
    expect(leaf.subject).toHaveLength('CN='.length + 64)
    expect(leaf.subjectAltName).toBe(`URI:urn:vedette:operator:${name}`)
  })
})
