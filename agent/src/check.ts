import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Face, Models } from '@vedette/models/models'
import { encodeJpeg, type Picture } from '@vedette/models/picture'
import { weakest } from '@vedette/models/quality'
import type { Clock } from '@vedette/shared/clock'
import { codeOf, Fault, messageOf, Unavailable } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import { mask } from './camera/mask.ts'
import type { CameraConfig } from './config.ts'
import { COARSE_INPUT, closerInputs } from './lookout/sweep.ts'
import { outline } from './outline.ts'
import { describeStream } from './sources/ffmpeg.ts'
import type { FfmpegProgram } from './sources/ffmpeg-program.ts'
import { openSource } from './sources/open.ts'

const FRAMES = 10
const PATIENCE_MS = 20_000
const GREEN = [64, 220, 96] as const
const AMBER = [250, 180, 40] as const

type Around = { log: Log; clock: Clock; ffmpeg: FfmpegProgram }

/** What was found out about one camera. */
export type CameraReport = {
  camera: string
  ok: boolean
  code?: string
  message?: string
  hint?: string
  /** Which ffmpeg opens it, and in what, where one does. */
  ffmpeg?: string
  /** As the stream says of itself, where ffmpeg opens it. */
  stream?: string
  width?: number
  height?: number
  /** Frames a second as they arrived here. */
  fps?: number
  faces?: { eyeDistance: number; score: number; quality: number; weakest: string }[]
  /** The last frame, with the faces outlined. */
  picture?: string
}

/** Opens a camera, looks at a few frames, and saves one with the faces outlined in `folder`. */
export async function checkCamera(
  camera: string,
  config: CameraConfig,
  models: Models,
  options: { folder: string } & Around,
): Promise<CameraReport> {
  const report: CameraReport = { camera, ok: false }
  try {
    Object.assign(report, await describe(config, options.ffmpeg))
    const seen = await look(config, models, options)
    const file = join(options.folder, `${camera}.jpg`)
    await mkdir(options.folder, { recursive: true })
    await writeFile(file, await encodeJpeg(drawn(seen.picture, seen.faces, config)))
    const { width, height } = seen.picture
    return {
      ...report,
      ok: true,
      width,
      height,
      fps: seen.fps,
      faces: seen.faces.map(({ score, quality }) => ({
        eyeDistance: Math.round(quality.eyeDistance),
        score: round(score),
        quality: round(quality.overall),
        weakest: weakest(quality),
      })),
      picture: file,
    }
  } catch (error) {
    const hint = error instanceof Fault ? error.hint : undefined
    const detail = error instanceof Error && typeof error.cause === 'string' ? error.cause : ''
    const message = [messageOf(error), detail].filter(Boolean).join('\n')
    return { ...report, code: codeOf(error), message, ...(hint && { hint }) }
  }
}

/** The frame with the most faces out of the first few. */
async function look(
  config: CameraConfig,
  models: Models,
  around: Around,
): Promise<{ picture: Picture; faces: Face[]; fps: number }> {
  const stop = AbortSignal.timeout(PATIENCE_MS)
  let best: { picture: Picture; faces: Face[] } | undefined
  let [count, first, last] = [0, 0, 0]
  for await (const { picture } of openSource(config, around).frames(stop)) {
    mask(picture, config.mask)
    const inputs = [...closerInputs(picture, config), config.detect.input, COARSE_INPUT]
    const found = await models.detect(picture, { inputs, minScore: config.detect.minScore })
    const faces = await models.look(picture, found)
    if (best === undefined || faces.length >= best.faces.length) best = { picture, faces }
    last = around.clock.now()
    if (count++ === 0) first = last
    if (count >= FRAMES) break
  }
  if (best === undefined) throw new Unavailable('camera.ended', 'the source gave no picture')
  const fps = last > first ? round(((count - 1) * 1000) / (last - first)) : 0
  return { ...best, fps }
}

function drawn(picture: Picture, faces: readonly Face[], config: CameraConfig): Picture {
  const copy = { ...picture, data: Uint8Array.from(picture.data) }
  for (const { box, quality } of faces)
    outline(copy, box, quality.overall >= config.ask.minQuality ? GREEN : AMBER)
  return copy
}

/** What ffmpeg says of the stream, where that opens it. */
async function describe(
  { source }: CameraConfig,
  ffmpeg: FfmpegProgram,
): Promise<Pick<CameraReport, 'ffmpeg' | 'stream'>> {
  if (source.kind === 'folder' || source.kind === 'snapshot') return {}
  const { version, jail } = await ffmpeg.facts()
  const stream = await describeStream(source, ffmpeg, PATIENCE_MS)
  const where = jail === 'none' ? 'in no jail: install bubblewrap' : `in ${jail}`
  return { ffmpeg: `${version}, ${where}`, ...(stream !== undefined && { stream }) }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
