import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { Shrink } from '@vedette/agent/live/shrink'
import { certsLayout } from '@vedette/certs/files'
import { readServerConfig } from '@vedette/server/config'
import { readCredentials } from '@vedette/shared/credentials'
import { dialOptions } from '@vedette/shared/tls'
import { AGENT, Deployment } from '../demo/deployment.ts'
import { makeVideo, type Pan } from '../demo/video.ts'
import { benchLiveLink } from './live-link.ts'
import { facelike, median, percentile, type Report, seeded } from './measure.ts'

/** A group that stands still: it is seen, and then looked at now and then only, so that no part waits for the detector. */
const GROUP: readonly Pan[] = [{ photo: 6, width: 1100, from: 300, to: 300, top: 300, seconds: 5 }]
const TILES = 4
const FPS = 5
/** Each part is measured for so long, milliseconds, and so often, in turn: others load the machine, too. */
const [PART_MS, TURNS] = [8000, 3]
const TICKS_PER_SECOND = 100

/** Live pictures: what they cost the server and the agent, how old they are, and what questions wait for them. */
export async function benchLive(report: Report): Promise<void> {
  await benchTiles(report)
  await benchShrink(report)
  await benchLiveLink(report)
}

/** Four tiles of a real agent on a real server, each a process of its own. */
async function benchTiles(report: Report): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'vedette-bench-'))
  try {
    const video = join(home, 'group.mp4')
    await makeVideo(video, GROUP)
    const deployment = await Deployment.found(home)
    await using server = await deployment.startServer()
    const names = Array.from({ length: TILES }, (_, i) => `c${i}`)
    const cameras = names.map(
      (name) =>
        `  ${name}: { source: { kind: file, path: ${video}, loop: true }, health: { enabled: false } }`,
    )
    const { agent } = await deployment.startAgent(`${cameras.join('\n')}\nmetrics: off`)
    await using _agent = agent
    await wait(5000)
    const pids = [server.pid!, agent.pid!]
    const parts: Part[] = []
    const turns: { quiet: number[]; watched: number[] }[] = []
    for (let i = 0; i < TURNS; i++) {
      const quiet = await costs(pids, () => wait(PART_MS))
      const watched = await costs(pids, async () => {
        parts.push(...(await look(home, names)))
      })
      turns.push({ quiet, watched })
    }
    const more = (i: number) => median(turns.map((one) => one.watched[i]! - one.quiet[i]!))
    const quiet = pids.map((_, i) => median(turns.map((one) => one.quiet[i]!)))
    const [serverShare, agentShare] = [more(0), more(1)]
    const ages = parts.map(({ age }) => age)
    report({
      bench: 'live.server.4-tiles',
      value: 100 * serverShare,
      unit: `% of a core more (${serverShare <= 0.15 ? 'within' : 'BEYOND'} 15 %)`,
      detail: {
        picturesPerSecond: parts.length / ((TURNS * PART_MS) / 1000),
        bytesPerPicture: median(parts.map(({ bytes }) => bytes)),
        quietPercent: 100 * quiet[0]!,
      },
    })
    report({
      bench: 'live.agent.4-tiles',
      value: 100 * agentShare,
      unit: '% of a core more',
      detail: { quietPercent: 100 * quiet[1]! },
    })
    report({
      bench: 'live.age',
      value: median(ages),
      unit: 'ms from the camera to whoever looks',
      p50: median(ages),
      p99: percentile(ages, 0.99),
    })
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

type Part = { bytes: number; age: number }

/** Looks through all of them for a while, as a console does. */
async function look(home: string, names: readonly string[]): Promise<Part[]> {
  const folder = certsLayout(home).credentials({ role: 'operator', name: 'admin' })
  const credentials = await readCredentials(folder)
  const { desk } = await readServerConfig(home)
  const cameras = names.map((name) => `${AGENT}/${name}`).join(',')
  const asked = request({
    ...dialOptions(credentials, { role: 'server' }),
    ...{ host: '127.0.0.1', port: desk.port, path: `/api/live?cameras=${cameras}&fps=${FPS}` },
  })
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.once('response', resolve).once('error', reject).end()
  })
  const parts: Part[] = []
  let held = Buffer.alloc(0)
  const until = Date.now() + PART_MS
  for await (const chunk of answer) {
    held = Buffer.concat([held, chunk as Buffer])
    while (held.length >= 8) {
      const [head, bytes] = [held.readUInt32BE(0), held.readUInt32BE(4)]
      if (held.length < 8 + head + bytes) break
      const said = JSON.parse(held.subarray(8, 8 + head).toString())
      if (said.kind === 'picture') parts.push({ bytes, age: Date.now() - said.capturedAt })
      held = held.subarray(8 + head + bytes)
    }
    if (Date.now() >= until) break
  }
  asked.destroy()
  return parts
}

/** Shares of a core that processes take while `work` lasts. */
async function costs(pids: readonly number[], work: () => Promise<unknown>): Promise<number[]> {
  const before = await Promise.all(pids.map(cpuSeconds))
  const started = performance.now()
  await work()
  const seconds = (performance.now() - started) / 1000
  const after = await Promise.all(pids.map(cpuSeconds))
  return after.map((value, i) => (value - before[i]!) / seconds)
}

/** Source: proc(5), /proc/PID/stat, fields 14 and 15. */
async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** What making a picture small costs the agent, all its threads together. */
async function benchShrink(report: Report): Promise<void> {
  for (const [width, height] of [
    [1920, 1080],
    [640, 360],
  ] as const) {
    const [vector] = facelike(1, 512, seeded(3))
    const data = Uint8Array.from({ length: width * height * 3 }, (_, i) =>
      Math.round(110 + 60 * Math.sin(i / 977) + 400 * vector![i % 512]!),
    )
    const shrink = new Shrink()
    await shrink.jpeg({ width, height, data }, 640)
    const runs = 60
    const { user, system } = process.cpuUsage()
    const started = performance.now()
    let bytes = 0
    for (let i = 0; i < runs; i++) bytes = (await shrink.jpeg({ width, height, data }, 640))!.length
    const used = process.cpuUsage({ user, system })
    report({
      bench: `live.jpeg.${height}p`,
      value: (used.user + used.system) / 1000 / runs,
      unit: 'ms of CPU a picture of 640',
      detail: { wallMs: (performance.now() - started) / runs, bytes },
    })
  }
}
