import { createPrivateKey, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import {
  type CredentialFile,
  readCredentials,
  renewalSteps,
  trustStep,
} from '@vedette/shared/credentials'
import { IdentityFault, messageOf } from '@vedette/shared/errors'
import { identityUri, parseIdentity } from '@vedette/shared/identity'
import { splitPem } from '@vedette/shared/pem'
import type { Period } from '@vedette/shared/renewal'
import type { Credentials } from '@vedette/shared/tls'
import { leadsTo, rootsOf, trustVersion } from '@vedette/shared/trust'
import { replaceFile } from '../durable.ts'

/** The agent's credentials: in memory what it goes by, in the folder what it starts with again. */
export class Wallet {
  readonly #folder: string
  #credentials: Credentials

  private constructor(folder: string, credentials: Credentials) {
    this.#folder = folder
    this.#credentials = credentials
  }

  /** Throws ConfigFault as `readCredentials` does. */
  static async open(folder: string): Promise<Wallet> {
    return new Wallet(folder, await readCredentials(folder))
  }

  get credentials(): Credentials {
    return this.#credentials
  }

  /** The life of the certificate, epoch milliseconds. */
  get period(): Period {
    return periodOf(leafOf(this.#credentials.chain))
  }

  /** Version of the bundle of roots; undefined where the file holds what is none. */
  get trust(): string | undefined {
    try {
      return trustVersion(this.#credentials.trust)
    } catch {
      return undefined
    }
  }

  /**
   * What these credentials would be with `chain` and `key`. Throws IdentityFault
   * `identity.bad-chain` unless it is another certificate for the same identity, for that key, leads
   * to a root that is trusted, and has not ended at `now`.
   */
  renewed(chain: string, key: string, now: number): Credentials {
    const bad = (why: string) => new IdentityFault('identity.bad-chain', `not taken: ${why}`)
    const present = leafOf(this.#credentials.chain)
    const certificates = certificatesOf(chain)
    const [leaf] = certificates
    if (leaf === undefined) throw bad('no certificate')
    if (!leaf.checkPrivateKey(createPrivateKey(key))) throw bad('certificate for another key')
    if (uriOf(leaf) !== uriOf(present)) throw bad('certificate for somebody else')
    if (!leadsTo(certificates, rootsOf(this.#credentials.trust))) throw bad('unknown root')
    if (periodOf(leaf).notAfter <= now) throw bad('expired already')
    if (leaf.serialNumber === present.serialNumber) throw bad('the present one')
    return { chain, key, trust: this.#credentials.trust }
  }

  /**
   * Goes by `next` from now on, and so after a restart once this resolves. Where the folder cannot
   * be written it throws what the file system says, and goes by `next` all the same.
   */
  async keep(next: Credentials): Promise<void> {
    this.#credentials = { ...next, trust: this.#credentials.trust }
    // From what the folder holds: the last time it may have ended half way, or a person came by.
    const before = await readCredentials(this.#folder)
    for (const step of renewalSteps(before, next)) await this.#write(step)
  }

  /**
   * Trusts `roots` from now on. Throws IdentityFault `identity.bad-trust` for what is no bundle, or
   * one under which neither the server at the other end (`peer`, its chain) nor our own certificate
   * would be known: that would be the last word we ever hear.
   */
  async trustRoots(roots: string, peer: readonly X509Certificate[]): Promise<void> {
    const bundle = rootsOf(roots)
    const own = certificatesOf(this.#credentials.chain)
    if (!leadsTo(peer, bundle) && !leadsTo(own, bundle)) {
      throw new IdentityFault('identity.bad-trust', 'these roots know neither the server nor us')
    }
    await this.#write(trustStep(roots))
    this.#credentials = { ...this.#credentials, trust: roots }
  }

  #write({ file, text, secret }: CredentialFile): Promise<void> {
    return replaceFile(join(this.#folder, file), text, secret)
  }
}

/** The certificate and those above it, as far as the peer sent them. */
export function chainOf(peer: X509Certificate): X509Certificate[] {
  const chain = [peer]
  for (let above = peer.issuerCertificate; above !== undefined; above = above.issuerCertificate) {
    if (chain.some(({ fingerprint256 }) => fingerprint256 === above?.fingerprint256)) break
    chain.push(above)
  }
  return chain
}

function certificatesOf(chain: string): X509Certificate[] {
  try {
    return splitPem(chain).map((pem) => new X509Certificate(pem))
  } catch (cause) {
    throw new IdentityFault('identity.bad-chain', `not a chain: ${messageOf(cause)}`, { cause })
  }
}

function leafOf(chain: string): X509Certificate {
  return new X509Certificate(chain)
}

function uriOf(leaf: X509Certificate): string {
  return identityUri(parseIdentity(leaf.subjectAltName))
}

function periodOf(leaf: X509Certificate): Period {
  return { notBefore: Date.parse(leaf.validFrom), notAfter: Date.parse(leaf.validTo) }
}
