import type { Ledger } from '@vedette/certs/ledger'
import { Office } from '@vedette/certs/office'
import { issueCredentials } from '@vedette/certs/pki'
import { readCredentials } from '@vedette/shared/credentials'
import type { Credentials } from '@vedette/shared/tls'
import { foundDeployment, TemporaryFolder } from './certs-deployment.ts'

/** A founded deployment in a temporary folder, and certificates for whoever is needed. */
export class Deployment {
  readonly home: string
  /** Of the server. */
  readonly credentials: Credentials
  /** Of operator anna. */
  readonly anna: Credentials
  readonly ledger: Ledger
  readonly #folder: TemporaryFolder
  readonly #agents = new Map<string, Promise<Credentials>>()

  static async found(): Promise<Deployment> {
    const folder = await TemporaryFolder.make()
    const { server, operator } = await foundDeployment(folder.path)
    const [own, anna] = await Promise.all([
      readCredentials(server.folder),
      readCredentials(operator.folder),
    ])
    return new Deployment(folder, own, anna, (await Office.open(folder.path)).ledger)
  }

  private constructor(
    folder: TemporaryFolder,
    own: Credentials,
    anna: Credentials,
    ledger: Ledger,
  ) {
    this.home = folder.path
    this.credentials = own
    this.anna = anna
    this.ledger = ledger
    this.#folder = folder
  }

  /** Credentials of agent `name`, the same each time. */
  agent(name: string): Promise<Credentials> {
    const known = this.#agents.get(name)
    if (known !== undefined) return known
    const issued = this.issue('agent', name).then(({ credentials }) => credentials)
    this.#agents.set(name, issued)
    return issued
  }

  /** New credentials, and the serial of their certificate. */
  async issue(role: 'agent' | 'operator', name: string) {
    const { home } = this
    const { folder, serial } = await issueCredentials({ home, identity: { role, name } })
    return { credentials: await readCredentials(folder), serial, folder }
  }

  /** Newer credentials of somebody who has some; the former are good, too. */
  async another(role: 'agent' | 'operator', name: string, life?: number) {
    const { home } = this
    const issued = await issueCredentials({ home, identity: { role, name }, replace: true, life })
    const { folder, serial } = issued
    return { credentials: await readCredentials(folder), serial, folder }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]()
  }
}
