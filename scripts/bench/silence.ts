import { once } from 'node:events'
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import type { CameraStatus } from '@vedette/server/cameras/known'
import { openDesk } from '@vedette/server/cli/context'
import type { Watch } from '@vedette/server/desk/answered/cameras'
import BetterSqlite3 from 'better-sqlite3'
import sharp from 'sharp'
import { Deployment } from '../demo/deployment.ts'
import { Running } from '../demo/program.ts'
import { BlackHole } from './black-hole.ts'
import { median, type Report } from './measure.ts'

/** No dead part may be without a red line for longer, milliseconds. */
const LIMIT_MS = 90_000
/** Given up after this, milliseconds. */
const PATIENCE_MS = 150_000
/** Between the starts of two chains, milliseconds. */
const APART_MS = 6000
/** Test faces whose latency is measured before anything is broken. */
const MEASURED = 3

/** The chain from a camera to the operator's screen, run by the programs themselves. */
type Chain = {
  camera: HttpCamera
  cable: BlackHole
  server: Running
  agent: Running
  database: BetterSqlite3.Database
}

/** How each part of the chain is broken, once all is green. */
const KILLS: Record<string, (chain: Chain) => void> = {
  'camera stops sending': ({ camera }) => camera.stop(),
  'agent killed': ({ agent }) => void agent.kill(),
  'agent stopped (SIGSTOP)': ({ agent }) => process.kill(agent.pid!, 'SIGSTOP'),
  'detector throws': ({ agent }) => process.kill(agent.pid!, 'SIGUSR2'),
  'uplink cut': ({ cable }) => cable.cut(),
  'gallery never answers': ({ server }) => process.kill(server.pid!, 'SIGUSR2'),
  // Nothing is written any more, as on a disk that has gone.
  'database locked': ({ database }) => void database.exec('BEGIN EXCLUSIVE'),
}

/**
 * Breaks each part of the chain in turn, with everything as it is configured by default, and takes the
 * time until `vedette alerts watch` says that the camera is red.
 */
export async function benchSilence(report: Report): Promise<void> {
  const options = process.env.NODE_OPTIONS
  process.env.NODE_OPTIONS = `--import ${new URL('./sabotage.js', import.meta.url).href}`
  const broken = Object.entries(KILLS).map(async ([name, kill], i) => {
    await wait(i * APART_MS)
    return { name, ...(await breakChain(kill)) }
  })
  const all = await Promise.all(broken)
  if (options === undefined) delete process.env.NODE_OPTIONS
  else process.env.NODE_OPTIONS = options
  for (const { name, redAfter, why, latencies } of all) {
    report({
      bench: `silence.${name.replaceAll(/\W+/g, '-')}`,
      value: redAfter / 1000,
      unit: `s until red (${redAfter <= LIMIT_MS ? 'in time' : 'TOO LATE'})`,
      detail: { why, latencyMs: median(latencies), slowestMs: Math.max(...latencies) },
    })
  }
}

async function breakChain(
  kill: (chain: Chain) => void,
): Promise<{ redAfter: number; why: string; latencies: number[] }> {
  const home = await mkdtemp(join(tmpdir(), 'vedette-bench-'))
  try {
    const deployment = await Deployment.found(home)
    await appendFile(join(home, 'server.yaml'), '\nmetrics: off\n')
    await using camera = await HttpCamera.open()
    await using cable = await BlackHole.open(deployment.gatePort)
    const { server, agent } = await startBoth(deployment, cable, camera)
    await using _server = killing(server)
    await using _agent = killing(agent)
    const database = new BetterSqlite3(join(home, 'data', 'wanted.db'))
    const chain = { camera, cable, server, agent, database }
    const seen = new Screen()
    await using _watching = new Running(
      'vedette',
      ['--home', home, '--json', 'alerts', 'watch', '--since', '0'],
      { output: (line) => seen.note(line) },
    )
    await seen.green()
    const latencies = await measure(home)
    const brokenAt = Date.now()
    kill(chain)
    const why = await seen.red()
    database.close()
    return { redAfter: Date.now() - brokenAt, why, latencies }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function startBoth(deployment: Deployment, cable: BlackHole, camera: HttpCamera) {
  const server = await deployment.startServer()
  const cameras = `  gate: ${camera.url}`
  const { agent } = await deployment.startAgent(`${cameras}\nmetrics: off`, { port: cable.port })
  return { server, agent }
}

/** Latencies of the next test faces, milliseconds. */
async function measure(home: string): Promise<number[]> {
  await using desk = await openDesk({ home })
  const latencies: number[] = []
  let last = 0
  while (latencies.length < MEASURED) {
    const [camera] = (await desk.json<Watch>('GET', '/cameras')).cameras
    if (camera?.passedAt && camera.passedAt !== last) {
      last = camera.passedAt
      latencies.push(camera.latencyMs!)
    }
    await wait(1000)
  }
  return latencies
}

/** What the operator sees of the camera. */
class Screen {
  #state = ''
  #why = ''
  #changed: () => void = () => {}

  note(line: Record<string, unknown>): void {
    const begun = line.kind === 'watch' ? (line.cameras as CameraStatus[]) : []
    const camera = line.kind === 'camera' ? (line.camera as CameraStatus) : begun[0]
    if (camera === undefined) return
    this.#state = camera.state
    this.#why = camera.troubles.map(({ kind }) => kind).join(' ') || camera.why
    this.#changed()
  }

  green(): Promise<string> {
    return this.#until('green')
  }

  red(): Promise<string> {
    return this.#until('red')
  }

  /** Resolves with the reason. */
  #until(state: string): Promise<string> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(`still ${this.#state || 'unseen'}`), PATIENCE_MS)
      const look = () => {
        if (this.#state !== state) return
        clearTimeout(timer)
        resolve(this.#why)
      }
      this.#changed = look
      look()
    })
  }
}

/** A camera that sends motion JPEG, no two pictures alike, until it is stopped. */
class HttpCamera {
  readonly #server = createServer((_request, response) => this.#show(response))
  #stopped = false

  static async open(): Promise<HttpCamera> {
    const camera = new HttpCamera()
    camera.#server.listen(0, '127.0.0.1')
    await once(camera.#server, 'listening')
    return camera
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  /** It keeps its connections, and says nothing on them. */
  stop(): void {
    this.#stopped = true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  #show(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=frame' })
    let n = 0
    const timer = setInterval(async () => {
      if (this.#stopped) return
      const jpeg = await scene(n++)
      const head = `Content-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n`
      response.write(`--frame\r\n${head}\r\n`)
      response.write(jpeg)
      response.write('\r\n')
    }, 200)
    response.on('close', () => clearInterval(timer))
  }
}

const [WIDTH, HEIGHT] = [640, 360]

/** A wall with a door and tiles, and in a corner something that is different each time. */
function scene(n: number): Promise<Buffer> {
  const data = Buffer.alloc(WIDTH * HEIGHT * 3)
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const door = x > 400 && x < 520 && y > 80
      const line = y > 300 && (x % 80 < 3 || y % 30 < 3)
      const clock = y < 20 && x < 200 && ((n >> Math.floor(x / 20)) & 1) === 1
      data.fill(
        clock ? 250 : door ? 60 : line ? 30 : 150,
        (y * WIDTH + x) * 3,
        (y * WIDTH + x) * 3 + 3,
      )
    }
  }
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .jpeg()
    .toBuffer()
}

/** What may be stopped or stuck is ended at once. */
function killing(program: Running): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      await program.kill()
    },
  }
}
