import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Authority } from '@vedette/certs/authority'
import { certsLayout } from '@vedette/certs/files'
import { initPki, type Pki } from '@vedette/certs/pki'
import { readState } from '@vedette/certs/state'

export const PASSPHRASE = 'correct horse battery staple'

/** An empty folder that is removed when the scope ends. */
export class TemporaryFolder {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  static async make(): Promise<TemporaryFolder> {
    return new TemporaryFolder(await mkdtemp(join(tmpdir(), 'vedette-certs-')))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }
}

/** Founds a deployment with server `hub` (localhost) and operator `anna` below `home`. */
export function foundDeployment(home: string, now?: number): Promise<Pki> {
  return initPki({
    home,
    passphrase: PASSPHRASE,
    serverName: 'hub',
    serverNames: { dns: ['localhost'], ip: ['127.0.0.1', '::1'] },
    operator: 'anna',
    now,
  })
}

/** The issuing authority's certificate and key, as a thief would hold them. */
export async function issuingAuthorityOf(home: string): Promise<Authority> {
  const issuing = certsLayout(home).issuing((await readState(home)).old.issuing)
  const [certificate, key] = await Promise.all([
    readFile(issuing.certificate, 'utf8'),
    readFile(issuing.key, 'utf8'),
  ])
  return { certificate, key }
}
