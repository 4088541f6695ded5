import { basename, extname } from 'node:path'
import type { Models } from '@vedette/models/models'
import { systemClock } from '@vedette/shared/clock'
import { encodeEmbedding } from '@vedette/shared/embedding'
import { encodeEnvelope } from '@vedette/shared/envelope'
import { silentLog } from '@vedette/shared/log'
import { encodeMessage, type FromAgent, PROTOCOL } from '@vedette/shared/message'
import { SOFTWARE } from '@vedette/shared/software'
import { type CameraConfig, clipCamera, DEFAULT_FFMPEG } from './config.ts'
import { Lookout, type LookoutCounts } from './lookout/lookout.ts'
import { FfmpegProgram } from './sources/ffmpeg-program.ts'
import { openSource } from './sources/open.ts'

/*
 * What a replay writes is what an agent would send: envelopes, first one `hello`, then a `match` for
 * each question. Nobody answers. All clips begin at the hello's `sentAt`; `capturedAt` goes on from
 * there in scene time, so that the same clip gives the same bytes on every run.
 */

/** When every clip begins, epoch milliseconds: 2020-01-01, noon. */
export const CLIP_START = Date.UTC(2020, 0, 1, 12)

export type ReplayOptions = {
  models: Models
  /** Frames a second looked at. */
  fps: number
  /** Takes an envelope; what it resolves with is waited for. */
  write: (envelope: Uint8Array) => Promise<void>
}

/** One clip seen whole. */
export type ReplayReport = LookoutCounts & { clip: string; camera: string; seconds: number }

/** Looks at every clip as a camera of its own, as fast as it can, losing no frame of `fps`. */
export async function* replay(
  clips: readonly string[],
  options: ReplayOptions,
): AsyncGenerator<ReplayReport, void, undefined> {
  const { models, write } = options
  const cameras = cameraNames(clips)
  const hello = {
    type: 'hello',
    protocol: PROTOCOL,
    software: SOFTWARE,
    model: models.space,
  } as const
  await write(envelope({ ...hello, cameras, announce: false, sentAt: CLIP_START }))
  let seq = 0
  for (const [i, clip] of clips.entries()) {
    const [camera, config] = [cameras[i]!, clipCamera(clip, options.fps)]
    let tracks = 0
    const lookout = new Lookout(camera, config, models, () => `${camera}/${++tracks}`)
    const seconds = await watch(lookout, config, options, () => ++seq)
    yield { clip, camera, seconds, ...lookout.counts }
  }
}

/** Gives the length of the clip, seconds. */
async function watch(
  lookout: Lookout,
  config: CameraConfig,
  { write }: ReplayOptions,
  nextSeq: () => number,
): Promise<number> {
  let end = 0
  const ffmpeg = new FfmpegProgram(DEFAULT_FFMPEG, silentLog)
  const source = openSource(config, { log: silentLog, clock: systemClock, ffmpeg })
  const { signal } = new AbortController() // a replay is ended by ending the program
  for await (const { picture, sceneTime } of source.frames(signal)) {
    const frame = { picture, sceneTime, capturedAt: CLIP_START + Math.round(sceneTime) }
    for (const { space: _ofHello, probe, picture: chip, ...rest } of await lookout.look(frame)) {
      const match = { ...rest, seq: nextSeq(), probe: encodeEmbedding(probe), chip }
      await write(envelope({ type: 'match', ...match }))
    }
    end = sceneTime + 1000 / config.detect.fps
  }
  return end / 1000
}

function envelope(message: FromAgent): Buffer {
  return encodeEnvelope(encodeMessage(message))
}

/** Files by their names without folder and ending; those that share one are numbered. */
export function cameraNames(clips: readonly string[]): string[] {
  const names = clips.map((clip) => basename(clip, extname(clip)).slice(0, 100))
  return names.map((name, i) => {
    const before = names.slice(0, i).filter((other) => other === name).length
    return before === 0 ? name : `${name} (${before + 1})`
  })
}
