import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto'
import { createIssuing, createRoot, IssuingAuthority } from '@vedette/certs/authority'
import { KEY_ALGORITHM, newKeyPair, privateKeyPem, SIGNING_ALGORITHM } from '@vedette/certs/pem'
import {
  BasicConstraintsExtension,
  PemConverter,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
} from '@vedette/certs/x509'
import { Refusal } from '@vedette/shared/errors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rejectionOf } from '../support/thrown.ts'

const now = Date.parse('2026-03-01T12:00:00Z')
const authority = await IssuingAuthority.load(
  await createIssuing(await createRoot({ now }), { now }),
)
const agent = { role: 'agent', name: 'gate-7' } as const

type Algorithm = { name: string; hash: string }

/** A request for another name, with powers, signed by `keys`. */
async function requestBy(keys: webcrypto.CryptoKeyPair, signingAlgorithm: Algorithm) {
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: 'CN=operator anna',
    keys,
    signingAlgorithm,
    extensions: [
      new BasicConstraintsExtension(true, 3, true),
      new SubjectAlternativeNameExtension([{ type: 'url', value: 'urn:vedette:operator:anna' }]),
    ],
  })
  return request.toString('pem')
}

function derOf(pem: string): Uint8Array {
  return new Uint8Array(PemConverter.decodeFirst(pem))
}

function withBitFlipped(der: Uint8Array, bit: number): string {
  const changed = der.slice()
  changed[bit >> 3]! ^= 1 << (bit & 7)
  return PemConverter.encode(changed, 'CERTIFICATE REQUEST')
}

async function refusalOf(request: string): Promise<string> {
  return (await rejectionOf(authority.issueFor(agent, request, { now }), Refusal)).code
}

describe('a certificate request', () => {
  it('is answered with a certificate for its key and nothing else that it asks for', async () => {
    const keys = await newKeyPair()
    const request = await requestBy(keys, SIGNING_ALGORITHM)
    const { chain, ...issued } = await authority.issueFor(agent, request, { now })
    const leaf = new X509Certificate(chain)
    expect(leaf.checkPrivateKey(createPrivateKey(privateKeyPem(keys.privateKey)))).toBe(true)
    expect(leaf.subjectAltName).toBe('URI:urn:vedette:agent:gate-7')
    expect(leaf.subject).toBe('CN=agent gate-7')
    expect(leaf.ca).toBe(false)
    expect(issued).not.toHaveProperty('key')
  })

  it('is refused when its signature or what it signs is changed', async () => {
    const keys = await newKeyPair()
    const der = derOf(await requestBy(keys, SIGNING_ALGORITHM))
    const name = Buffer.from(der).indexOf('operator anna')
    for (const at of [name, der.length - 1]) {
      expect(await refusalOf(withBitFlipped(der, at * 8))).toBe('request.invalid')
    }
  })

  it('never gets a certificate for another key, whichever bit of it is changed', async () => {
    const keys = await newKeyPair()
    const der = derOf(await requestBy(keys, SIGNING_ALGORITHM))
    const key = createPrivateKey(privateKeyPem(keys.privateKey))
    await fc.assert(
      fc.asyncProperty(fc.nat(der.length * 8 - 1), async (bit) => {
        try {
          const { chain } = await authority.issueFor(agent, withBitFlipped(der, bit), { now })
          expect(new X509Certificate(chain).checkPrivateKey(key)).toBe(true)
        } catch (error) {
          expect(error).toMatchObject({ code: 'request.invalid' })
        }
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  it('is refused when another key signed it', async () => {
    const [mine, stolen] = await Promise.all([newKeyPair(), newKeyPair()])
    const mixed = { publicKey: stolen.publicKey, privateKey: mine.privateKey }
    expect(await refusalOf(await requestBy(mixed, SIGNING_ALGORITHM))).toBe('request.invalid')
  })

  it('is refused for a key of another kind', async () => {
    const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
    const rsaKey = { ...rsa, modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) }
    const rsaPair = await webcrypto.subtle.generateKey(rsaKey, true, ['sign', 'verify'])
    expect(await refusalOf(await requestBy(rsaPair, rsa))).toBe('request.invalid')

    const p384 = { ...KEY_ALGORITHM, namedCurve: 'P-384' }
    const otherCurve = await webcrypto.subtle.generateKey(p384, true, ['sign', 'verify'])
    expect(await refusalOf(await requestBy(otherCurve, SIGNING_ALGORITHM))).toBe('request.invalid')
  })

  it.each(['', 'not a request', '-----BEGIN CERTIFICATE REQUEST-----', 'A'.repeat(5000)])(
    'is refused when it is none (%#)',
    async (text) => expect(await refusalOf(text)).toBe('request.invalid'),
  )
})
