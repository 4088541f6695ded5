import type { webcrypto } from 'node:crypto'
import { Refusal } from '@vedette/shared/errors'
import { KEY_ALGORITHM } from './pem.ts'
import { Pkcs10CertificateRequest } from './x509.ts'

/** Longest certificate request looked at, in characters of PEM; one for a P-256 key has some 500. */
const REQUEST_LIMIT = 4096

/**
 * The P-256 key that a certificate request (PKCS#10 PEM) is for, once the request's signature shows
 * that the sender holds it. Nothing else is read from it. Throws Refusal `request.invalid`.
 */
export async function requestedKey(request: string): Promise<webcrypto.CryptoKey> {
  if (request.length > REQUEST_LIMIT) {
    throw new Refusal('request.invalid', `certificate request of ${request.length} characters`)
  }
  try {
    const parsed = new Pkcs10CertificateRequest(request)
    const key: webcrypto.CryptoKey = await parsed.publicKey.export(KEY_ALGORITHM, ['verify'])
    if (await parsed.verify()) return key
  } catch (cause) {
    throw new Refusal('request.invalid', 'not a certificate request for a P-256 key', { cause })
  }
  throw new Refusal('request.invalid', 'certificate request is not signed by its own key')
}
