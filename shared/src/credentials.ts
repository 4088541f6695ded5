import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigFault } from './errors.ts'
import { splitKeys } from './pem.ts'
import type { Credentials } from './tls.ts'

/** The three files of a credentials folder, all PEM. */
export const CREDENTIAL_FILES = {
  /** The holder's certificate, then the issuing authority's. */
  chain: 'chain.pem',
  /** The key of that certificate; while it is being renewed, the next one's as well. */
  key: 'key.pem',
  /** The roots to trust. */
  trust: 'roots.pem',
} as const

/** Reads a credentials folder. Throws ConfigFault `config.missing`, `config.invalid`. */
export async function readCredentials(folder: string): Promise<Credentials> {
  const read = (file: string) =>
    readFile(join(folder, file), 'utf8').catch((cause) => {
      throw new ConfigFault('config.missing', `cannot read ${join(folder, file)}`, {
        cause,
        hint: 'a credentials folder comes from: vedette-agent join CODE, or vedette certs issue agent NAME',
      })
    })
  const [chain, keys, trust] = await Promise.all([
    read(CREDENTIAL_FILES.chain),
    read(CREDENTIAL_FILES.key),
    read(CREDENTIAL_FILES.trust),
  ])
  return { chain, key: keyOf(chain, keys, folder), trust }
}

/** One file of a credentials folder as it is to be; `secret` ones are for their owner alone. */
export type CredentialFile = { file: string; text: string; secret: boolean }

/**
 * How a credentials folder goes from one certificate to the next, file by file, each to be replaced
 * whole and on the disk before the next: whatever comes between, the certificate in the folder has
 * its key beside it.
 */
export function renewalSteps(from: Credentials, to: Credentials): CredentialFile[] {
  const key = (text: string) => ({ file: CREDENTIAL_FILES.key, text, secret: true })
  return [
    key(withEnd(from.key) + withEnd(to.key)),
    { file: CREDENTIAL_FILES.chain, text: to.chain, secret: false },
    key(to.key),
  ]
}

/** A new bundle of roots in a credentials folder. */
export function trustStep(trust: string): CredentialFile {
  return { file: CREDENTIAL_FILES.trust, text: trust, secret: false }
}

/** Of several keys the one of the certificate; a single one is taken as it is. */
function keyOf(chain: string, keys: string, folder: string): string {
  const several = splitKeys(keys)
  if (several.length < 2) return keys
  try {
    const leaf = new X509Certificate(chain)
    const own = several.find((key) => leaf.checkPrivateKey(createPrivateKey(key)))
    if (own !== undefined) return own
  } catch (cause) {
    throw mismatch(folder, cause)
  }
  throw mismatch(folder)
}

function mismatch(folder: string, cause?: unknown): ConfigFault {
  return new ConfigFault('config.invalid', `no key in ${folder} belongs to its certificate`, {
    cause,
    hint: 'join anew: vedette agents invite NAME, then vedette-agent join CODE --replace',
  })
}

function withEnd(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}
