import { X509Certificate } from 'node:crypto'
import { SERVER } from '@vedette/certs/books'
import { certsLayout } from '@vedette/certs/files'
import { Office } from '@vedette/certs/office'
import { keepRenewed } from '@vedette/certs/renewed'
import { type Clock, systemClock } from '@vedette/shared/clock'
import { parseIdentity } from '@vedette/shared/identity'
import { namesOf } from './certificates.ts'

/** What the server does by itself when it runs: only for one that does not. */
export async function renewServer(home: string, clock: Clock = systemClock): Promise<void> {
  const office = await Office.open(home, clock)
  const leaf = new X509Certificate(office.credentials.chain)
  const names = namesOf(leaf)
  const { chain, key } = await office.issue(parseIdentity(leaf.subjectAltName), { names })
  const folder = certsLayout(home).credentials(SERVER)
  await keepRenewed(folder, { chain, key, trust: office.trust.roots })
}
