import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initPki, issueCredentials } from '@vedette/certs/pki'
import { Vault } from '@vedette/server/store/vault'
import { agentIdentity } from './deeds.ts'

/** The home of a deployment with a vault key, and certificates for `agents` of the bench. */
export async function makeHome(agents = 0): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'vedette-bench-'))
  try {
    await Vault.create(join(home, 'vault.key'))
    if (agents === 0) return home
    await initPki({
      ...{ home, passphrase: 'only for this bench', serverName: 'bench', operator: 'bench' },
      serverNames: { dns: ['localhost'], ip: ['127.0.0.1'] },
    })
    for (let i = 0; i < agents; i++) await issueCredentials({ home, identity: agentIdentity(i) })
    return home
  } catch (error) {
    await rm(home, { recursive: true, force: true })
    throw error
  }
}
