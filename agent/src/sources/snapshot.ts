import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodePicture, type Picture } from '@vedette/models/picture'
import { type Clock, systemClock } from '@vedette/shared/clock'
import { messageOf, Unavailable } from '@vedette/shared/errors'
import type { Frame, Source } from '../frame.ts'

/** Takes one picture and hands over its JPEG bytes. */
export type Shutter = () => Promise<Uint8Array>

export type SnapshotOptions = {
  /** From one picture to the next, milliseconds. */
  every: number
  /** No picture for this long is a stall, milliseconds. */
  stall: number
}

/** One picture at a time, for cameras that ffmpeg cannot open. */
export class SnapshotSource implements Source {
  readonly patient = false
  readonly finite = false
  readonly #shutter: Shutter
  readonly #options: SnapshotOptions
  readonly #clock: Clock

  constructor(shutter: Shutter, options: SnapshotOptions, clock: Clock = systemClock) {
    this.#shutter = shutter
    this.#options = options
    this.#clock = clock
  }

  async *frames(signal: AbortSignal): AsyncGenerator<Frame, void, undefined> {
    while (!signal.aborted) {
      const capturedAt = this.#clock.now()
      const bytes = await this.#shoot(signal)
      if (bytes === undefined) return
      yield { picture: await decode(bytes), capturedAt, sceneTime: capturedAt }
      const rest = Math.max(0, capturedAt + this.#options.every - this.#clock.now())
      await this.#clock.sleep(rest, signal).catch(() => {})
    }
  }

  /** What the shutter gives; undefined when the signal aborts first. */
  async #shoot(signal: AbortSignal): Promise<Uint8Array | undefined> {
    const { stall } = this.#options
    let release = () => {}
    const cut = new Promise<undefined>((resolve, reject) => {
      const timer = this.#clock.after(stall, () => reject(stalled(stall)))
      const stop = () => resolve(undefined)
      signal.addEventListener('abort', stop)
      release = () => {
        timer.cancel()
        signal.removeEventListener('abort', stop)
      }
    })
    try {
      return await Promise.race([this.#shutter(), cut])
    } finally {
      release()
    }
  }
}

/** A picture that is damaged is one frame lost, not a camera that is wrong. */
function decode(bytes: Uint8Array): Promise<Picture> {
  return decodePicture(bytes).catch((cause) => {
    throw new Unavailable('camera.bad-frames', `not a usable picture: ${messageOf(cause)}`, {
      cause,
    })
  })
}

function stalled(ms: number): Unavailable {
  return new Unavailable('camera.stalled', `no picture for ${ms} ms`, {
    hint: 'is the camera plugged in, and does no other program use it?',
  })
}

type Webcam = {
  create(options: Record<string, unknown>): {
    capture(name: string, done: (error: Error | null) => void): void
  }
}

/**
 * The shutter of node-webcam: fswebcam on Linux, imagesnap on macOS, CommandCam on Windows. It is a
 * shell that runs them: `device` must be a plain name.
 */
export function webcamShutter(device: string | undefined): Shutter {
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vedette-snapshot-'))
    try {
      const file = join(folder, 'shot.jpg')
      await capture(device, file)
      return await readFile(file)
    } catch (cause) {
      if (cause instanceof Unavailable) throw cause
      const camera = device ?? 'the first camera'
      throw new Unavailable('camera.not-found', `no snapshot from ${camera}: ${messageOf(cause)}`, {
        cause,
        hint: 'is it plugged in, and fswebcam installed? apt-get install fswebcam',
      })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

function capture(device: string | undefined, file: string): Promise<void> {
  const webcam = loadWebcam().create({
    output: 'jpeg',
    saveShots: false,
    device: device ?? false,
    quality: 90,
    verbose: false,
  })
  return new Promise((resolve, reject) => {
    webcam.capture(file, (error) => (error ? reject(error) : resolve()))
  })
}

function loadWebcam(): Webcam {
  try {
    return createRequire(import.meta.url)('node-webcam') as Webcam
  } catch (cause) {
    throw new Unavailable('camera.not-found', 'the package node-webcam is not installed', {
      cause,
      hint: 'set the camera up with ffmpeg: source: /dev/video0',
    })
  }
}
