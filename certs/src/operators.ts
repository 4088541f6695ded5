import { X509Certificate } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readCredentials } from '@vedette/shared/credentials'
import { parseIdentity } from '@vedette/shared/identity'
import { certsLayout } from './files.ts'
import type { Office } from './office.ts'
import { keepRenewed } from './renewed.ts'

/**
 * Gives operators whose credentials lie on this machine a certificate of whoever signs now, and the
 * roots that are trusted now. Who is revoked or expired at `now` (ms) gets nothing.
 */
export async function followOperators(home: string, office: Office, now: number): Promise<void> {
  const { standing, trust } = office
  for (const folder of await operatorFolders(home)) {
    const own = await readCredentials(folder)
    const leaf = new X509Certificate(own.chain)
    const entry = await office.ledger.find(leaf.serialNumber.toLowerCase())
    if (entry === undefined || entry.revocation !== undefined || entry.notAfter <= now) continue
    if (entry.authority !== standing.signs) {
      const { chain, key } = await office.issue(parseIdentity(leaf.subjectAltName))
      await keepRenewed(folder, { chain, key, trust: trust.roots })
    } else if (own.trust !== trust.roots) {
      await keepRenewed(folder, { ...own, trust: trust.roots })
    }
  }
}

async function operatorFolders(home: string): Promise<string[]> {
  const at = (name: string) => certsLayout(home).credentials({ role: 'operator', name })
  const names = await readdir(dirname(at('any'))).catch(() => [])
  return names.filter((name) => !name.startsWith('.')).map(at)
}
