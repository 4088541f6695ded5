import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigFault } from './errors.ts'
import type { Credentials } from './tls.ts'

/** The three files of a credentials folder, all PEM. */
export const CREDENTIAL_FILES = {
  /** The holder's certificate, then the issuing authority's. */
  chain: 'chain.pem',
  key: 'key.pem',
  /** The roots to trust. */
  trust: 'roots.pem',
} as const

/** Reads a credentials folder. Throws ConfigFault `config.missing`. */
export async function readCredentials(folder: string): Promise<Credentials> {
  const read = (file: string) =>
    readFile(join(folder, file), 'utf8').catch((cause) => {
      throw new ConfigFault('config.missing', `cannot read ${join(folder, file)}`, {
        cause,
        hint: 'a credentials folder comes from: vedette certs issue agent NAME',
      })
    })
  const [chain, key, trust] = await Promise.all([
    read(CREDENTIAL_FILES.chain),
    read(CREDENTIAL_FILES.key),
    read(CREDENTIAL_FILES.trust),
  ])
  return { chain, key, trust }
}
