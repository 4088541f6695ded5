import { constants, type X509Certificate } from 'node:crypto'
import type { ConnectionOptions, TlsOptions } from 'node:tls'
import { IdentityFault } from './errors.ts'
import { type Identity, parseIdentity, type Role } from './identity.ts'

/** What one end shows and trusts, all PEM: its chain (leaf first), its key, and the roots. */
export type Credentials = { chain: string; key: string; trust: string }

/** What an accepting end works with; with `crl` (PEM) every authority needs one that is in force. */
export type SecureOptions = Credentials & { crl?: string[] | undefined }

type Expected = { role: Role; name?: string | undefined }

const common = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  // A kept ticket key would let a revoked peer resume as authorized.
  secureOptions: constants.SSL_OP_NO_TICKET,
} as const

/** Options for the accepting end: TLS 1.3 only, mutual, no tickets. */
export function acceptOptions({ chain, key, trust, crl }: SecureOptions): TlsOptions {
  return {
    ...common,
    cert: chain,
    key,
    ca: trust,
    ...(crl && { crl }),
    requestCert: true,
    rejectUnauthorized: true,
  }
}

/** Options for an end that shows who it is and asks nobody: TLS 1.3 only, no tickets. */
export function showOptions({ chain, key }: Pick<Credentials, 'chain' | 'key'>): TlsOptions {
  return { ...common, cert: chain, key }
}

/** Options for dialling a server below `trust` (PEM) by somebody who has no certificate yet. */
export function newcomerOptions(trust: string): ConnectionOptions {
  return {
    ...common,
    ca: trust,
    rejectUnauthorized: true,
    checkServerIdentity: checkedFor({ role: 'server' }),
  }
}

/** Options for looking at what a server shows. Nothing may be said over such a connection. */
export function lookOptions(): ConnectionOptions {
  return { ...common, rejectUnauthorized: false }
}

/**
 * Options for the dialling end. The peer is checked by the identity in its certificate, not by host
 * name: `expected.name` undefined accepts any name of that role.
 */
export function dialOptions(
  { chain, key, trust }: Credentials,
  expected: Expected,
): ConnectionOptions {
  return {
    ...common,
    cert: chain,
    key,
    ca: trust,
    rejectUnauthorized: true,
    checkServerIdentity: checkedFor(expected),
  }
}

function checkedFor(expected: Expected): NonNullable<ConnectionOptions['checkServerIdentity']> {
  return (_host, certificate) => {
    try {
      expectIdentity(certificate.subjectaltname, expected)
      return undefined
    } catch (error) {
      return error as Error
    }
  }
}

/** The certificate that a peer showed, with the identity it proves. */
export type Peer = { identity: Identity; serial: string; notAfter: number; fingerprint: string }

/**
 * Who is at the other end of a socket whose chain TLS has already verified. Throws IdentityFault.
 * `serial` is lower-case hexadecimal, `notAfter` epoch milliseconds.
 */
export function peerOf(leaf: X509Certificate | undefined, role: Role): Peer {
  if (leaf === undefined) throw new IdentityFault('identity.none', 'peer showed no certificate')
  return {
    identity: expectIdentity(leaf.subjectAltName, { role }),
    serial: leaf.serialNumber.toLowerCase(),
    notAfter: Date.parse(leaf.validTo),
    fingerprint: leaf.fingerprint256,
  }
}

function expectIdentity(
  subjectAltName: string | undefined,
  expected: { role: Role; name?: string | undefined },
): Identity {
  const identity = parseIdentity(subjectAltName)
  if (identity.role !== expected.role) {
    throw new IdentityFault(
      'identity.wrong-role',
      `certificate is for ${identity.role} ${identity.name}, ${expected.role} expected`,
    )
  }
  if (expected.name !== undefined && identity.name !== expected.name) {
    throw new IdentityFault(
      'identity.wrong-name',
      `certificate is for ${identity.name}, ${expected.name} expected`,
    )
  }
  return identity
}
