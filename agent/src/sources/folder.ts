import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodePicture, type Picture } from '@vedette/models/picture'
import { type Clock, systemClock } from '@vedette/shared/clock'
import { codeOf, Unavailable } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Frame, Source } from '../frame.ts'

const PICTURES = /\.(jpe?g|png|webp)$/i
/** Pictures of a folder are taken to be this far apart, so that none is part of another's walk. */
const SCENE_STEP_MS = 60_000

/** Every picture of a folder once, in the order of their names. Unreadable ones are passed over. */
export class FolderSource implements Source {
  readonly patient = true
  readonly finite = true
  readonly #path: string
  readonly #every: number
  readonly #log: Log
  readonly #clock: Clock

  constructor(path: string, every: number, log: Log, clock: Clock = systemClock) {
    this.#path = path
    this.#every = every
    this.#log = log
    this.#clock = clock
  }

  async *frames(signal: AbortSignal): AsyncGenerator<Frame, void, undefined> {
    const names = await readdir(this.#path).catch((cause) => {
      throw new Unavailable('camera.not-found', `cannot read folder ${this.#path}`, { cause })
    })
    for (const [i, name] of names
      .filter((file) => PICTURES.test(file))
      .sort()
      .entries()) {
      if (signal.aborted) return
      const picture = await this.#read(join(this.#path, name))
      if (picture === undefined) continue
      yield { picture, capturedAt: this.#clock.now(), sceneTime: i * SCENE_STEP_MS }
      if (this.#every > 0) await this.#clock.sleep(this.#every, signal).catch(() => {})
    }
  }
  async #read(file: string): Promise<Picture | undefined> {
    try {
      return await decodePicture(await readFile(file))
    } catch (error) {
      this.#log.warn({ code: codeOf(error), file }, 'picture.unreadable')
      return undefined
    }
  }
}
