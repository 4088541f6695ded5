import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { readServerConfig } from '@vedette/server/config'
import { SERVER_HAND } from '@vedette/server/hand'
import { NOTHING_SAID } from '@vedette/server/store/entry-rows'
import { Store } from '@vedette/server/store/store'
import { encodeEmbedding } from '@vedette/shared/embedding'
import { Deployment } from '../demo/deployment.ts'
import { BlackHole } from './black-hole.ts'
import { noiseJpeg } from './gate.ts'
import { facelike, percentile, type Report, seeded } from './measure.ts'

const LENGTH = 128
/** Before the network goes away, milliseconds. */
const ONLINE_MS = 2000
const PROGRAM = fileURLToPath(new URL('./offline-agent.js', import.meta.url))

export type Outage = {
  agents: number
  /** Milliseconds without a network. */
  outage: number
  /** Agents killed with SIGKILL during that. */
  kills: number
  /** Milliseconds from question to question of an agent. */
  every: number
  /** Whether the server is killed, too, while it takes in what had to wait. */
  killServer: boolean
}

/** What the control room was shown of one sighting. */
type Shown = { raised: number; events: number; late: boolean; delay: number; latency: number }

/**
 * Agents without a network, killed again and again: what was asked and was on disk must be shown, once,
 * and as late where it was.
 */
export async function benchOffline(report: Report, outage: Outage): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'vedette-offline-'))
  try {
    await measure(report, home, outage)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function measure(report: Report, home: string, about: Outage): Promise<void> {
  const deployment = await Deployment.found(home)
  const names = Array.from({ length: about.agents }, (_, i) => `box-${i}`)
  for (const name of names) await deployment.vedette('certs', 'issue', 'agent', name)
  await enrol(home)
  let server = await deployment.startServer()
  await using hole = await BlackHole.open(deployment.gatePort)
  const shown = new Map<string, Shown>()
  await using _watch = deployment.watch(({ kind, alert, frame }, latency) => {
    const track = frame?.track ?? alert.track
    const known = shown.get(track)
    const delay = alert.receivedAt - alert.capturedAt
    if (known === undefined) {
      const raised = kind === 'raised' ? 1 : 0
      shown.set(track, { raised, events: 1, late: alert.late, delay, latency })
      return
    }
    known.events++
    if (kind === 'raised') known.raised++
  })
  const agents = names.map((name) => new Sender(home, name, hole.port, about.every))
  await Promise.all(agents.map((agent) => agent.start()))
  await wait(ONLINE_MS)
  const online = [...shown.values()].map(({ latency }) => latency)

  hole.cut()
  const cut = performance.now()
  const step = about.outage / (about.kills + 1)
  for (let kill = 0; kill <= about.kills; kill++) {
    await wait(Math.max(0, cut + (kill + 1) * step - performance.now()))
    if (kill < about.kills) await agents[kill % agents.length]!.restart()
  }
  hole.mend()
  const mended = performance.now()
  const waiting = agents.reduce((sum, { asked }) => sum + asked.size, 0) - shown.size
  for (const agent of agents) agent.stop()
  if (about.killServer) {
    let emptied = false
    void Promise.all(agents.map((agent) => agent.emptied)).then(() => {
      emptied = true
    })
    while (!emptied && shown.size < online.length + waiting / 3) await wait(20)
    await server.kill()
    server = await deployment.startServer()
  }
  await Promise.all(agents.map((agent) => agent.emptied))
  const drained = (performance.now() - mended) / 1000
  const kept = agents.flatMap((agent) => [...agent.kept])
  const deadline = performance.now() + 20_000
  while (kept.some((track) => !shown.has(track)) && performance.now() < deadline) await wait(50)
  await wait(500)
  for (const agent of agents) await agent.end()
  await server[Symbol.asyncDispose]()

  const asked = agents.flatMap((agent) => [...agent.asked])
  const all = [...shown.values()]
  const wrong = all.filter(({ late, delay }) => late !== delay > 10_000)
  report({
    bench: 'offline.lost',
    value: kept.filter((track) => !shown.has(track)).length,
    unit: 'sightings',
    detail: {
      outageSeconds: about.outage / 1000,
      kills: about.kills,
      agents: about.agents,
      serverKills: about.killServer ? 1 : 0,
      asked: asked.length,
      keptAtKill: kept.length,
      shown: shown.size,
      lostInTheLast50Ms: asked.filter((track) => !shown.has(track)).length,
      dropped: agents.reduce((sum, { dropped }) => sum + dropped, 0),
      drainedSeconds: drained,
    },
  })
  report({
    bench: 'offline.shown-twice',
    value: all.filter(({ raised, events }) => raised !== 1 || events !== 1).length,
    unit: 'sightings',
  })
  report({
    bench: 'offline.late-not-labelled',
    value: wrong.length,
    unit: 'sightings',
    detail: {
      late: all.filter(({ late }) => late).length,
      longestDelaySeconds: Math.max(...all.map(({ delay }) => delay)) / 1000,
    },
  })
  report({
    bench: 'offline.online-latency',
    value: percentile(online, 0.5),
    unit: 'ms',
    p99: percentile(online, 0.99),
  })
}

/** Writes somebody into the store whose template all probes are, and what all agents send. */
async function enrol(home: string): Promise<void> {
  const file = join(home, 'server.yaml')
  // Each sighting is to be an alert of its own.
  const yaml = (await readFile(file, 'utf8')).replace(/^match:.*\n(?: .*\n)*/m, '')
  await writeFile(file, `${yaml}\nmatch: { cooldown: 1ms }\n`)
  const config = await readServerConfig(home)
  const [template] = facelike(1, LENGTH, seeded(11))
  const jpeg = await noiseJpeg()
  const place = { file: join(config.data, 'wanted.db'), keyFile: config.vaultKey }
  await using store = await Store.open(place)
  const entry = { ...NOTHING_SAID, name: 'Nobody', list: 'wanted', hand: SERVER_HAND }
  const photo = { jpeg: Buffer.from(jpeg), quality: 0.9, template: template! }
  await store.entries.add({ ...entry, createdAt: Date.now() }, [
    { ...photo, space: DEFAULT_MODELS.embedder },
  ])
  await writeFile(join(home, 'probe'), encodeEmbedding(template!))
  await writeFile(join(home, 'chip.jpg'), jpeg)
}

/** One agent, as often as it is started. */
class Sender {
  /** Tracks of all that it asked; of those that were on disk, or acknowledged. */
  readonly asked = new Set<string>()
  readonly kept = new Set<string>()
  dropped = 0
  readonly emptied: Promise<void>
  readonly #home: string
  readonly #name: string
  readonly #port: number
  readonly #every: number
  #emptied: () => void = () => {}
  #child: ChildProcess | undefined
  #run = 0

  constructor(home: string, name: string, port: number, every: number) {
    this.#home = home
    this.#name = name
    this.#port = port
    this.#every = every
    this.emptied = new Promise((resolve) => {
      this.#emptied = resolve
    })
  }

  /** Resolves when it asks. */
  async start(): Promise<void> {
    const [home, name] = [this.#home, this.#name]
    const run = `${name}-${++this.#run}`
    const files = [join(home, 'probe'), join(home, 'chip.jpg')]
    const places = [join(home, 'certs', 'agents', name), String(this.#port), join(home, name)]
    const args = [PROGRAM, ...places, ...files, run, String(this.#every)]
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#child = child
    let last = 0
    await new Promise<void>((resolve) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const [word, count] = line.split(' ')
        if (word === 'ready') resolve()
        if (word === 'asked') this.asked.add(`${run}-${count}`)
        if (word === 'kept') while (last < Number(count)) this.kept.add(`${run}-${++last}`)
        if (word === 'empty') {
          this.dropped = Number(count)
          this.#emptied()
        }
      })
    })
  }

  /** Kills it, and starts it again. */
  async restart(): Promise<void> {
    await this.end()
    await this.start()
  }

  /** It asks no more. */
  stop(): void {
    this.#child?.stdin?.write('stop\n')
  }

  async end(): Promise<void> {
    const child = this.#child!
    const gone = once(child, 'close')
    child.kill('SIGKILL')
    await gone
  }
}
