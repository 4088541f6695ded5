import { createPrivateKey, X509Certificate as ParsedCertificate, type webcrypto } from 'node:crypto'
import { ConfigFault } from '@vedette/shared/errors'
import type { Identity } from '@vedette/shared/identity'
import { newKeyPair, privateKeyPem, readPrivateKey, SIGNING_ALGORITHM } from './pem.ts'
import {
  authoritySubject,
  checkNames,
  issuingExtensions,
  LIVES,
  leafExtensions,
  leafSubject,
  newSerial,
  type Period,
  period,
  rootExtensions,
  type ServerNames,
} from './profile.ts'
import { requestedKey } from './request.ts'
import { X509Certificate, X509CertificateGenerator } from './x509.ts'

/** An authority's certificate and private key, both PEM. */
export type Authority = { certificate: string; key: string }

/** `now` in epoch milliseconds, `life` in milliseconds. */
export type AuthorityOptions = { now: number; life?: number | undefined }

/** `names` are for servers alone; `life` is cut where the issuing authority's ends. */
export type LeafOptions = AuthorityOptions & { names?: ServerNames | undefined }

/**
 * A certificate for `identity`. `serial` is lower-case hexadecimal, `fingerprint256` in Node's
 * notation, `chain` PEM: the leaf, then the issuing authority.
 */
export type Issued = Period & {
  identity: Identity
  serial: string
  fingerprint256: string
  chain: string
}

/** The id in the name of an authority's certificate (PEM): eight hexadecimal digits. */
export function authorityId(certificate: string): string {
  const [, id] =
    /^CN=Vedette (?:root|issuing) ([0-9a-f]{8})$/m.exec(
      new ParsedCertificate(certificate).subject,
    ) ?? []
  if (id !== undefined) return id
  throw new ConfigFault('config.invalid', 'not the certificate of an authority of Vedette')
}

/** A self-signed root: it signs issuing authorities and then rests behind a passphrase. */
export async function createRoot({ now, life }: AuthorityOptions): Promise<Authority> {
  const keys = await newKeyPair()
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: authoritySubject('root'),
    ...dates(period(now, life ?? LIVES.root)),
    signingAlgorithm: SIGNING_ALGORITHM,
    keys,
    extensions: await rootExtensions(keys.publicKey),
  })
  return { certificate: pemOf(certificate), key: privateKeyPem(keys.privateKey) }
}

/** An issuing authority below `root`, which signs leaves alone. Throws ConfigFault as `load` does. */
export async function createIssuing(
  root: Authority,
  options: AuthorityOptions,
): Promise<Authority> {
  const { certificate: issuer, key: signingKey } = await readAuthority(root, 'root')
  const keys = await newKeyPair()
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: authoritySubject('issuing'),
    issuer: issuer.subjectName,
    ...dates(lifeBelow(issuer, options, LIVES.issuing)),
    signingAlgorithm: SIGNING_ALGORITHM,
    publicKey: keys.publicKey,
    signingKey,
    extensions: await issuingExtensions(keys.publicKey, await issuer.publicKey.export()),
  })
  return { certificate: pemOf(certificate), key: privateKeyPem(keys.privateKey) }
}

/** Makes out certificates to servers, agents and operators; each must be written to the ledger. */
export class IssuingAuthority {
  readonly #certificate: X509Certificate
  readonly #key: webcrypto.CryptoKey

  private constructor(certificate: X509Certificate, key: webcrypto.CryptoKey) {
    this.#certificate = certificate
    this.#key = key
  }

  /** Throws ConfigFault `config.invalid` when these are not one authority's certificate and key. */
  static async load(authority: Authority): Promise<IssuingAuthority> {
    const { certificate, key } = await readAuthority(authority, 'issuing authority')
    return new IssuingAuthority(certificate, key)
  }

  /** When this authority's own certificate ends, epoch milliseconds: no leaf outlives it. */
  get notAfter(): number {
    return this.#certificate.notAfter.getTime()
  }

  /**
   * A certificate with a key generated here (PKCS#8 PEM). Throws Refusal `request.invalid` for
   * names that cannot be, ConfigFault `config.invalid` when this authority's life is over.
   */
  async issue(identity: Identity, options: LeafOptions): Promise<Issued & { key: string }> {
    const keys = await newKeyPair()
    const issued = await this.#sign(identity, keys.publicKey, options)
    return { ...issued, key: privateKeyPem(keys.privateKey) }
  }

  /**
   * A certificate for the holder of the key that signed `request` (PKCS#10 PEM); whatever else the
   * request asks for is ignored. Throws Refusal `request.invalid` unless it is a P-256 key and its
   * signature holds, and as `issue` does.
   */
  async issueFor(identity: Identity, request: string, options: LeafOptions): Promise<Issued> {
    return this.#sign(identity, await requestedKey(request), options)
  }

  async #sign(
    identity: Identity,
    publicKey: webcrypto.CryptoKey,
    options: LeafOptions,
  ): Promise<Issued> {
    checkNames(identity, options.names)
    const serial = newSerial()
    const life = lifeBelow(this.#certificate, options, LIVES.leaf)
    const issuerKey: webcrypto.CryptoKey = await this.#certificate.publicKey.export()
    const leaf = await X509CertificateGenerator.create({
      serialNumber: serial,
      subject: leafSubject(identity),
      issuer: this.#certificate.subjectName,
      ...dates(life),
      signingAlgorithm: SIGNING_ALGORITHM,
      publicKey,
      signingKey: this.#key,
      extensions: await leafExtensions(identity, options.names, publicKey, issuerKey),
    })
    const certificate = pemOf(leaf)
    const { fingerprint256 } = new ParsedCertificate(certificate)
    const chain = certificate + pemOf(this.#certificate)
    return { identity, serial, ...life, fingerprint256, chain }
  }
}

async function readAuthority({ certificate, key }: Authority, what: string) {
  const invalid = (message: string, cause?: unknown) =>
    new ConfigFault('config.invalid', `${what}: ${message}`, { cause })
  const signingKey = await readPrivateKey(key, `${what}: key`)
  try {
    const parsed = new ParsedCertificate(certificate)
    if (!parsed.ca) throw invalid("its certificate is not an authority's")
    if (!parsed.checkPrivateKey(createPrivateKey(key))) throw invalid('key and certificate differ')
    return { certificate: new X509Certificate(parsed.raw), key: signingKey }
  } catch (error) {
    if (error instanceof ConfigFault) throw error
    throw invalid('its certificate cannot be read', error)
  }
}

/** What is signed never outlives who signed it; nothing is signed once that life is over. */
function lifeBelow(issuer: X509Certificate, options: AuthorityOptions, life: number): Period {
  const end = issuer.notAfter.getTime()
  if (end <= options.now) {
    const when = issuer.notAfter.toISOString()
    throw new ConfigFault('config.invalid', `${issuer.subject} expired at ${when}`, {
      hint: 'make a new issuing authority from the root',
    })
  }
  return period(options.now, options.life ?? life, end)
}

function dates({ notBefore, notAfter }: Period) {
  return { notBefore: new Date(notBefore), notAfter: new Date(notAfter) }
}

function pemOf(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`
}
