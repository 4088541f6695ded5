import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { initPki, issueCredentials } from '@vedette/certs/pki'
import type { Readiness } from '@vedette/server/authority/followers'
import { DeskClient } from '@vedette/server/cli/desk-client'
import { Vault } from '@vedette/server/store/vault'
import { readCredentials } from '@vedette/shared/credentials'
import { Unavailable } from '@vedette/shared/errors'
import { freePort } from '../free-port.ts'
import { LightAgent } from './light-agent.ts'
import type { ChildOrder } from './rotation-child.ts'

const PASSPHRASE = 'a passphrase of the bench'
/** The longest wait between two dials of an uplink, and as long again. */
const PATIENCE_MS = 60_000

const CHILD = fileURLToPath(new URL('rotation-child.js', import.meta.url))
const SERVER = fileURLToPath(new URL('../../../server/bin/vedette-server.js', import.meta.url))

/** A deployment with a server in a process of its own and agents that are connected to it. */
export class RotationStage {
  readonly agents: LightAgent[] = []
  readonly #home: string
  readonly #operator: string
  readonly #ports: { gate: number; desk: number }
  #server: ChildProcess | undefined

  static async open(agents: number): Promise<RotationStage> {
    const home = await mkdtemp(join(tmpdir(), 'vedette-rotation-'))
    const pki = await initPki({
      home,
      passphrase: PASSPHRASE,
      serverName: 'hub',
      serverNames: { dns: ['localhost'], ip: ['127.0.0.1'] },
      operator: 'anna',
    })
    await Vault.create(join(home, 'vault.key'))
    const ports = { gate: await freePort(), desk: await freePort() }
    await writeFile(join(home, 'server.yaml'), yamlOf(ports))
    const stage = new RotationStage(home, pki.operator.folder, ports)
    try {
      await stage.startServer()
      for (let i = 0; i < agents; i++) stage.agents.push(await stage.agent(`gate-${i}`))
      await stage.allWelcome()
      return stage
    } catch (error) {
      await stage[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor(home: string, operator: string, ports: RotationStage['ports']) {
    this.#home = home
    this.#operator = operator
    this.#ports = ports
  }

  get ports(): { gate: number; desk: number } {
    return this.#ports
  }

  /** One with a certificate of whoever signs now. */
  async agent(name: string): Promise<LightAgent> {
    const identity = { role: 'agent', name } as const
    const { folder } = await issueCredentials({ home: this.#home, identity, replace: true })
    return LightAgent.start({ folder, port: this.#ports.gate })
  }

  /** One that goes by what it had when it was last here. */
  async back(name: string): Promise<LightAgent> {
    const folder = join(this.#home, 'certs', 'agents', name)
    return LightAgent.start({ folder, port: this.#ports.gate })
  }

  async startServer(): Promise<void> {
    this.#server = spawn(process.execPath, [SERVER, '--home', this.#home], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    await this.#until(async () => {
      await using desk = await this.#desk()
      // Awaited here: the client ends with this scope.
      return await desk.json('GET', '/agents').then(
        () => true,
        () => false,
      )
    })
  }

  async killServer(): Promise<void> {
    const server = this.#server!
    const gone = once(server, 'exit')
    server.kill('SIGKILL')
    await gone
  }

  /** Runs a phase in a process of its own; `onStep` hears of each step. Gives how it ended. */
  async run(
    order: Pick<ChildOrder, 'phase' | 'kind' | 'dieAt'>,
    onStep: (step: string) => void = () => {},
  ): Promise<'done' | 'killed'> {
    const desk = `127.0.0.1:${this.#ports.desk}`
    const whole = { home: this.#home, operator: this.#operator, passphrase: PASSPHRASE }
    const argument = JSON.stringify({ ...whole, ...order, desk } satisfies ChildOrder)
    const child = spawn(process.execPath, [CHILD, argument], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child.stdout.setEncoding('utf8')
    child.stdout.on('data', (text: string) => text.trim().split('\n').forEach(onStep))
    const [status, signal] = (await once(child, 'close')) as [number | null, string | null]
    if (status === 0) return 'done'
    if (signal === 'SIGKILL') return 'killed'
    throw new Unavailable('worker.died', `${order.phase} ended with ${status ?? signal}`)
  }

  /** Milliseconds until every agent that is here has followed. */
  async followed(direction: 'forward' | 'back'): Promise<number> {
    const began = performance.now()
    await this.#until(async () => {
      await using desk = await this.#desk()
      const path = `/certificates/readiness/${direction}`
      const { waiting } = await desk.json<Readiness>('GET', path)
      return waiting.length === 0
    })
    return performance.now() - began
  }

  /**
   * Ends every agent and starts it again from what is on its disk, as after a power cut; gives the
   * milliseconds until the last is welcome. The uplink's own waits between dials are not in it.
   */
  async restarted(): Promise<number> {
    await Promise.all(this.agents.map((agent) => agent[Symbol.asyncDispose]()))
    const began = performance.now()
    const again = this.agents.map(({ name }) => this.back(name))
    this.agents.splice(0, again.length, ...(await Promise.all(again)))
    await this.allWelcome()
    return performance.now() - began
  }

  async allWelcome(): Promise<void> {
    await this.#until(async () => this.agents.every(({ welcome }) => welcome))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const agent of this.agents) await agent[Symbol.asyncDispose]()
    await this.killServer()
    await rm(this.#home, { recursive: true, force: true })
  }

  /** Somebody is locked out when it does not come about. Throws Unavailable that says who. */
  async #until(condition: () => Promise<boolean>): Promise<void> {
    const until = performance.now() + PATIENCE_MS
    while (!(await condition())) {
      if (performance.now() > until) throw this.#lockedOut()
      await wait(20)
    }
  }

  #lockedOut(): Unavailable {
    const out = this.agents.filter(({ welcome }) => !welcome)
    const who = out.map(({ name, trouble }) => `${name} (${trouble ?? 'no reason'})`)
    return new Unavailable('uplink.refused', `locked out: ${who.join(', ') || 'the operator'}`)
  }

  async #desk(): Promise<DeskClient> {
    const credentials = await readCredentials(this.#operator)
    return new DeskClient(`127.0.0.1:${this.#ports.desk}`, credentials)
  }
}

/** Agents dial again and again here, from one address: that must not count against them. */
function yamlOf({ gate, desk }: { gate: number; desk: number }): string {
  const often = '{ rate: 1000, burst: 1000 }'
  return [
    'gate:',
    '  host: 127.0.0.1',
    `  port: ${gate}`,
    `  limits: { arrivalsPerAddress: ${often}, flapping: { connections: 100000 } }`,
    `desk: { host: 127.0.0.1, port: ${desk} }`,
    'metrics: off',
    'log: silent',
    '',
  ].join('\n')
}
