import { DEFAULT_MODELS } from '@vedette/models/models'
import { encodeJpeg } from '@vedette/models/picture'
import type { Credentials } from '@vedette/shared/tls'
import { GateClient } from './gate-client.ts'
import { GateProcess, issueMany, withHome } from './gate-process.ts'
import { facelike, percentile, type Report, seeded, times } from './measure.ts'

const LENGTH = 128
const TEMPLATES = 100_000
const AGENTS = 8
/** Requests in flight in all: enough to keep the search busy, few enough to answer in time. */
const IN_FLIGHT = 416
const REQUESTS = 60_000
const IDLE_AGENTS = 1250
/** A chip as agents send them weighs about this, bytes. */
const CHIP_SIDE = 192

/** The gate under load, and with many agents that say nothing. */
export async function benchGate(report: Report): Promise<void> {
  await withHome(async (home) => {
    await benchMatch(report, home)
    await benchIdle(report, home)
  })
}

async function benchMatch(report: Report, home: string): Promise<void> {
  await using server = await GateProcess.start(home, TEMPLATES)
  const credentials = await issueMany(home, AGENTS)
  const clients = await Promise.all(
    credentials.map((mine) => GateClient.dial(server.port, mine, DEFAULT_MODELS.embedder)),
  )
  const probes = facelike(512, LENGTH, seeded(7))
  const chip = await noiseJpeg()
  const load = (requests: number) => ({
    window: IN_FLIGHT / AGENTS,
    requests: requests / AGENTS,
    probes,
    chip,
  })
  await Promise.all(clients.map((client) => client.run(load(REQUESTS / 10))))
  const before = await server.usage()
  const started = performance.now()
  const taken = (await Promise.all(clients.map((client) => client.run(load(REQUESTS))))).flat()
  const seconds = (performance.now() - started) / 1000
  const after = await server.usage()
  const loop = await plainLoopMs()
  const value = REQUESTS / seconds
  report({
    bench: 'gate.match.100k',
    value,
    unit: 'requests/s',
    baseline: 'plain loop, one probe at a time',
    ratio: value / (1000 / loop),
    p50: percentile(taken, 0.5),
    p99: percentile(taken, 0.99),
    detail: {
      requestBytes: chip.length + 700,
      inFlight: IN_FLIGHT,
      serverCpuMsPerRequest: (after.cpuMs - before.cpuMs) / REQUESTS,
      serverCores: (after.cpuMs - before.cpuMs) / 1000 / seconds,
    },
  })
  await Promise.all(clients.map((client) => client.close()))
}

async function benchIdle(report: Report, home: string): Promise<void> {
  await using server = await GateProcess.start(home, 0)
  const credentials = await issueMany(home, IDLE_AGENTS)
  const dial = (mine: Credentials) => GateClient.dial(server.port, mine, DEFAULT_MODELS.embedder)
  // What is allocated once belongs to nobody.
  const first = await Promise.all(credentials.slice(0, 250).map(dial))
  const before = await server.usage()
  const rest = []
  for (const mine of credentials.slice(250)) rest.push(await dial(mine))
  const after = await server.usage()
  report({
    bench: 'gate.idle.memory',
    value: (after.rss - before.rss) / rest.length / 1024,
    unit: 'KiB/connection',
    detail: { connections: rest.length },
  })
  await Promise.all([...first, ...rest].map((client) => client.close()))
}

export async function noiseJpeg(): Promise<Uint8Array> {
  const random = seeded(5)
  const data = Uint8Array.from({ length: CHIP_SIDE * CHIP_SIDE * 3 }, (_, i) =>
    Math.round(96 + 64 * Math.sin(i / 977) + 24 * random()),
  )
  return encodeJpeg({ width: CHIP_SIDE, height: CHIP_SIDE, data })
}

/** What one probe costs without any of this: every template in turn. */
async function plainLoopMs(): Promise<number> {
  const templates = facelike(TEMPLATES, LENGTH, seeded(1))
  const [probe] = facelike(1, LENGTH, seeded(2))
  const taken = await times(
    () => {
      let best = Number.NEGATIVE_INFINITY
      for (const vector of templates) {
        let sum = 0
        for (let k = 0; k < LENGTH; k++) sum += vector[k]! * probe![k]!
        if (sum > best) best = sum
      }
      return best
    },
    { runs: 10, warmup: 2 },
  )
  return percentile(taken, 0.5)
}
