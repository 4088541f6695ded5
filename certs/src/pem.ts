import { createPrivateKey, KeyObject, webcrypto } from 'node:crypto'
import { ConfigFault } from '@vedette/shared/errors'

type CryptoKey = webcrypto.CryptoKey
type CryptoKeyPair = webcrypto.CryptoKeyPair

/** The one kind of key in a deployment. */
export const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const
export const SIGNING_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' } as const

/** A fresh P-256 pair; the private key may be exported. */
export function newKeyPair(): Promise<CryptoKeyPair> {
  return webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify'])
}

/** `key` as PKCS#8 PEM. */
export function privateKeyPem(key: CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString()
}

/**
 * Reads a P-256 private key, for signing only; it cannot be exported again. `what` names it in the
 * ConfigFault `config.invalid` for anything else.
 */
export async function readPrivateKey(pem: string, what: string): Promise<CryptoKey> {
  try {
    const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' })
    return await webcrypto.subtle.importKey('pkcs8', der, KEY_ALGORITHM, false, ['sign'])
  } catch (cause) {
    throw new ConfigFault('config.invalid', `${what} is not a P-256 private key in PEM`, { cause })
  }
}

/** The certificates of a PEM chain, in order, each ending with a line feed. */
export function splitChain(pem: string): string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return blocks.map((block) => `${block}\n`)
}
