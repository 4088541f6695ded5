import { type KeyObject, sign, verify, X509Certificate } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { IntegrityFault } from '@vedette/shared/errors'
import { authorityId } from './authority.ts'
import {
  element,
  elements,
  expect,
  integer,
  readInteger,
  readTime,
  TAG,
  time,
  unreadable,
} from './der.ts'

/*
 * A certificate revocation list, RFC 5280, section 5.1:
 *
 *   CertificateList ::= SEQUENCE {
 *     SEQUENCE { version 1, algorithm, issuer Name, thisUpdate, nextUpdate,
 *                SEQUENCE OF { serial, revocationDate } OPTIONAL,
 *                [0] { SEQUENCE OF { id, OCTET STRING } } },
 *     algorithm, BIT STRING }
 *
 * It is read and written here because the library that makes the certificates takes three seconds
 * for a list of 10,000 and does not read one that long.
 */

/** A list whose signature was checked. Instants are epoch milliseconds, serials lower-case hex. */
export type Crl = {
  /** Id of the authority that signed it. */
  authority: string
  number: number
  thisUpdate: number
  nextUpdate: number
  /** When each certificate was revoked, by serial. */
  revoked: ReadonlyMap<string, number>
  pem: string
}

export type CrlOptions = {
  number: number
  thisUpdate: number
  nextUpdate: number
  revoked: readonly { serial: string; at: number }[]
}

/** An authority's certificate (PEM) and its private key. */
export type CrlSigner = { certificate: string; key: KeyObject }

/** ecdsa-with-SHA256, RFC 5758, section 3.2. */
const ALGORITHM = Buffer.from('300a06082a8648ce3d040302', 'hex')
const KEY_IDENTIFIER = Buffer.from('0603551d23', 'hex')
const CRL_NUMBER = Buffer.from('0603551d14', 'hex')
const SUBJECT_KEY = Buffer.from('0603551d0e', 'hex')
const VERSION_2 = integer('01')

const PEM = /^\s*-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----\s*$/

/** Entries written at a stretch: other work of the process has its turn between. */
const STRETCH = 500

/** A signed list, PEM. Long ones are written with pauses, so that nobody waits for them. */
export async function makeCrl(signer: CrlSigner, options: CrlOptions): Promise<string> {
  const { number, thisUpdate, nextUpdate, revoked } = options
  const entries: Buffer[] = []
  for (const { serial, at } of revoked) {
    entries.push(element(TAG.sequence, integer(serial), time(at)))
    if (entries.length % STRETCH === 0) await setImmediate()
  }
  const names = namesOf(signer.certificate)
  const extensions = element(
    TAG.sequence,
    extension(KEY_IDENTIFIER, element(TAG.sequence, names.authorityKey)),
    extension(CRL_NUMBER, integer(number.toString(16))),
  )
  const tbs = element(
    TAG.sequence,
    VERSION_2,
    ALGORITHM,
    names.subject,
    time(thisUpdate),
    time(nextUpdate),
    // RFC 5280: absent, not empty, where there is none.
    ...(entries.length > 0 ? [element(TAG.sequence, ...entries)] : []),
    element(TAG.context0, extensions),
  )
  const signature = sign('sha256', tbs, signer.key)
  const bits = element(TAG.bitString, Buffer.of(0), signature)
  return pemOf(element(TAG.sequence, tbs, ALGORITHM, bits))
}

/**
 * Reads a list (PEM) that the holder of `certificate` (PEM) must have signed. Throws IntegrityFault
 * `crl.unreadable`, `crl.foreign` for another authority's, `crl.signature` for a forged one.
 */
export function readCrl(text: string, certificate: string): Crl {
  const [, base64] = PEM.exec(text) ?? []
  if (base64 === undefined) throw unreadable('not PEM')
  const [outer, ...behind] = elements(Buffer.from(base64, 'base64'))
  const [body, algorithm, bits, ...more] = elements(expect(outer, TAG.sequence).content)
  if (behind.length + more.length > 0) throw unreadable('more than a list')
  const { whole: tbs, content } = expect(body, TAG.sequence)
  const [version, within, issuer, from, until, ...rest] = elements(content)
  if (!version?.whole.equals(VERSION_2)) throw unreadable('version')
  if (!algorithm?.whole.equals(ALGORITHM) || !within?.whole.equals(ALGORITHM)) {
    throw unreadable('algorithm')
  }
  if (!issuer?.whole.equals(namesOf(certificate).subject)) {
    throw new IntegrityFault('crl.foreign', 'the revocation list is of another authority')
  }
  const { publicKey } = new X509Certificate(certificate)
  const { content: signature } = expect(bits, TAG.bitString)
  if (signature[0] !== 0) throw unreadable('signature')
  if (!verify('sha256', tbs, publicKey, signature.subarray(1))) {
    throw new IntegrityFault('crl.signature', 'the revocation list is not signed by its authority')
  }
  const entries = rest.find(({ tag }) => tag === TAG.sequence)
  return {
    authority: authorityId(certificate),
    number: numberOf(rest.find(({ tag }) => tag === TAG.context0)?.content),
    thisUpdate: readTime(from),
    nextUpdate: readTime(until),
    revoked: revokedIn(entries?.content),
    pem: pemOf(outer!.whole),
  }
}

/** The list as DER, as it is published. */
export function derOf({ pem }: Crl): Buffer {
  return Buffer.from(PEM.exec(pem)?.[1] ?? '', 'base64')
}

function revokedIn(entries: Buffer = Buffer.alloc(0)): Map<string, number> {
  const revoked = new Map<string, number>()
  /** Many were revoked in the same second, and times are what takes longest to read. */
  const times = new Map<string, number>()
  for (const { content } of elements(entries)) {
    const [serial, at] = elements(content)
    const digits = at?.whole.toString('latin1') ?? ''
    const time = times.get(digits) ?? readTime(at)
    times.set(digits, time)
    revoked.set(readInteger(serial), time)
  }
  return revoked
}

function numberOf(extensions: Buffer = Buffer.alloc(0)): number {
  const [list] = elements(extensions)
  for (const { content } of elements(list?.content ?? Buffer.alloc(0))) {
    const [id, value] = elements(content)
    if (!id?.whole.equals(CRL_NUMBER)) continue
    const [number] = elements(expect(value, TAG.octetString).content)
    const read = Number.parseInt(readInteger(number), 16)
    if (Number.isSafeInteger(read)) return read
  }
  throw unreadable('no number')
}

/** The subject of a certificate as it stands there, and its key identifier as an issuer's. */
function namesOf(certificate: string): { subject: Buffer; authorityKey: Buffer } {
  const { raw } = new X509Certificate(certificate)
  const [outer] = elements(raw)
  const [tbs] = elements(expect(outer, TAG.sequence).content)
  const fields = [...elements(expect(tbs, TAG.sequence).content)]
  // version, serial, algorithm, issuer, validity, subject, key, …, [3] extensions
  const [extensions] = elements(fields.at(-1)!.content)
  const known = [...elements(extensions!.content)].map(({ content }) => [...elements(content)])
  const own = known.find(([id]) => id!.whole.equals(SUBJECT_KEY))?.at(-1)
  const [identifier] = elements(expect(own, TAG.octetString).content)
  const keyId = element(0x80, expect(identifier, TAG.octetString).content)
  return { subject: fields[5]!.whole, authorityKey: keyId }
}

function extension(id: Buffer, value: Buffer): Buffer {
  return element(TAG.sequence, id, element(TAG.octetString, value))
}

function pemOf(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN X509 CRL-----', ...lines, '-----END X509 CRL-----', ''].join('\n')
}
