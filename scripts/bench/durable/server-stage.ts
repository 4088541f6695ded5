import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { initPki } from '@vedette/certs/pki'
import { DeskClient } from '@vedette/server/cli/desk-client'
import { consolePort } from '@vedette/server/desk/console-config'
import { Vault } from '@vedette/server/store/vault'
import { readCredentials } from '@vedette/shared/credentials'
import { Unavailable } from '@vedette/shared/errors'
import type { Credentials } from '@vedette/shared/tls'
import { freePort } from '../../free-port.ts'
import { issueMany } from '../gate-process.ts'

const SERVER = fileURLToPath(new URL('../../../../server/bin/vedette-server.js', import.meta.url))
const PATIENCE_MS = 60_000
/** Of the kernel's clock, a second. Source: proc_pid_stat(5), sysconf(_SC_CLK_TCK). */
const TICKS = 100

export type StageOptions = {
  agents: number
  /** Where its databases are; below its home if left out. */
  data?: string
  /** More of server.yaml. */
  yaml?: string
}

/** A deployment, its real server in a process of its own, and credentials for agents and people. */
export class ServerStage {
  readonly home: string
  readonly data: string
  readonly gatePort: number
  readonly credentials: Credentials[]
  readonly consolePort: number
  readonly deskAddress: string
  /** The credentials folder of whoever founded it. */
  readonly operator: string
  readonly #metricsPort: number
  #server: ChildProcess | undefined

  static async open({ agents, data, yaml = '' }: StageOptions): Promise<ServerStage> {
    const home = await mkdtemp(join(tmpdir(), 'vedette-stage-'))
    const pki = await initPki({
      ...{ home, passphrase: 'only for this bench', serverName: 'hub', operator: 'anna' },
      serverNames: { dns: ['localhost'], ip: ['127.0.0.1'] },
    })
    await Vault.create(join(home, 'vault.key'))
    const [gate, desk, metrics] = [await freePort(), await freePort(), await freePort()]
    const text = yamlOf({ gate, desk, metrics }, data)
    await writeFile(join(home, 'server.yaml'), text + yaml)
    const credentials = await issueMany(home, agents)
    return new ServerStage({ home, data, gate, desk, metrics, credentials }, pki.operator.folder)
  }

  private constructor(
    made: {
      home: string
      data: string | undefined
      gate: number
      desk: number
      metrics: number
      credentials: Credentials[]
    },
    operator: string,
  ) {
    this.home = made.home
    this.data = made.data ?? join(made.home, 'data')
    this.gatePort = made.gate
    this.credentials = made.credentials
    this.consolePort = consolePort({}, made.desk)
    this.deskAddress = `127.0.0.1:${made.desk}`
    this.#metricsPort = made.metrics
    this.operator = operator
  }

  /** Starts the server; gives how long it took until it was serving, milliseconds. */
  async start(environment: Record<string, string> = {}): Promise<number> {
    const began = performance.now()
    this.#server = spawn(process.execPath, [SERVER, '--home', this.home], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ...environment },
    })
    const ready = `http://127.0.0.1:${this.#metricsPort}/readyz`
    await until(() =>
      fetch(ready).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
    return performance.now() - began
  }

  async kill(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const gone = once(server, 'exit')
    server.kill('SIGKILL')
    await gone
  }

  async desk(): Promise<DeskClient> {
    return new DeskClient(this.deskAddress, await readCredentials(this.operator))
  }

  /** The value of a figure without labels that the server serves. */
  async figure(name: string): Promise<number> {
    const page = await fetch(`http://127.0.0.1:${this.#metricsPort}/metrics`)
    const line = (await page.text()).split('\n').find((one) => one.startsWith(`${name} `))
    return Number(line?.split(' ')[1])
  }

  /** What the server's process holds in memory, bytes. */
  async memory(): Promise<number> {
    return memoryOf(this.#server?.pid, 'VmRSS')
  }

  /** What it holds for itself and the processes that it started do, programs left out, bytes. */
  async privateMemory(): Promise<number> {
    const pid = this.#server?.pid
    const listed = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
    const all = [pid, ...listed.split(' ').filter(Boolean)]
    const each = all.map((one) => memoryOf(one, 'RssAnon'))
    return (await Promise.all(each)).reduce((sum, one) => sum + one, 0)
  }

  /** Time that its threads have been working in all, seconds: what others do on the machine is not in it. */
  async worked(): Promise<number> {
    const text = await readFile(`/proc/${this.#server?.pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    await rm(this.home, { recursive: true, force: true })
  }
}

/** What a process holds in memory, bytes; none where it is gone. Source: proc_pid_status(5). */
async function memoryOf(
  pid: string | number | undefined,
  what: 'VmRSS' | 'RssAnon',
): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(new RegExp(`${what}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) * 1024
}

/** Resolves when `condition` holds; gives how long that took, milliseconds. */
export async function until(
  condition: () => Promise<boolean>,
  patience = PATIENCE_MS,
): Promise<number> {
  const began = performance.now()
  while (!(await condition())) {
    if (performance.now() - began > patience) {
      throw new Unavailable('service.failed', `still not so after ${patience} ms`)
    }
    await wait(20)
  }
  return performance.now() - began
}

type Ports = { gate: number; desk: number; metrics: number }

/** All agents come from one address here, and ask as they like. */
function yamlOf({ gate, desk, metrics }: Ports, data: string | undefined): string {
  const often = '{ rate: 100000, burst: 100000 }'
  return [
    ...(data === undefined ? [] : [`data: ${data}`]),
    'gate:',
    '  host: 127.0.0.1',
    `  port: ${gate}`,
    '  limits:',
    '    perAddress: 20000',
    `    arrivals: ${often}`,
    `    arrivalsPerAddress: ${often}`,
    `    questions: ${often}`,
    `desk: { host: 127.0.0.1, port: ${desk} }`,
    `metrics: { host: 127.0.0.1, port: ${metrics} }`,
    'canary: { every: off }',
    'log: silent',
    '',
  ].join('\n')
}
