import { issueCredentials } from '@vedette/certs/pki'
import { readCredentials } from '@vedette/shared/credentials'
import type { Credentials } from '@vedette/shared/tls'
import { foundDeployment, TemporaryFolder } from './certs-deployment.ts'

/** A deployment with server `hub`, agent `gate-agent` and operator `anna`, removed on disposal. */
export class Deployment {
  readonly #folder: TemporaryFolder
  readonly server: Credentials
  readonly agent: Credentials
  readonly operator: Credentials
  readonly home: string
  /** The agent's credentials folder. */
  readonly agentFolder: string

  private constructor(
    folder: TemporaryFolder,
    agentFolder: string,
    [server, agent, operator]: readonly [Credentials, Credentials, Credentials],
  ) {
    this.#folder = folder
    this.home = folder.path
    this.agentFolder = agentFolder
    this.server = server
    this.agent = agent
    this.operator = operator
  }

  static async found(): Promise<Deployment> {
    const folder = await TemporaryFolder.make()
    const home = folder.path
    const { server, operator } = await foundDeployment(home)
    const agent = await issueCredentials({ home, identity: { role: 'agent', name: 'gate-agent' } })
    const folders = [server.folder, agent.folder, operator.folder] as const
    const [ofServer, ofAgent, ofOperator] = await Promise.all(folders.map(readCredentials))
    return new Deployment(folder, agent.folder, [ofServer!, ofAgent!, ofOperator!])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#folder[Symbol.asyncDispose]()
  }
}
