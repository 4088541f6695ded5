import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Agent } from '@vedette/agent/agent'
import { parseAgentConfig } from '@vedette/agent/config'
import { certsLayout } from '@vedette/certs/files'
import { issueCredentials } from '@vedette/certs/pki'
import { freePort } from '@vedette/scripts/free-port'
import { DeskClient, type DeskClientOptions } from '@vedette/server/cli/desk-client'
import { parseServerConfig, type ServerConfig } from '@vedette/server/config'
import type { NamedChange } from '@vedette/server/desk/routes/alerts'
import type { EnrolAnswer } from '@vedette/server/gallery/enrolment-answer'
import { Server } from '@vedette/server/server'
import type { Entry } from '@vedette/server/store/entries'
import { Vault } from '@vedette/server/store/vault'
import { readCredentials } from '@vedette/shared/credentials'
import { silentLog } from '@vedette/shared/log'
import { createMetrics } from '@vedette/shared/metrics'
import { FormData } from 'undici'
import { foundDeployment, TemporaryFolder } from './certs-deployment.ts'

/** A whole deployment in a temporary folder: a real server, real agents, real sockets. */
export class House {
  readonly home: string
  readonly config: ServerConfig
  readonly #folder: TemporaryFolder
  readonly #open: AsyncDisposable[] = []
  #server: Server | undefined

  private constructor(folder: TemporaryFolder, config: ServerConfig) {
    this.#folder = folder
    this.home = folder.path
    this.config = config
  }

  /** Founds it; `yaml` is its server.yaml, whose ports are always others. */
  static async found(yaml = ''): Promise<House> {
    const folder = await TemporaryFolder.make()
    await foundDeployment(folder.path)
    const config = parseServerConfig(yaml, join(folder.path, 'server.yaml'))
    await Vault.create(config.vaultKey)
    const host = '127.0.0.1'
    const gate = { ...config.gate, host, port: await freePort() }
    const desk = { ...config.desk, host, port: await freePort() }
    const console = { ...config.console, host, port: await freePort() }
    // Nobody waits for room to be taken that no test needs.
    const store = { ...config.store, reserve: 0 }
    return new House(folder, { ...config, gate, desk, console, store })
  }

  /** Starts the server, on the same ports each time. */
  async startServer(metrics = createMetrics('server')): Promise<Server> {
    this.#server = await Server.start(this.config, { log: silentLog, metrics })
    return this.#server
  }

  async stopServer(): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]()
    this.#server = undefined
  }

  /** Starts an agent; `cameras` is the YAML of its cameras. */
  async startAgent(
    name: string,
    cameras: string,
    metrics = createMetrics('agent'),
  ): Promise<Agent> {
    const identity = { role: 'agent', name } as const
    const { folder } = await issueCredentials({ home: this.home, identity, replace: true })
    const yaml = [
      `server: { host: 127.0.0.1, port: ${this.config.gate.port} }`,
      'credentials: .',
      'cameras:',
      cameras,
    ].join('\n')
    const agent = await Agent.start(parseAgentConfig(yaml, join(folder, 'agent.yaml')), {
      log: silentLog,
      metrics,
    })
    this.#open.push(agent)
    return agent
  }

  async stopAgent(agent: Agent): Promise<void> {
    this.#open.splice(this.#open.indexOf(agent), 1)
    await agent[Symbol.asyncDispose]()
  }

  async desk(options: DeskClientOptions = {}): Promise<DeskClient> {
    const folder = certsLayout(this.home).credentials({ role: 'operator', name: 'anna' })
    const address = `127.0.0.1:${this.config.desk.port}`
    const client = new DeskClient(address, await readCredentials(folder), options)
    this.#open.push(client)
    return client
  }

  /** Enrols a person from photographs on disk. */
  async enrol(name: string, files: readonly string[], face?: number): Promise<Entry> {
    const form = new FormData()
    form.append('name', name)
    if (face !== undefined) form.append('face', String(face))
    for (const file of files) {
      form.append('photo', new Blob([new Uint8Array(await readFile(file))]), file)
    }
    const desk = await this.desk()
    return (await desk.json<EnrolAnswer>('POST', '/entries', form)).entry!
  }

  /** Every change of an alert, from the first. */
  async *changes(signal: AbortSignal): AsyncGenerator<NamedChange> {
    const client = await this.desk()
    for await (const { data } of client.events('/alerts/events?since=0', signal)) {
      yield JSON.parse(data) as NamedChange
    }
  }

  async write(name: string, text: string): Promise<string> {
    const file = join(this.home, name)
    await writeFile(file, text)
    return file
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#open.map((open) => open[Symbol.asyncDispose]()))
    await this.stopServer()
    await this.#folder[Symbol.asyncDispose]()
  }
}
