import { randomBytes, type webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import { Refusal } from '@vedette/shared/errors'
import { type Identity, identityUri, isName } from '@vedette/shared/identity'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonName,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
} from './x509.ts'

/*
 * What each kind of certificate looks like. ECDSA P-256 with SHA-256 throughout.
 *
 *             CA   path  key usage               extended    names
 *   root      yes  1     keyCertSign, cRLSign
 *   issuing   yes  0     keyCertSign, cRLSign
 *   server    no         digitalSignature        serverAuth  one URI, host names, addresses
 *   agent     no         digitalSignature        clientAuth  one URI
 *   operator  no         digitalSignature        clientAuth  one URI
 */

const DAY = 86_400_000

/** How long each kind lives unless told otherwise, milliseconds. */
export const LIVES = { root: 3650 * DAY, issuing: 180 * DAY, leaf: 30 * DAY } as const

/** How long the list of an issuing authority's revoked certificates is in force, milliseconds. */
export const CRL_LIFE = DAY

/** A certificate is valid this long before it was made, so that a slow clock accepts it: ms. */
export const BACKDATE = 60_000

/** Longest common name, X.520 ub-common-name. */
const COMMON_NAME = 64

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const HOST_NAME = new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})*$`, 'i')

type PublicKey = webcrypto.CryptoKey

/** What browsers and host-name checks ask for. No wildcards. */
export type ServerNames = { dns: readonly string[]; ip: readonly string[] }

/** Both ends of a certificate's life, epoch milliseconds on whole seconds. */
export type Period = { notBefore: number; notAfter: number }

/** The life of a certificate made at `now` (ms): `life` long, but never beyond `end`. */
export function period(now: number, life: number, end = Number.POSITIVE_INFINITY): Period {
  const second = (ms: number) => Math.floor(ms / 1000) * 1000
  return { notBefore: second(now - BACKDATE), notAfter: second(Math.min(now + life, end)) }
}

/** A fresh serial number: 126 random bits, always positive and always 32 hexadecimal digits. */
export function newSerial(): string {
  const serial = randomBytes(16)
  serial[0] = (serial[0]! & 0x3f) | 0x40
  return serial.toString('hex')
}

/** Two deployments never share the names of their authorities. */
export function authoritySubject(kind: 'root' | 'issuing'): JsonName {
  return [{ CN: [`Vedette ${kind} ${randomBytes(4).toString('hex')}`] }, { O: ['Vedette'] }]
}

/** For people to read; who the holder is stands in the URI alone. */
export function leafSubject({ role, name }: Identity): JsonName {
  return [{ CN: [`${role} ${name}`.slice(0, COMMON_NAME)] }]
}

/** Throws Refusal `request.invalid` unless a certificate may be made out to these. */
export function checkNames({ role, name }: Identity, names?: ServerNames): void {
  const refuse = (message: string, hint: string) => {
    throw new Refusal('request.invalid', message, { hint })
  }
  if (!isName(name)) {
    refuse(`not a name: ${name}`, 'use 1 to 63 lower-case letters, digits and inner hyphens')
  }
  if (names === undefined) return
  if (role !== 'server') refuse(`a ${role} has no host names`, 'leave the host names out')
  for (const host of names.dns) {
    if (!HOST_NAME.test(host) || isIP(host) !== 0) {
      refuse(`not a host name: ${host}`, 'use a full host name without wildcards')
    }
  }
  for (const address of names.ip) {
    if (isIP(address) === 0) refuse(`not an IP address: ${address}`, 'use an IPv4 or IPv6 address')
  }
}

export async function rootExtensions(key: PublicKey): Promise<Extension[]> {
  return [...authorityUsage(1), await SubjectKeyIdentifierExtension.create(key)]
}

export async function issuingExtensions(key: PublicKey, root: PublicKey): Promise<Extension[]> {
  return [...authorityUsage(0), ...(await keyIdentifiers(key, root))]
}

export async function leafExtensions(
  identity: Identity,
  names: ServerNames | undefined,
  key: PublicKey,
  issuer: PublicKey,
): Promise<Extension[]> {
  const { serverAuth, clientAuth } = ExtendedKeyUsage
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([identity.role === 'server' ? serverAuth : clientAuth]),
    new SubjectAlternativeNameExtension([
      { type: 'url', value: identityUri(identity) },
      ...(names?.dns ?? []).map((value) => ({ type: 'dns' as const, value })),
      ...(names?.ip ?? []).map((value) => ({ type: 'ip' as const, value })),
    ]),
    ...(await keyIdentifiers(key, issuer)),
  ]
}

function authorityUsage(pathLength: number): Extension[] {
  return [
    new BasicConstraintsExtension(true, pathLength, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
  ]
}

function keyIdentifiers(key: PublicKey, issuer: PublicKey): Promise<Extension[]> {
  return Promise.all([
    SubjectKeyIdentifierExtension.create(key),
    AuthorityKeyIdentifierExtension.create(issuer),
  ])
}
