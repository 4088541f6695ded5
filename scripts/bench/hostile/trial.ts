import { setTimeout as wait } from 'node:timers/promises'
import { watch } from '@vedette/agent/camera/watch'
import { FfmpegSource } from '@vedette/agent/sources/ffmpeg'
import type { Launcher } from '@vedette/agent/sources/ffmpeg-program'
import { systemClock } from '@vedette/shared/clock'
import { codeOf } from '@vedette/shared/errors'
import type { Kind } from './kind.ts'
import { openPlace } from './place.ts'
import type { Watch } from './processes.ts'
import { type Stage, subjectOf } from './stage.ts'

/** What a camera loop made of a hostile source, and of the good one that came in its place. */
export type Outcome = {
  name: string
  /** Codes of the faults that were met. */
  codes: string[]
  /** Pictures of the hostile source. */
  pictures: number
  /** From the moment the source was good to its first picture, milliseconds; undefined: never. */
  recoveredMs: number | undefined
  /** Of the largest ffmpeg that it took. */
  peakBytes: number
  /** What nobody may read was shown. */
  leaked: boolean
  /** What ended the loop, which nothing may. */
  thrown: string | undefined
}

export type TrialOptions = {
  folder: string
  ffmpeg: Launcher
  processes: Watch
  stall: number
  /** The source is hostile for this long, milliseconds. */
  hostileMs: number
  /** What is waited for is waited for this long, milliseconds. */
  patienceMs: number
}

const FPS = 5

/** Lets a camera loop meet a hostile source, makes that good, and tells what became of it. */
export async function tryKind(kind: Kind, stage: Stage, options: TrialOptions): Promise<Outcome> {
  const { name } = kind
  await using place = await openPlace(kind, stage, options.folder)
  const ffmpeg = tagged(options.ffmpeg, name)
  const source = new FfmpegSource(place.config, { fps: FPS, stall: options.stall, ffmpeg })
  const stop = new AbortController()
  const codes = new Set<string>()
  let [pictures, leaked, goodAt] = [0, false, 0]
  const frames = watch(source, stop.signal, {
    clock: systemClock,
    random: Math.random,
    onOpen: () => {},
    onFault: (error) => codes.add(error === undefined ? 'camera.ended' : codeOf(error)),
    onSkip: () => {},
  })
  const looking = (async () => {
    for await (const { picture } of frames) {
      const subject = subjectOf(picture)
      if (subject === 'good') goodAt = Date.now()
      else pictures++
      leaked ||= subject === 'forbidden'
    }
  })()
  const ended = looking.then(() => undefined, codeOf)
  const within = (condition: () => boolean) => until(condition, options.patienceMs)
  let turnedAt: number
  if (kind.of === 'process') {
    await within(() => goodAt > 0)
    turnedAt = Date.now()
    for (const pid of options.processes.pidsOf(name)) process.kill(pid, kind.signal)
    await within(() => codes.size > 0)
  } else {
    await wait(options.hostileMs)
    await within(() => pictures > 0 || (codes.size > 0 && !kind.pictures))
    await place.turnGood?.(pictures > 0)
    turnedAt = Date.now()
  }
  const since = Date.now()
  const recovered = kind.of !== 'device' && (await within(() => goodAt > since))
  stop.abort()
  return {
    ...{ name, codes: [...codes], pictures, leaked, thrown: await ended },
    recoveredMs: recovered ? goodAt - turnedAt : undefined,
    peakBytes: options.processes.peaks.get(name) ?? 0,
  }
}

/** Marks each command, so that its process can be found among others. */
function tagged(ffmpeg: Launcher, name: string): Launcher {
  return {
    command: (needs, args) => {
      const mark = ['-metadata', `tag=${name}`]
      return ffmpeg.command(needs, [...args.slice(0, -1), ...mark, ...args.slice(-1)])
    },
  }
}

async function until(condition: () => boolean, patienceMs: number): Promise<boolean> {
  const deadline = Date.now() + patienceMs
  while (!condition()) {
    if (Date.now() > deadline) return false
    await wait(50)
  }
  return true
}

/** What is wrong with an outcome, in words; nothing where all is as it must be. */
export function wrongWith(
  kind: Kind,
  outcome: Outcome,
  most: { recoveryMs: number; bytes: number },
) {
  const { codes, pictures, recoveredMs, peakBytes, leaked, thrown } = outcome
  const strange = codes.filter((code) => !code.startsWith('camera.'))
  return [
    ...(thrown === undefined ? [] : [`the loop ended with ${thrown}`]),
    ...(leaked ? ['a forbidden picture was shown'] : []),
    ...(strange.length === 0 ? [] : [`faults without a name: ${strange.join(', ')}`]),
    ...(codes.length === 0 && pictures === 0 ? ['neither a picture nor a fault'] : []),
    ...(kind.pictures && pictures === 0 ? ['no picture, though some could be shown'] : []),
    ...(peakBytes > most.bytes ? [`ffmpeg had ${Math.round(peakBytes / 1e6)} MB`] : []),
    // A file that plays is played on, whatever came in its place.
    ...(kind.of === 'device' ||
    (kind.of === 'file' && pictures > 0) ||
    (recoveredMs !== undefined && recoveredMs <= most.recoveryMs)
      ? []
      : [`recovered after ${recoveredMs ?? 'never'} ms`]),
  ]
}
