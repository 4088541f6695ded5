import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { certsLayout } from '@vedette/certs/files'
import { Office } from '@vedette/certs/office'
import { initPki, issueCredentials } from '@vedette/certs/pki'
import { Rotation } from '@vedette/certs/rotation'
import { encodeJpeg } from '@vedette/models/picture'
import { renewServer } from '@vedette/server/authority/renew-server'
import { DeskClient } from '@vedette/server/cli/desk-client'
import type { AgentStatus } from '@vedette/server/desk/answered/agents'
import { Vault } from '@vedette/server/store/vault'
import { readCredentials } from '@vedette/shared/credentials'
import { Running } from '../demo/program.ts'
import { freePort } from '../free-port.ts'
import { percentile, type Report, seeded } from './measure.ts'
import type { AgentReport } from './renewing-agent.ts'
import type { Begin, Reports } from './renewing-agents.ts'

const PASSPHRASE = 'only for this bench'
const AGENTS = 50
const PROCESSES = 5
const LEAF_MS = 60_000
/** Of the authority that signs for agents; another takes its place at two thirds of that. */
const AUTHORITY_MS = 360_000
const LENGTH_MS = 900_000
/** Between two questions of an agent. */
const ASK_MS = 1000
/** Certificates are spread as in a fleet that has run for long. */
const SPREAD_MS = (2 / 3) * LEAF_MS
/** An answer that takes longer is none. */
const PATIENCE_MS = 5000
/** Window in which the rate of renewals is looked at, ms. */
const WINDOW_MS = 10_000

/** A fleet whose certificates live a minute and whose authority lives six, for a quarter of an hour. */
export async function benchRenewal(report: Report): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'vedette-bench-'))
  try {
    await soak(home, report)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function soak(home: string, report: Report): Promise<void> {
  const [gate, desk] = [await freePort(), await freePort()]
  await found(home, gate, desk)
  const rotations = new Rotations(home, desk)
  await rotations.turn()

  const lines: string[] = []
  await using server = await startServer(home, lines)
  const { pid } = server
  const ended = server.ended()
  const children = Array.from({ length: PROCESSES }, () => startAgents(gate))
  const chip = Buffer.from(await picture()).toString('base64')
  const began = Date.now()
  for (let i = 0; i < AGENTS; i++) {
    const identity = { role: 'agent', name: `bench-${i}` } as const
    const { folder } = await issueCredentials({ home, identity, life: LEAF_MS })
    children[i % PROCESSES]!.send({ folder, chip } satisfies Begin)
    await wait(Math.max(0, began + ((i + 1) * SPREAD_MS) / AGENTS - Date.now()))
  }
  const all = Date.now()
  while (Date.now() < all + LENGTH_MS) {
    await Promise.race([wait(1000), ended])
    if (Date.now() > rotations.madeAt + (2 / 3) * AUTHORITY_MS) await rotations.turn(AGENTS)
  }
  const reports = (await Promise.all(children.map(finish))).flat()
  const restarts = server.pid === pid ? 0 : 1
  tell(report, reports, { from: all, rotations: rotations.made, restarts, lines })
}

/** Certificates, vault key and configuration as `vedette init` makes them, with room for 50 of one address. */
async function found(home: string, gate: number, desk: number): Promise<void> {
  await initPki({
    home,
    passphrase: PASSPHRASE,
    serverName: 'bench',
    serverNames: { dns: ['localhost'], ip: ['127.0.0.1'] },
    operator: 'bench',
  })
  await Vault.create(join(home, 'vault.key'))
  const yaml = [
    `gate: { host: 127.0.0.1, port: ${gate}, limits: { perAddress: ${3 * AGENTS} } }`,
    `desk: { port: ${desk} }`,
    `certificates: { life: ${LEAF_MS / 1000}s }`,
    'metrics: { enabled: false }',
  ]
  await writeFile(join(home, 'server.yaml'), `${yaml.join('\n')}\n`)
}

async function startServer(home: string, lines: string[]): Promise<Running> {
  let ready = () => {}
  const started = new Promise<void>((resolve) => {
    ready = resolve
  })
  const server = new Running('vedette-server', ['--home', home], {
    log: (line) => {
      if (line.event === 'server.ready') ready()
      if (line.level !== 'info') lines.push(`${line.event} ${line.code}`)
    },
  })
  await Promise.race([started, server.ended()])
  return server
}

function startAgents(port: number): ChildProcess {
  const program = new URL('./renewing-agents.js', import.meta.url)
  return fork(program, [String(port), String(ASK_MS)])
}

async function finish(child: ChildProcess): Promise<AgentReport[]> {
  const answer = once(child, 'message') as Promise<[Reports]>
  child.send('stop')
  const [{ reports }] = await answer
  child.disconnect()
  return reports
}

/** Replaces the issuing authority as `vedette certs rotate` does, phase by phase. */
class Rotations {
  readonly #home: string
  readonly #desk: number
  made = 0
  madeAt = 0

  constructor(home: string, desk: number) {
    this.#home = home
    this.#desk = desk
  }

  /** With `agents` the server runs and so many follow; without, nobody is there yet. */
  async turn(agents = 0): Promise<void> {
    const rotation = new Rotation({
      home: this.#home,
      passphrase: async () => PASSPHRASE,
      server: () => (agents > 0 ? this.#takeIn() : renewServer(this.#home)),
      lives: { issuing: AUTHORITY_MS },
    })
    await rotation.prepare('issuing')
    this.madeAt = Date.now()
    if (agents > 0) await this.#takeIn()
    await rotation.activate()
    if (agents > 0) await this.#takeIn()
    while (!(await this.#followed(agents))) await wait(1000)
    await rotation.retire()
    if (agents > 0) await this.#takeIn()
    this.made++
  }

  async #takeIn(): Promise<void> {
    await using client = await this.#client()
    await client.json('POST', '/certificates/refresh')
  }

  async #followed(agents: number): Promise<boolean> {
    if (agents === 0) return true
    await using client = await this.#client()
    const here = (await client.json<AgentStatus[]>('GET', '/agents')).filter((a) => a.connected)
    const office = await Office.open(this.#home)
    const entries = await Promise.all(here.map(({ serial }) => office.ledger.find(serial)))
    const moved = entries.filter((entry) => entry?.authority === office.standing.signs)
    return moved.length === agents
  }

  /** The operator's certificate is another after each phase. */
  async #client(): Promise<DeskClient> {
    const folder = certsLayout(this.#home).credentials({ role: 'operator', name: 'bench' })
    return new DeskClient(`127.0.0.1:${this.#desk}`, await readCredentials(folder))
  }
}

function tell(
  report: Report,
  reports: readonly AgentReport[],
  facts: { from: number; rotations: number; restarts: number; lines: readonly string[] },
): void {
  const sum = (of: (one: AgentReport) => number) =>
    reports.reduce((total, one) => total + of(one), 0)
  const taken = reports.flatMap((one) => one.taken)
  const late = taken.filter((ms) => ms > PATIENCE_MS).length
  const renewals = reports.map(({ renewed }) => renewed.length)
  const at = reports.flatMap(({ renewed }) => renewed).filter((ms) => ms >= facts.from)
  const trouble = reports.flatMap((one) => one.trouble)
  report({
    bench: 'renewal.fleet',
    value: sum(({ asked, answered }) => asked - answered) + late,
    unit: 'failed matches',
    p50: percentile(taken, 0.5),
    p99: percentile(taken, 0.99),
    detail: {
      agents: reports.length,
      asked: sum(({ asked }) => asked),
      answered: sum(({ answered }) => answered),
      slowestMs: taken.reduce((most, ms) => Math.max(most, ms), 0),
      renewals: sum(({ renewed }) => renewed.length),
      fewestRenewals: Math.min(...renewals),
      mostRenewals: Math.max(...renewals),
      authorities: facts.rotations,
      restarts: facts.restarts,
      peakOverMean10s: peakOverMean(at, WINDOW_MS),
      peakOverMean1s: peakOverMean(at, 1000),
      agentTrouble: counted(trouble),
      serverTrouble: counted(facts.lines),
    },
  })
}

/** The most that fall into one window of `ms`, over what one holds on average. */
function peakOverMean(at: readonly number[], ms: number): number {
  const first = Math.min(...at)
  const windows = new Map<number, number>()
  for (const when of at) {
    const window = Math.floor((when - first) / ms)
    windows.set(window, (windows.get(window) ?? 0) + 1)
  }
  const last = Math.max(...windows.keys())
  return Math.max(...windows.values()) / (at.length / (last + 1))
}

function counted(words: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].map(([word, count]) => `${word} × ${count}`).join(', ') || 'none'
}

async function picture(): Promise<Uint8Array> {
  const random = seeded(5)
  const data = Uint8Array.from({ length: 64 * 64 * 3 }, () => 96 + 64 * random())
  return encodeJpeg({ width: 64, height: 64, data })
}
