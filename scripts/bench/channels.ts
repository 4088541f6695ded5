import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { WebhookBody } from '@vedette/server/channels/webhook'
import type { TellerOrder, Told } from './channels-teller.ts'
import { median, percentile, type Report, seeded } from './measure.ts'

const PROGRAM = fileURLToPath(new URL('channels-teller.js', import.meta.url))
const KILLS = 40
const ALERTS = 300
const APART_MS = 20
const LAST_MS = 30_000

/**
 * Alerts told by webhook: how soon, beside one receiver that never answers and one that is not there;
 * and what is lost and told twice where the server is killed again and again.
 */
export async function benchChannels(report: Report): Promise<void> {
  await latency(report, 'channels.alone', [])
  await latency(report, 'channels.beside-two-dead', ['silent', 'gone'])
  await kills(report)
}

async function latency(report: Report, bench: string, others: ('silent' | 'gone')[]) {
  await using receiver = await Receiver.open()
  await using folder = await Folder.make()
  const own = { silent: `${receiver.url}/silent`, gone: 'http://127.0.0.1:9/' }
  const urls = [`${receiver.url}/well`, ...others.map((other) => own[other])]
  const teller = new Teller({ folder: folder.path, urls, alerts: ALERTS, apart: APART_MS })
  await teller.over
  await receiver.all(teller.raised.map(({ alert }) => alert))
  await teller.kill()
  const waits = teller.raised.map(({ alert, at }) => receiver.at.get(alert)! - at)
  const commits = teller.raised.map(({ took }) => took)
  const detail = { commitP50: median(commits), commitP99: percentile(commits, 0.99) }
  const figure = { value: median(waits), unit: 'ms', p99: percentile(waits, 0.99), detail }
  report({ bench: `${bench}.commit-to-told`, ...figure })
}

async function kills(report: Report): Promise<void> {
  await using receiver = await Receiver.open()
  await using folder = await Folder.make()
  const random = seeded(40)
  const raised = new Set<string>()
  const order = { folder: folder.path, urls: [`${receiver.url}/well`], apart: 5 }
  for (let kill = 0; kill < KILLS; kill++) {
    // Now and then it answers late, so that it is killed while somebody is being told.
    receiver.pause = kill % 2 === 0 ? 0 : 30
    const teller = new Teller({ ...order, alerts: 1_000_000 })
    await teller.first
    await sleep(50 + 500 * random())
    await teller.kill()
    for (const { alert } of teller.raised) raised.add(alert)
  }
  receiver.pause = 0
  const last = new Teller({ ...order, alerts: 0 })
  await last.over
  await receiver.all([...raised])
  await last.kill()
  const lost = [...raised].filter((alert) => !receiver.at.has(alert)).length
  const several = [...receiver.ids.values()].filter((ids) => ids.size > 1).length
  const detail = { kills: KILLS, told: receiver.told, repeats: receiver.told - receiver.at.size }
  report({ bench: 'channels.killed.lost', value: lost, unit: `of ${raised.size}`, detail })
  report({ bench: 'channels.killed.two-ids', value: several, unit: 'alerts' })
}

/** A process that raises alerts and tells them, and what it has said. */
class Teller {
  readonly raised: { alert: string; at: number; took: number }[] = []
  readonly first: Promise<void>
  readonly over: Promise<void>
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  constructor(order: TellerOrder) {
    this.#child = spawn(process.execPath, [PROGRAM, JSON.stringify(order)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines = createInterface({ input: this.#child.stdout! })
    this.#ended = Promise.all([once(this.#child, 'close'), once(lines, 'close')])
    let begun = () => {}
    let over = () => {}
    this.first = new Promise((resolve) => {
      begun = resolve
    })
    this.over = new Promise((resolve) => {
      over = resolve
    })
    lines.on('line', (line) => {
      const said = JSON.parse(line) as Told
      if ('over' in said) over()
      else {
        this.raised.push(said)
        begun()
      }
    })
  }

  /** Resolves when all that it said is known. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}

/** Somebody who is told by webhook. */
class Receiver {
  /** When each alert was first told, epoch milliseconds, and under which ids. */
  readonly at = new Map<string, number>()
  readonly ids = new Map<string, Set<string>>()
  told = 0
  /** Before it answers, milliseconds. */
  pause = 0
  readonly #server: Server

  static async open(): Promise<Receiver> {
    const receiver = new Receiver()
    receiver.#server.listen(0, '127.0.0.1')
    await once(receiver.#server, 'listening')
    return receiver
  }

  private constructor() {
    this.#server = createServer(async (request, response) => {
      if (request.url === '/silent') return
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const { data } = JSON.parse(Buffer.concat(chunks).toString()) as WebhookBody
      const now = Date.now()
      for (const { id, alert } of data.notices) {
        if (alert === undefined) continue
        this.told++
        if (!this.at.has(alert.id)) this.at.set(alert.id, now)
        this.ids.set(alert.id, (this.ids.get(alert.id) ?? new Set()).add(id))
      }
      if (this.pause > 0) await sleep(this.pause)
      response.writeHead(204).end()
    })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Waits until all of `alerts` were told, and no longer than is reasonable. */
  async all(alerts: readonly string[]): Promise<void> {
    const until = Date.now() + LAST_MS
    while (Date.now() < until && !alerts.every((alert) => this.at.has(alert))) await sleep(10)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((done) => this.#server.close(done))
  }
}

class Folder {
  readonly path: string

  static async make(): Promise<Folder> {
    const path = await mkdtemp(join(tmpdir(), 'vedette-channels-'))
    await mkdir(join(path, 'data'))
    return new Folder(path)
  }

  private constructor(path: string) {
    this.path = path
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }
}
