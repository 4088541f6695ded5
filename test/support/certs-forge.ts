import { X509Certificate as ParsedCertificate } from 'node:crypto'
import type { Authority } from '@vedette/certs/authority'
import { newKeyPair, privateKeyPem, readPrivateKey, SIGNING_ALGORITHM } from '@vedette/certs/pem'
import { LIVES, newSerial, period } from '@vedette/certs/profile'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@vedette/certs/x509'

/** How a forged certificate differs from an honest one of an agent. */
export type Forgery = {
  /** The subject's common name. */
  subject?: string
  /** Subject alternative names; none leaves the extension out. */
  names?: JsonGeneralNames
  usage?: ExtendedKeyUsage
  /** A path length makes it an authority. */
  pathLength?: number
  /** When it was made, epoch milliseconds, and how long it lives. */
  now?: number
  life?: number
  /** Signed by its own key instead of the issuer's: the issuer is only named. */
  ownSignature?: boolean
}

export type Forged = Authority & {
  serial: string
  notBefore: number
  notAfter: number
  fingerprint256: string
}

export const agentUri = (name: string) =>
  ({ type: 'url', value: `urn:vedette:agent:${name}` }) as const

/** A certificate below `issuer` (self-signed without one) that the real authority would not make. */
export async function forge(issuer: Authority | undefined, forgery: Forgery): Promise<Forged> {
  const keys = await newKeyPair()
  const serial = newSerial()
  const life = period(forgery.now ?? Date.now(), forgery.life ?? LIVES.leaf)
  const subject = [{ CN: [forgery.subject ?? 'agent gate-7'] }]
  const signWithOwn = issuer === undefined || forgery.ownSignature === true
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial,
    subject,
    issuer: issuer ? new X509Certificate(issuer.certificate).subjectName : subject,
    notBefore: new Date(life.notBefore),
    notAfter: new Date(life.notAfter),
    signingAlgorithm: SIGNING_ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: signWithOwn ? keys.privateKey : await readPrivateKey(issuer.key, 'issuer'),
    extensions: extensionsOf(forgery),
  })
  const pem = `${certificate.toString('pem')}\n`
  const { fingerprint256 } = new ParsedCertificate(pem)
  return { certificate: pem, key: privateKeyPem(keys.privateKey), serial, ...life, fingerprint256 }
}

function extensionsOf({ names, usage = ExtendedKeyUsage.clientAuth, pathLength }: Forgery) {
  const ca = pathLength !== undefined
  const keyUsage = ca ? KeyUsageFlags.keyCertSign : KeyUsageFlags.digitalSignature
  return [
    new BasicConstraintsExtension(ca, pathLength, true),
    new KeyUsagesExtension(keyUsage, true),
    ...(ca ? [] : [new ExtendedKeyUsageExtension([usage])]),
    ...(names ? [new SubjectAlternativeNameExtension(names)] : []),
  ]
}
