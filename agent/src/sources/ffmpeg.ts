import type { Picture } from '@vedette/models/picture'
import { type Clock, systemClock, type Timer } from '@vedette/shared/clock'
import { Unavailable } from '@vedette/shared/errors'
import type { Frame, Source } from '../frame.ts'
import { Child } from './child.ts'
import { type FfmpegInput, type FfmpegSourceConfig, ffmpegInput } from './ffmpeg-input.ts'
import type { Launcher } from './ffmpeg-program.ts'
import { PpmReader } from './ppm.ts'

export type FfmpegOptions = {
  /** Frames a second wanted, at most. */
  fps: number
  /** No frame for this long is a stall, milliseconds. */
  stall: number
  ffmpeg: Launcher
  clock?: Clock
}

/** Longest picture side that is let through, pixels; larger streams are scaled down. */
const LONGEST_SIDE = 1920
/** Lines that describe a stream, at most. */
const MOST_LINES = 300
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
    const { fps, ffmpeg } = this.#options
    const input = ffmpegInput(this.#config)
    const { program, args } = await ffmpeg.command(input.needs, ffmpegArguments(input, fps))
    if (signal.aborted) return
    await using child = new Child(program, args, { script: input.script })
    const watchdog = new Watchdog(child, this.#options.stall, signal, this.#clock)
    try {
      let count = 0
      for await (const picture of pictures(child)) {
        watchdog.rest()
        const sceneTime = (count++ * 1000) / fps
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
    if (watchdog.barked) throw stalled(this.#options.stall, this.#complaintsOf(child))
    const { code } = await child.exit()
    if (code !== 0) throw died(this.#complaintsOf(child), code)
  }

  /** What the child wrote, without the user names and passwords in addresses: it is logged. */
  #complaintsOf(child: Child): string {
    const name = 'url' in this.#config ? this.#config.url : 'pipe:0'
    return child.complaints.replaceAll('pipe:0', () => name).replaceAll(/\/\/[^\s/]*@/g, '//')
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
        child.kill() // it may be stopped: then it would not hear anything else
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
export function ffmpegArguments({ args, paced }: FfmpegInput, fps: number): string[] {
  const fit = `scale='min(${LONGEST_SIDE},iw)':'min(${LONGEST_SIDE},ih)':force_original_aspect_ratio=decrease`
  return [
    ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'warning', ...args],
    ...['-map', '0:v:0', '-an', '-sn', '-dn', '-vf', [...paced(fps), fit].join(',')],
    ...[
      '-fps_mode',
      'passthrough',
      '-c:v',
      'ppm',
      '-pix_fmt',
      'rgb24',
      '-f',
      'image2pipe',
      '-flush_packets',
      '1',
      'pipe:1',
    ],
  ]
}

/** The line in which ffmpeg describes the video of a source; undefined where it finds none. */
export async function describeStream(
  config: FfmpegSourceConfig,
  ffmpeg: Launcher,
  patience: number,
): Promise<string | undefined> {
  const { needs, args, script } = ffmpegInput(config)
  const probe = ['-hide_banner', '-nostdin', ...args, '-t', '0', '-f', 'null', '-']
  const command = await ffmpeg.command(needs, probe)
  await using child = new Child(command.program, command.args, { script, keep: MOST_LINES })
  const late = setTimeout(() => child.kill(), patience)
  await child.ended()
  clearTimeout(late)
  return /Stream #0:.*?Video: (.*)/.exec(child.complaints)?.[1]
}

function stalled(ms: number, complaints: string): Unavailable {
  return new Unavailable('camera.stalled', `no picture for ${ms} ms`, {
    cause: complaints || undefined,
    hint: 'is the camera on, and is the network between up?',
  })
}

function died(complaints: string, code: number | null): Unavailable {
  const reason = MISSING.test(complaints) ? 'camera.not-found' : 'camera.died'
  const last = complaints.split('\n').at(-1) ?? ''
  return new Unavailable(reason, `ffmpeg ended with ${code ?? 'a signal'}: ${last}`, {
    cause: complaints || undefined,
    hint: 'is the address right, and does the camera take the user name and password?',
  })
}
