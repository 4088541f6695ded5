import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { clipCamera, DEFAULT_FFMPEG } from '@vedette/agent/config'
import { CameraHealth, type TroubleReport } from '@vedette/agent/health/health'
import { FfmpegProgram, findFfmpeg } from '@vedette/agent/sources/ffmpeg-program'
import { openSource } from '@vedette/agent/sources/open'
import { systemClock } from '@vedette/shared/clock'
import { silentLog } from '@vedette/shared/log'
import type { TroubleKind } from '@vedette/shared/message'
import { median, type Report } from './measure.ts'

const DATA =
  process.env.VEDETTE_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url))
const FPS = 5
/** Every clip is looped for so long; what is wrong with it begins and ends in it, seconds. */
const [LENGTH, BEGINS, ENDS] = [60, 25, 42]
/** No trouble may be told later than this after it began, milliseconds. */
const LIMIT_MS = 10_000

const DURING = `enable='between(t,${BEGINS},${ENDS})'`
const over = (made: string) => `split[a][b];[b]${made}[c];[a][c]overlay=shortest=1:${DURING}`

/** One frame, again and again. */
const FREEZE = over(`trim=start=${BEGINS}:duration=0.03,loop=-1:1,setpts=N/30/TB`)

/** What ffmpeg does to a clip, and what that is to be called. */
const FAULTS: Record<string, { filter: string; kind?: TroubleKind; exact?: true }> = {
  clean: { filter: 'null' },
  'light switched off and on': { filter: `eq=brightness=-0.12:gamma=0.7:${DURING}` },
  black: { filter: `drawbox=t=fill:color=black:${DURING}`, kind: 'dark' },
  covered: { filter: `drawbox=t=fill:color=0x6a5a50:${DURING}`, kind: 'covered' },
  blurred: { filter: `gblur=sigma=6:${DURING}`, kind: 'blurred' },
  'blurred a little': { filter: `gblur=sigma=3:${DURING}`, kind: 'blurred' },
  'turned by a fifth': {
    filter: over('crop=iw*0.8:ih:iw*0.2:0,pad=iw/0.8:ih:0:0:0x808080'),
    kind: 'moved',
  },
  'zoomed in': {
    filter: over('crop=iw*0.7:ih*0.7:iw*0.3:ih*0.3,scale=iw/0.7:ih/0.7'),
    kind: 'moved',
  },
  frozen: { filter: FREEZE, kind: 'frozen', exact: true },
  'frozen, encoded anew': { filter: FREEZE, kind: 'frozen' },
}

/**
 * What is noticed of broken cameras, on clips of the development data that ffmpeg breaks for a while:
 * how long it takes until it is told, what else is told, and what the look costs.
 */
export async function benchHealth(report: Report): Promise<void> {
  const clips = await developmentClips()
  if (clips.length === 0) {
    process.stderr.write(`bench health needs the clips of ${DATA}: left out\n`)
    return
  }
  const folder = await mkdtemp(join(tmpdir(), 'vedette-bench-'))
  try {
    const costs: number[] = []
    for (const [name, { filter, kind, exact = false }] of Object.entries(FAULTS)) {
      const seen = []
      for (const [i, clip] of clips.entries()) {
        const file = join(folder, `${i}.mkv`)
        await breakClip(clip, file, filter, exact)
        seen.push(await lookAt(file, kind))
        costs.push(...seen.at(-1)!.costs)
      }
      const told = seen.flatMap(({ afterMs }) => (afterMs === undefined ? [] : [afterMs]))
      const inTime = told.filter((ms) => ms <= LIMIT_MS)
      report({
        bench: `health.${name.replaceAll(/\W+/g, '-')}`,
        value:
          kind === undefined
            ? seen.reduce((sum, one) => sum + one.others.length, 0)
            : inTime.length,
        unit:
          kind === undefined
            ? `false events of ${clips.length} clips`
            : `of ${clips.length} clips told as ${kind} in ${LIMIT_MS / 1000} s`,
        detail: {
          ...(told.length > 0 && {
            medianSeconds: median(told) / 1000,
            longestSeconds: Math.max(...told) / 1000,
          }),
          ended: seen.filter((one) => one.ended).length,
          others: seen.flatMap((one) => one.others).join(' ') || 'none',
        },
      })
    }
    report({
      bench: 'health.cost',
      value: median(costs),
      unit: 'ms a frame at 640 × 360 or so, looked at twice a second',
      detail: { percentOfACore: (median(costs) * 2) / 10, slowest: Math.max(...costs) },
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function developmentClips(): Promise<string[]> {
  const videos = join(DATA, 'videos')
  if (!existsSync(videos)) return []
  const found = await readdir(videos, { recursive: true })
  return found
    .filter((name) => /\.(mp4|mkv)$/.test(name))
    .sort()
    .map((name) => join(videos, name))
}

/** `exact`: what is alike in the filter's output is alike in the file. */
async function breakClip(
  clip: string,
  file: string,
  filter: string,
  exact: boolean,
): Promise<void> {
  const graph = `fps=30,scale=640:-2,${filter},format=yuv420p`
  const codec = exact
    ? ['-c:v', 'mjpeg', '-q:v', '4']
    : ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '23', '-g', '60']
  const args = [
    ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-y'],
    ...['-stream_loop', '-1', '-t', String(LENGTH), '-i', clip, '-t', String(LENGTH)],
    ...['-an', '-vf', graph, ...codec, file],
  ]
  const child = spawn(findFfmpeg(), args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`)
}

type Seen = {
  /** Until it was told, milliseconds of the scene. */
  afterMs: number | undefined
  ended: boolean
  /** What was told that was not there. */
  others: string[]
  costs: number[]
}

async function lookAt(file: string, kind: TroubleKind | undefined): Promise<Seen> {
  const config = clipCamera(file, FPS)
  const told: TroubleReport[] = []
  const costs: number[] = []
  const health = new CameraHealth({
    ...config.health,
    clock: systemClock,
    patient: true,
    report: (trouble) => told.push(trouble),
  })
  const { signal } = new AbortController()
  let judged = Number.NEGATIVE_INFINITY
  const ffmpeg = new FfmpegProgram(DEFAULT_FFMPEG, silentLog)
  const source = openSource(config, { log: silentLog, clock: systemClock, ffmpeg })
  for await (const { picture, sceneTime } of source.frames(signal)) {
    const started = performance.now()
    health.see({ picture, sceneTime, capturedAt: 1 + Math.round(sceneTime) })
    if (sceneTime - judged >= 500) {
      costs.push(performance.now() - started)
      judged = sceneTime
    }
  }
  await health.stop()
  const begun = told.filter(({ over: ended }) => !ended)
  const right = begun.find((one) => one.kind === kind && one.at >= BEGINS * 1000)
  return {
    afterMs: right && right.at - BEGINS * 1000,
    ended:
      right !== undefined && told.some((one) => one.kind === kind && one.over && one.at > right.at),
    others: begun
      .filter((one) => one !== right)
      .map((one) => `${one.kind}@${Math.round(one.at / 1000)}`),
    costs,
  }
}
