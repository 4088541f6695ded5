import 'reflect-metadata'
import { KeyObject, webcrypto } from 'node:crypto'
import { cryptoProvider, Pkcs10CertificateRequestGenerator } from '@peculiar/x509'

cryptoProvider.set(webcrypto)

const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const
const SIGNING_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' } as const

/** A certificate request (PKCS#10 PEM) and the private key it is for (PKCS#8 PEM). */
export type NewRequest = { request: string; key: string }

/**
 * A fresh P-256 key and a request signed by it. The request names nobody: who the certificate is
 * for is known to whoever issues it, from what else the sender has shown.
 */
export async function newRequest(): Promise<NewRequest> {
  const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify'])
  const request = await Pkcs10CertificateRequestGenerator.create({
    keys,
    signingAlgorithm: SIGNING_ALGORITHM,
  })
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString()
  return { request: request.toString('pem'), key }
}
