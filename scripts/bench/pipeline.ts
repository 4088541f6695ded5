import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { DEFAULT_FFMPEG, parseAgentConfig } from '@vedette/agent/config'
import { Lookout } from '@vedette/agent/lookout/lookout'
import { FfmpegSource } from '@vedette/agent/sources/ffmpeg'
import { FfmpegProgram } from '@vedette/agent/sources/ffmpeg-program'
import { Models } from '@vedette/models/models'
import { silentLog } from '@vedette/shared/log'
import { Deployment, signal } from '../demo/deployment.ts'
import { durationOf, EVERYBODY, makeVideo, PASSER_BY, WANTED } from '../demo/video.ts'
import { median, percentile, type Report } from './measure.ts'
import { openFaceApi } from './models.ts'

const ALERTS = 40

/** From frame to alert: how fast frames go through an agent, and how soon the control room knows. */
export async function benchPipeline(report: Report): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'vedette-bench-'))
  try {
    await benchFps(report, home)
    await benchLatency(report, home)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** A file as fast as one thread can look at it, decoding included. */
async function benchFps(report: Report, home: string): Promise<void> {
  const video = join(home, 'all.mp4')
  await makeVideo(video, EVERYBODY)
  await using models = await Models.open()
  const yaml = `server: { host: x }\ncredentials: .\ncameras: { a: { source: ${video}, motion: { enabled: false } } }`
  const config = parseAgentConfig(yaml, join(home, 'agent.yaml')).cameras.a!
  const stages = watchStages(models)
  let id = 0
  const lookout = new Lookout('a', config, models, () => `t${id++}`)
  const file = { kind: 'file', path: video, pace: 'fast', loop: false } as const
  const spent: number[] = []
  const baseline = await openFaceApi()
  const compared: number[] = []
  const started = performance.now()
  const cpu = process.cpuUsage()
  const ffmpeg = new FfmpegProgram(DEFAULT_FFMPEG, silentLog)
  const source = new FfmpegSource(file, { fps: 25, stall: 30_000, ffmpeg })
  for await (const frame of source.frames(new AbortController().signal)) {
    const begun = performance.now()
    await lookout.look(frame)
    spent.push(performance.now() - begun)
  }
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const sample = new FfmpegSource(file, { fps: 2, stall: 30_000, ffmpeg })
  for await (const { picture } of sample.frames(new AbortController().signal)) {
    const begun = performance.now()
    await baseline(picture)
    compared.push(performance.now() - begun)
  }
  const value = spent.length / seconds
  report({
    bench: 'pipeline.fps',
    value,
    unit: 'frames/s',
    baseline: 'face-api 1.7.15 on tfjs WASM, every frame, decoding not counted',
    ratio: value / (1000 / median(compared)),
    p50: percentile(spent, 0.5),
    p99: percentile(spent, 0.99),
    detail: {
      frames: spent.length,
      agentCpuMsPerFrame: (user + system) / 1000 / spent.length,
      questions: lookout.counts.questions,
      baselineMsPerFrame: median(compared),
      ...stages(spent.length),
    },
  })
}

/** Times what `models` does from here on; gives the milliseconds of each stage for each of `frames`. */
function watchStages(models: Models): (frames: number) => Record<string, number> {
  const total = { detectMsPerFrame: 0, lookMsPerFrame: 0, askMsPerFrame: 0 }
  const timed =
    <A extends unknown[], R>(stage: keyof typeof total, work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const begun = performance.now()
      const result = await work.apply(models, args)
      total[stage] += performance.now() - begun
      return result
    }
  models.detect = timed('detectMsPerFrame', models.detect)
  models.look = timed('lookMsPerFrame', models.look)
  models.probes = timed('askMsPerFrame', models.probes)
  return (frames) =>
    Object.fromEntries(Object.entries(total).map(([stage, ms]) => [stage, ms / frames]))
}

/** Server and agent as programs, somebody wanted who passes four cameras again and again. */
async function benchLatency(report: Report, home: string): Promise<void> {
  const video = join(home, 'passer-by.mp4')
  await makeVideo(video, PASSER_BY)
  const deployment = await Deployment.found(home)
  const configuration = join(home, 'server.yaml')
  const yaml = await readFile(configuration, 'utf8')
  await writeFile(configuration, yaml.replace('cooldown: 60s', 'cooldown: 1ms'))
  await using _server = await deployment.startServer()
  await deployment.vedette('enroll', WANTED.photo, '--name', WANTED.name, '--face', WANTED.face)
  const latencies: number[] = []
  const enough = signal<void>()
  await using _watch = deployment.watch(({ kind }, latencyMs) => {
    if (kind !== 'raised') return
    if (latencies.push(latencyMs) === ALERTS) enough.set()
  })
  const source = `{ kind: file, path: ${video}, loop: true }`
  const cameras = ['a', 'b', 'c', 'd'].map((name) => `  ${name}: { source: ${source} }`)
  const { agent } = await deployment.startAgent(cameras.join('\n'))
  await using running = agent
  const seconds = (ALERTS / cameras.length) * durationOf(PASSER_BY) * 3
  const late = wait(seconds * 1000).then(() => Promise.reject(new Error('too few alerts came')))
  await Promise.race([enough.promise, running.ended(), late])
  report({
    bench: 'pipeline.alert.latency',
    value: percentile(latencies, 0.5),
    unit: 'ms',
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    detail: { alerts: latencies.length, cameras: cameras.length, detectFps: 5 },
  })
}
