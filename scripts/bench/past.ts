import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { Walk } from '@vedette/server/matching/walk'
import { Keeper } from '@vedette/server/past/keeper'
import type { PastPolicy } from '@vedette/server/past/policy'
import type { Probe } from '@vedette/server/probe'
import { PAST_FILE } from '@vedette/server/store/past/past'
import { Store } from '@vedette/server/store/store'
import { Vault } from '@vedette/server/store/vault'
import { type Clock, systemClock } from '@vedette/shared/clock'
import { silentLog } from '@vedette/shared/log'
import { noiseJpeg } from './gate.ts'
import { GateClient } from './gate-client.ts'
import { GateProcess, issueMany, UNLIMITED, withHome } from './gate-process.ts'
import { facelike, median, percentile, type Report, seeded, times } from './measure.ts'
import { benchPastErrors } from './past-errors.ts'

const LENGTH = 128
const SPACE = DEFAULT_MODELS.embedder
const WALKS = 100_000
/** Walks of one beat in a crowd: a thousand a minute past each of five cameras. */
const BEAT = 1000
const CAMERAS = 50
const REQUESTS = 30_000
const AGENTS = 8
const IN_FLIGHT = 416
const HOUR = 3_600_000

/** What it costs to keep walks that match nobody, to search them, and to be rid of them. */
export async function benchPast(report: Report): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'vedette-past-'))
  try {
    await benchKeeping(report, home)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
  await benchGateKeeping(report)
  await benchPastErrors(report)
}

async function benchKeeping(report: Report, home: string): Promise<void> {
  const keyFile = join(home, 'vault.key')
  await Vault.create(keyFile)
  const place = { file: join(home, 'wanted.db'), keyFile }
  const asked = { hours: 24 }
  const clock: Clock = systemClock
  const policies = (): PastPolicy[] => [
    {
      ...{ list: 'wanted', keepFor: asked.hours * HOUR, keepPictures: false },
      watches: () => true,
      applies: () => true,
    },
  ]
  const most = { walks: 1_000_000, size: 1e10 }
  const open = async () => {
    const store = await Store.open(place)
    const options = { store: store.past, policies, most, clock, log: silentLog }
    return { store, keeper: await Keeper.open(options) }
  }
  const first = await open()
  const vectors = facelike(WALKS, LENGTH, seeded(3))
  const began = clock.now() - 12 * HOUR
  const taking: number[] = []
  const writing: number[] = []
  let cpu = 0
  const delay = monitorEventLoopDelay({ resolution: 1 })
  for (let at = 0; at < WALKS; at += BEAT) {
    const walks = vectors.slice(at, at + BEAT).map((probe, i) => {
      // Ten hours of walks, in the order in which they came.
      const seenAt = began + Math.floor(((at + i) / WALKS) * 10 * HOUR)
      return walkOf(probe, `camera-${i % CAMERAS}`, seenAt)
    })
    const used = process.cpuUsage()
    const start = performance.now()
    for (const walk of walks) first.keeper.take(walk, SPACE)
    taking.push(((performance.now() - start) / BEAT) * 1000)
    const write = performance.now()
    delay.enable()
    await first.keeper.flush()
    delay.disable()
    writing.push(((performance.now() - write) / BEAT) * 1000)
    const { user, system } = process.cpuUsage(used)
    cpu += user + system
  }
  const { size } = await stat(join(home, PAST_FILE))
  report({
    bench: 'past.keep',
    value: median(taking) + median(writing),
    unit: 'µs/walk',
    p99: percentile(writing, 0.99),
    detail: {
      ...{ takeUs: median(taking), writeUs: median(writing), cpuUs: cpu / WALKS },
      ...{ stallP99Ms: delay.percentile(99) / 1e6, stallMs: delay.max / 1e6 },
    },
  })
  report({ bench: 'past.keep.size', value: size / WALKS, unit: 'bytes/walk' })
  const index = first.keeper.of(SPACE)!
  const queries = facelike(256, LENGTH, seeded(9))
  for (const photos of [1, 3]) {
    // Near and from afar, and what several have in common.
    const vectorsOf = photos === 1 ? 2 : 2 * photos + 2
    let next = 0
    const taken = await times(() => {
      next = (next + vectorsOf) % (queries.length - vectorsOf)
      return index.search(queries.slice(next, next + vectorsOf), 0.97)
    })
    report({
      bench: `past.search.100k.${photos}`,
      value: median(taken),
      unit: 'ms',
      p99: percentile(taken, 0.99),
      detail: { photographs: photos, vectors: vectorsOf },
    })
  }
  await first.keeper[Symbol.asyncDispose]()
  await first.store[Symbol.asyncDispose]()
  const loading = performance.now()
  const second = await open()
  const opened = performance.now() - loading
  await second.keeper.ready()
  const detail = { walks: second.keeper.size, openMs: opened }
  report({ bench: 'past.load.100k', value: performance.now() - loading, unit: 'ms', detail })
  asked.hours = 0
  const sweeping = performance.now()
  await second.keeper.sweep()
  const left = second.keeper.size
  report({
    bench: 'past.destroy.100k',
    value: performance.now() - sweeping,
    unit: 'ms',
    detail: { left },
  })
  await second.keeper[Symbol.asyncDispose]()
  await second.store[Symbol.asyncDispose]()
}

function walkOf(probe: Float32Array, camera: string, at: number): Walk {
  const seen: Probe = {
    ...{ agent: 'gate-7', camera, track: `walk-${at}`, space: SPACE, shot: 0 },
    ...{ capturedAt: at, receivedAt: at, probe, quality: 0.9, box: [10, 10, 80, 80] },
    chip: new Uint8Array(0),
  }
  const walk = new Walk(seen, LENGTH)
  walk.add(seen)
  return walk
}

/** The gate's throughput, walks ending as fast as they come, with and without keeping them. */
async function benchGateKeeping(report: Report): Promise<void> {
  await withHome(async (home) => {
    const credentials = await issueMany(home, AGENTS)
    const probes = facelike(512, LENGTH, seeded(7))
    const chip = await noiseJpeg()
    const rates: Record<'off' | 'on', number[]> = { off: [], on: [] }
    for (const keep of ['off', 'on', 'on', 'off'] as const) {
      await using server = await GateProcess.start(
        home,
        10_000,
        UNLIMITED,
        undefined,
        keep === 'on',
      )
      const clients = await Promise.all(
        credentials.map((mine) => GateClient.dial(server.port, mine, SPACE)),
      )
      const window = IN_FLIGHT / AGENTS
      const run = (requests: number) =>
        Promise.all(
          clients.map((client) =>
            client.run({ window, requests: requests / AGENTS, probes, chip }),
          ),
        )
      await run(REQUESTS)
      const started = performance.now()
      await run(REQUESTS)
      rates[keep].push(REQUESTS / ((performance.now() - started) / 1000))
      await Promise.all(clients.map((client) => client.close()))
    }
    const [off, on] = [median(rates.off), median(rates.on)]
    report({
      bench: 'past.gate',
      value: on,
      unit: 'requests/s',
      baseline: 'nothing kept',
      ratio: on / off,
      detail: { off, on },
    })
  })
}
