import { createPrivateKey } from 'node:crypto'
import { createIssuing, createRoot } from '@vedette/certs/authority'
import { type CrlOptions, derOf, makeCrl, readCrl } from '@vedette/certs/crl'
import { newSerial } from '@vedette/certs/profile'
import { X509Certificate as Readable, X509Crl } from '@vedette/certs/x509'
import { IntegrityFault } from '@vedette/shared/errors'
import { describe, expect, it } from 'vitest'

const now = Date.parse('2026-03-01T12:00:00Z')
const root = await createRoot({ now })
const issuing = await createIssuing(root, { now })
const signer = { certificate: issuing.certificate, key: createPrivateKey(issuing.key) }

const listOf = (more: Partial<CrlOptions> = {}) =>
  makeCrl(signer, {
    number: 300,
    thisUpdate: now - 60_000,
    nextUpdate: now + 86_400_000,
    revoked: [],
    ...more,
  })

function codeOf(text: string, certificate = issuing.certificate): string | undefined {
  try {
    readCrl(text, certificate)
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(IntegrityFault)
    return (error as IntegrityFault).code
  }
}

function pemOf(der: Buffer): string {
  const base64 = der.toString('base64')
  return `-----BEGIN X509 CRL-----\n${base64}\n-----END X509 CRL-----\n`
}

describe('a revocation list', () => {
  it('reads as it was written', async () => {
    const serials = [...Array.from({ length: 5 }, newSerial), '00ff', '7f', '80']
    const revoked = serials.map((serial) => ({ serial, at: now }))
    const pem = await listOf({ revoked })
    const crl = readCrl(pem, issuing.certificate)
    expect(crl).toMatchObject({ number: 300, thisUpdate: now - 60_000, pem })
    expect(crl.nextUpdate).toBe(now + 86_400_000)
    const digits = serials.map((serial) => serial.replace(/^00/, ''))
    expect([...crl.revoked]).toEqual(digits.map((digit) => [digit, now]))
  })

  it('is what another reader of X.509 reads and verifies', async () => {
    const serial = newSerial()
    const pem = await listOf({ revoked: [{ serial, at: now }] })
    const crl = new X509Crl(derOf(readCrl(pem, issuing.certificate)))
    expect(await crl.verify({ publicKey: new Readable(issuing.certificate) })).toBe(true)
    expect(crl.issuer).toBe(new Readable(issuing.certificate).subject)
    expect(crl.entries.map((entry) => entry.serialNumber)).toEqual([serial])
    expect(crl.entries[0]?.revocationDate).toEqual(new Date(now))
    expect(crl.nextUpdate).toEqual(new Date(now + 86_400_000))
  })

  it('may end after 2049, where times are written otherwise', async () => {
    const nextUpdate = Date.parse('2053-01-02T03:04:05Z')
    expect(readCrl(await listOf({ nextUpdate }), issuing.certificate)).toMatchObject({ nextUpdate })
  })

  it('of 10,000 is whole', async () => {
    const revoked = Array.from({ length: 10_000 }, () => ({ serial: newSerial(), at: now }))
    const { revoked: read } = readCrl(await listOf({ revoked }), issuing.certificate)
    expect(read).toEqual(new Map(revoked.map(({ serial }) => [serial, now])))
  })

  it('is refused when another authority signed it', async () => {
    const other = await createIssuing(root, { now })
    expect(codeOf(await listOf(), other.certificate)).toBe('crl.foreign')
    expect(codeOf(await listOf(), root.certificate)).toBe('crl.foreign')
  })

  it('is refused when another key signed it in the name of its authority', async () => {
    const { key } = await createIssuing(root, { now })
    const forged = await makeCrl(
      { ...signer, key: createPrivateKey(key) },
      { number: 301, thisUpdate: now, nextUpdate: now + 1000, revoked: [] },
    )
    expect(codeOf(forged)).toBe('crl.signature')
  })

  it('is refused wherever it is cut short', async () => {
    const revoked = [{ serial: newSerial(), at: now }]
    const whole = await listOf({ revoked })
    const der = derOf(readCrl(whole, issuing.certificate))
    for (let end = 0; end < der.length; end++) {
      expect(codeOf(pemOf(der.subarray(0, end)))).toBe('crl.unreadable')
    }
    for (let end = 0; end < whole.length - 1; end += 7) {
      expect(codeOf(whole.slice(0, end))).toBe('crl.unreadable')
    }
  })

  it('is refused whichever bit of it is changed', async () => {
    const pem = await listOf({ revoked: [{ serial: newSerial(), at: now }] })
    const der = derOf(readCrl(pem, issuing.certificate))
    for (let bit = 0; bit < der.length * 8; bit++) {
      const changed = Buffer.from(der)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      expect(codeOf(pemOf(changed))).toMatch(/^crl\.(unreadable|foreign|signature)$/)
    }
  })

  it('is refused with anything behind it', async () => {
    const der = derOf(readCrl(await listOf(), issuing.certificate))
    expect(codeOf(pemOf(Buffer.concat([der, Buffer.of(5, 0)])))).toBe('crl.unreadable')
  })
})
