import { accessSync, constants, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import type { Picture } from '@vedette/models/picture'
import { type Clock, systemClock, type Timer } from '@vedette/shared/clock'
import { Unavailable } from '@vedette/shared/errors'
import { Child } from '../child.ts'
import type { SourceConfig } from '../config.ts'
import type { Frame, Source } from '../frame.ts'
import { PpmReader } from './ppm.ts'

export type FfmpegSourceConfig = Extract<
  SourceConfig,
  { kind: 'rtsp' | 'mjpeg' | 'device' | 'file' }
>

export type FfmpegOptions = {
  /** Frames a second wanted, at most. */
  fps: number
  /** No frame for this long is a stall, milliseconds. */
  stall: number
  program?: string
  clock?: Clock
}

/** Longest picture side that is let through, pixels; larger streams are scaled down. */
const LONGEST_SIDE = 1920
/** What ffmpeg says of a source that is not there, or not for us. */
const MISSING =
  /No such file or directory|Connection refused|No route|resolve hostname|\b40[134]\b|Unauthorized/i

/** Frames from anything ffmpeg can open, in one child process. */
export class FfmpegSource implements Source {
  readonly #config: FfmpegSourceConfig
  readonly #options: FfmpegOptions
  readonly #clock: Clock

  constructor(config: FfmpegSourceConfig, options: FfmpegOptions) {
    this.#config = config
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  get patient(): boolean {
    return this.#config.kind === 'file' && this.#config.pace === 'fast'
  }

  get finite(): boolean {
    return this.#config.kind === 'file' && !this.#config.loop
  }

  async *frames(signal: AbortSignal): AsyncGenerator<Frame, void, undefined> {
    const program = this.#options.program ?? findFfmpeg()
    await using child = new Child(program, ffmpegArguments(this.#config, this.#options.fps))
    const watchdog = new Watchdog(child, this.#options.stall, signal, this.#clock)
    try {
      let count = 0
      for await (const picture of pictures(child)) {
        watchdog.rest()
        const sceneTime = (count++ * 1000) / this.#options.fps
        const capturedAt = this.#clock.now()
        yield { picture, capturedAt, sceneTime: this.patient ? sceneTime : capturedAt }
        watchdog.feed()
      }
    } catch (error) {
      if (!watchdog.barked && !signal.aborted) throw error // else it is the watchdog's own doing
    } finally {
      watchdog.stop()
    }
    if (signal.aborted) return
    if (watchdog.barked) throw stalled(this.#options.stall, child)
    const { code } = await child.exit()
    if (code !== 0) throw died(child, code)
  }
}

async function* pictures(child: Child): AsyncGenerator<Picture, void, undefined> {
  const reader = new PpmReader()
  for await (const chunk of child.output as AsyncIterable<Uint8Array>) yield* reader.push(chunk)
}

/** Ends a child's output when nobody fed it in time, or when the signal says so. */
class Watchdog {
  readonly #release: () => void
  readonly #wait: () => Timer
  #timer: Timer
  barked = false

  constructor(child: Child, patience: number, signal: AbortSignal, clock: Clock) {
    const end = () => child.output.destroy()
    this.#wait = () =>
      clock.after(patience, () => {
        this.barked = true
        end()
      })
    this.#timer = this.#wait()
    this.#release = () => signal.removeEventListener('abort', end)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  }

  feed(): void {
    this.#timer.cancel()
    this.#timer = this.#wait()
  }

  /** Nobody is late until it is fed again: we are not asking. */
  rest(): void {
    this.#timer.cancel()
  }

  stop(): void {
    this.#timer.cancel()
    this.#release()
  }
}

/** Command-line arguments that make ffmpeg write the source as PPM pictures. */
export function ffmpegArguments(config: FfmpegSourceConfig, fps: number): string[] {
  const fit = `scale='min(${LONGEST_SIDE},iw)':'min(${LONGEST_SIDE},ih)':force_original_aspect_ratio=decrease`
  return [
    ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'warning'],
    ...inputArguments(config),
    ...['-map', '0:v:0', '-an', '-sn', '-dn', '-vf', `fps=${fps},${fit}`],
    ...['-c:v', 'ppm', '-pix_fmt', 'rgb24', '-f', 'image2pipe', '-flush_packets', '1', 'pipe:1'],
  ]
}

/** Command-line arguments that make ffmpeg describe the source on standard error and end. */
export function ffmpegProbeArguments(config: FfmpegSourceConfig): string[] {
  return ['-hide_banner', '-nostdin', ...inputArguments(config), '-t', '0', '-f', 'null', '-']
}

function inputArguments(config: FfmpegSourceConfig): string[] {
  const live = ['-fflags', 'nobuffer', '-flags', 'low_delay']
  switch (config.kind) {
    case 'rtsp':
      return [...live, '-rtsp_transport', config.transport, '-timeout', '8000000', '-i', config.url]
    case 'mjpeg': {
      // The stream carries no times: without these ffmpeg takes it for 25 frames a second.
      const timed = ['-use_wallclock_as_timestamps', '1']
      return [...live, ...timed, '-rw_timeout', '8000000', '-i', config.url]
    }
    case 'device':
      return ['-f', 'v4l2', ...(config.size ? ['-video_size', config.size] : []), '-i', config.path]
    case 'file': {
      const pace = config.pace === 'realtime' ? ['-re'] : []
      const loop = config.loop ? ['-stream_loop', '-1'] : []
      return [...pace, ...loop, '-i', `file:${config.path}`]
    }
  }
}

/** ffmpeg from PATH, else from the package ffmpeg-static where it brought one. */
export function findFfmpeg(path = process.env.PATH ?? ''): string {
  const onPath = path.split(delimiter).map((folder) => join(folder, 'ffmpeg'))
  const found = [...onPath, packaged()].find((file) => file !== undefined && isProgram(file))
  if (found !== undefined) return found
  throw new Unavailable('camera.ffmpeg-missing', 'no ffmpeg on this machine', {
    hint: 'install it: apt-get install ffmpeg',
  })
}

function packaged(): string | undefined {
  try {
    return createRequire(import.meta.url)('ffmpeg-static') as string
  } catch {
    return undefined
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

function stalled(ms: number, child: Child): Unavailable {
  return new Unavailable('camera.stalled', `no picture for ${ms} ms`, {
    cause: complaintsOf(child) || undefined,
    hint: 'is the camera on, and is the network between up?',
  })
}

function died(child: Child, code: number | null): Unavailable {
  const complaints = complaintsOf(child)
  const reason = MISSING.test(complaints) ? 'camera.not-found' : 'camera.died'
  const last = complaints.split('\n').at(-1) ?? ''
  return new Unavailable(reason, `ffmpeg ended with ${code ?? 'a signal'}: ${last}`, {
    cause: complaints || undefined,
    hint: 'is the address right, and does the camera take the user name and password?',
  })
}

/** What the child wrote, without the user names and passwords in addresses: it is logged. */
function complaintsOf(child: Child): string {
  return child.complaints.replaceAll(/\/\/[^\s/]*@/g, '//')
}
